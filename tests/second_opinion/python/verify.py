"""
Has openbadgeslib and openvc say whether they accept each case: `verify.py FOLDER INSTANT`.

FOLDER holds `served.json`, the web as it stands, and `cases/`: NAME.json, NAME.jwt or NAME.png, and
beside it NAME.served.json where that case's web differs. Nothing else is fetched. INSTANT is when
it is verified, as in 2026-06-01T12:00:00Z. Contexts come from the folder that MICROCRED_STANDARDS
names.

Prints a line of JSON for each case and verifier: {name, verifier, accepted, reason}. `accepted` is
null where the verifier does not read that kind of document. README.md says who checks what.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
import time_machine
from jwt.algorithms import RSAAlgorithm
from openbadgeslib.ob3 import OB3LdpVerifier, OB3Verifier
from openbadgeslib.ob3.status import check_credential_status as check_bit
from openvc import VerificationPolicy, verify_credential
from openvc.did.base import DidResolverRegistry
from openvc.did.did_web import DidWebResolver
from openvc.resolvers import default_status_list_resolver
from openvc.status import check_credential_status

# A platform that is tried on this machine has no certificate.
WEB = ("https://", "http://localhost:")

OPEN_BADGE_TYPES = {"OpenBadgeCredential", "AchievementCredential"}


class NotRead(Exception):
    """The library does not read that kind of document; what it would say is not asked."""


class Refused(Exception):
    """What every relying party has to ask, and the library leaves to it, is not so."""


class Web:
    """What is served, by URL."""

    def __init__(self, served: dict[str, dict[str, Any]]) -> None:
        self._served = served

    def text(self, url: str) -> str:
        """The body. A body that is not a string stands for its JSON."""
        page = self._served.get(url)
        if page is None or page["status"] != 200:
            raise OSError(f"{page['status'] if page else 404} at {url}")
        return page["body"] if isinstance(page["body"], str) else json.dumps(page["body"])

    def content(self, url: str) -> bytes:
        """The body, as bytes."""
        return self.text(url).encode()

    def json(self, url: str) -> Any:
        """The body, parsed."""
        return json.loads(self.text(url))


def openbadgeslib(text: str, web: Web, contexts: dict[str, Any]) -> None:
    """All but the status list's own proof, which this library knows only as a JWT: openvc's."""
    if not text.startswith("{"):
        # Not believed yet: it says whose key is asked for.
        claims = jwt.decode(text, options={"verify_signature": False})
        issuer = claims["issuer"]["id"]
        key = RSAAlgorithm(RSAAlgorithm.SHA256).from_jwk(_key_of_token(text, issuer, web))
        badge = OB3Verifier(key, issuer_did=issuer).verify(text)
        check_bit(badge, download=web.content)
        _check_list(claims, web, contexts)
        return
    document = json.loads(text)
    if OPEN_BADGE_TYPES.isdisjoint(document["type"]):
        raise NotRead("openbadgeslib reads Open Badges only")
    check_bit(OB3LdpVerifier().verify(text, download=web.content), download=web.content)
    _check_list(document, web, contexts)


def openvc(text: str, web: Web, contexts: dict[str, Any]) -> None:
    """All of a Data Integrity credential."""
    if not text.startswith("{"):
        raise NotRead("openvc takes ES256 and EdDSA for a JWT, and no RS256")
    document = json.loads(text)
    verify_credential(
        _with_one_proof(document),
        policy=VerificationPolicy(require_status_issuer_binding=True),
        resolver=_resolver(web),
        resolve_status_list=_lists(web, contexts),
        extra_contexts=contexts,
    )


VERIFIERS: dict[str, Callable[[str, Web, dict[str, Any]], None]] = {
    "openbadgeslib": openbadgeslib,
    "openvc": openvc,
}


def _key_of_token(text: str, issuer: str, web: Web) -> dict[str, Any]:
    """
    The JWK at the token's `kid`, if the issuer's did.json vouches for it.

    Open Badges 3.0 has the relying party dereference `kid`, and leaves to it whether the key is the
    issuer's: here it has to be one of the issuer's assertion methods.
    """
    address = jwt.get_unverified_header(text).get("kid")
    if not isinstance(address, str) or not address.startswith(WEB):
        raise Refused(f"the kid is no address of a key: {address!r}")
    key: dict[str, Any] = web.json(address)
    document = _resolver(web).resolve(issuer).raw
    for method in document.get("verificationMethod", []):
        vouched = method.get("publicKeyJwk", {})
        same = (vouched.get("n"), vouched.get("e")) == (key.get("n"), key.get("e"))
        if same and method["id"] in document.get("assertionMethod", []):
            return key
    raise Refused(f"{issuer} does not vouch for the key at {address}")


def _check_list(claims: dict[str, Any], web: Web, contexts: dict[str, Any]) -> None:
    """The status as openvc sees it: the list's proof, its issuer, its bit."""
    resolve = default_status_list_resolver(
        resolver=_resolver(web),
        extra_contexts=contexts,
        fetch=_fetch_list(web),
        expected_issuer=claims["issuer"]["id"],
    )
    status = check_credential_status(claims, resolve_status_list=resolve)
    if status.revoked or status.suspended:
        raise Refused("openvc reads the status as revoked")


def _lists(web: Web, contexts: dict[str, Any]) -> Callable[[str], dict[str, Any]]:
    return default_status_list_resolver(
        resolver=_resolver(web), extra_contexts=contexts, fetch=_fetch_list(web)
    )


def _fetch_list(web: Web) -> Callable[[str], str]:
    return lambda url: json.dumps(_with_one_proof(web.json(url)))


def _with_one_proof(document: Any) -> Any:
    """The same with its only proof as an object: openvc does not read a list of one."""
    match document:
        case {"proof": [proof]}:
            return document | {"proof": proof}
    return document


def _resolver(web: Web) -> DidResolverRegistry:
    return DidResolverRegistry([DidWebResolver(web.json)])


def _text(path: Path, verifier: str) -> str:
    """What a file holds, or a picture."""
    if path.suffix != ".png":
        return path.read_text()
    if verifier != "openbadgeslib":
        raise NotRead(f"{verifier} reads no pictures")
    return OB3Verifier.extract_token_from_png(path.read_bytes())


def published_contexts() -> dict[str, Any]:
    """By the URL that names them."""
    folder = Path(os.environ["MICROCRED_STANDARDS"])
    entries = json.loads((folder / "MANIFEST.json").read_text())
    return {
        entry["id"]: json.loads((folder / entry["file"]).read_text())
        for entry in entries
        if entry["file"].startswith("contexts/") and " " not in entry["id"]
    }


def main() -> None:
    """Verify each case with each verifier."""
    folder, instant = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    contexts = published_contexts()
    served = json.loads((folder / "served.json").read_text())
    with time_machine.travel(instant, tick=False):
        for path in sorted((folder / "cases").iterdir()):
            if path.name.endswith(".served.json"):
                continue
            beside = path.with_suffix(".served.json")
            differs = json.loads(beside.read_text()) if beside.exists() else {}
            web = Web(served | differs)
            for verifier, verify in VERIFIERS.items():
                accepted: bool | None = False
                try:
                    verify(_text(path, verifier), web, contexts)
                    accepted, reason = True, ""
                except NotRead as error:
                    accepted, reason = None, str(error)
                # Whatever a library raises for what it was given, it has not accepted it.
                except Exception as error:
                    reason = f"{type(error).__name__}: {error}"
                verdict = {"name": path.stem, "verifier": verifier}
                verdict |= {"accepted": accepted, "reason": reason[:300]}
                sys.stdout.write(json.dumps(verdict) + "\n")


if __name__ == "__main__":
    warnings.simplefilter("error")
    main()
