"""
A badge of a running platform: fetched over HTTP as anybody would, verified by others' software.

    python scripts/platform_badges.py --lms http://localhost:18000

A learner who holds something shares it; then everything is fetched without being logged in: the
credential in each form, the issuer's DID document and key, the status list. The verifiers of
tests/second_opinion judge what came, and a copy with another name in it. Then the learner stops
sharing, and it is looked whether anything is left. docs/how-to/test-in-a-platform.md has what came
out. It needs `python tests/second_opinion/install.py` and MICROCRED_STANDARDS.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from platform_journey import Browser, awards_of

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.second_opinion.programs import verdicts_of

SUFFIXES = {"document": "json", "token": "jwt", "picture": "png"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--lms", default="http://localhost:18000")
    parser.add_argument("--learner", default="learner")
    parser.add_argument("--password", default="edx")
    options = parser.parse_args()
    learner = Browser(options.lms, options.learner, options.password)
    uuid = next(one["uuid"] for one in awards_of(learner) if one["state"] == "active")
    award = f"{options.lms}/microcredentials/awards/{uuid}"
    print(f"not shared: {_statuses(award)}")
    _choose(learner, award, do="share", results="on")
    print(f"shared: {_statuses(award)}")
    answers = {name: _fetch(f"{award}.{suffix}") for name, suffix in SUFFIXES.items()}
    document = answers["document"].json()
    served = _served(options.lms, document, answers["token"].text)
    cases = {f"{name}.{suffix}": answers[name].content for name, suffix in SUFFIXES.items()} | {
        "renamed.json": json.dumps({**document, "name": "Something else"}).encode()
    }
    with tempfile.TemporaryDirectory() as folder:
        verdicts = verdicts_of(Path(folder), cases, served, datetime.now(UTC))
    for case, by in verdicts.items():
        for verifier, (accepted, reason) in sorted(by.items()):
            said = {True: "accepted", False: f"refused: {reason[:90]}", None: "not read"}[accepted]
            print(f"{case:14} {verifier:14} {said}")
    _choose(learner, award, do="stop")
    print(f"not shared any more: {_statuses(award)}")


def _statuses(award: str) -> dict[str, int]:
    """What who is not logged in is answered with."""
    urls = {"page": award} | {suffix: f"{award}.{suffix}" for suffix in SUFFIXES.values()}
    return {name: requests.get(url, timeout=30).status_code for name, url in urls.items()}


def _choose(learner: Browser, award: str, **fields: str) -> None:
    """Press a button of the learner's own page of an award."""
    answer = learner.post(f"{award}/share", data=fields, allow_redirects=False)
    if answer.status_code != 302:
        sys.exit(f"{award}/share: {answer.status_code} {answer.text[:300]}")


def _fetch(url: str) -> requests.Response:
    answer = requests.get(url, timeout=30)
    answer.raise_for_status()
    print(
        f"{answer.headers['Content-Type']:32} {len(answer.content):>7} bytes  {urlsplit(url).path}"
    )
    return answer


def _served(lms: str, document: dict[str, Any], token: str) -> dict[str, Any]:
    """What the verifiers may ask for: what the site serves at the addresses that documents name."""
    header = token.partition(".")[0]
    kid = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    did = document["issuer"]["id"]
    # did:web stands for https; this platform is on this machine, without a certificate.
    path = "/".join(did.split(":")[3:])
    urls = {
        f"https://{urlsplit(lms).netloc}/{path}/did.json": f"{lms}/{path}/did.json",
        kid: kid,
        document["credentialStatus"]["statusListCredential"]: document["credentialStatus"][
            "statusListCredential"
        ],
    }
    served = {}
    for named, url in urls.items():
        answer = _fetch(url)
        served[named] = {
            "status": answer.status_code,
            "content_type": answer.headers["Content-Type"],
            "body": answer.json(),
        }
    return served


main()
