"""What the command does about keys, issuers and what they sign."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from tqdm import tqdm

from microcred_plugin.awards import api as awards
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import (
    Issuer,
    IssuerKey,
    KeyKind,
    Tally,
    Why,
)
from microcred_plugin.definitions import api as definitions

_PROFILE = (
    ("name", "as it stands in credentials; else the short name"),
    ("url", "the organisation's own pages"),
    ("email", "an address for questions about credentials"),
    ("country", "two letters of ISO 3166-1, such as DE"),
    ("description", "a sentence about the organisation"),
    ("linkedin-id", "the number of the organisation on LinkedIn"),
)

SAMPLE = 100
_FAULTS_SHOWN = 20


class CredentialCommands(BaseCommand):
    """The sub-commands keys, issuer, resign and verify-served."""

    def add_credential_arguments(self, commands: Any) -> None:
        add = commands.add_parser("keys", help="what issuers' private keys are encrypted with")
        keys = add.add_subparsers(dest="what", required=True, metavar="WHAT")
        keys.add_parser("new", help="print a new encryption key and where to put it")
        keys.add_parser("reencrypt", help="encrypt every private key with the first of the keys")

        add = commands.add_parser("issuer", help="who signs credentials, and with which keys")
        issuer = add.add_subparsers(dest="what", required=True, metavar="WHAT")
        issuer.add_parser("list", help="every issuer")
        one = issuer.add_parser("show", help="the profile of an issuer, and its keys")
        one.add_argument("organization", metavar="ORG")
        for name, says in (("make", "make the issuer of an organisation"), ("set", "change it")):
            one = issuer.add_parser(name, help=says)
            one.add_argument("organization", metavar="ORG")
            for field, says_field in _PROFILE:
                one.add_argument(f"--{field}", help=says_field)
            one.add_argument("--logo", type=Path, help="a square PNG or SVG file")
        one = issuer.add_parser("rotate", help="have a new key sign; what is signed stays valid")
        one.add_argument("organization", metavar="ORG")
        one.add_argument("--kind", choices=KeyKind.values, help="only this kind; else both")
        one = issuer.add_parser(
            "compromised", help="rely on a key no more, and sign again what it signed"
        )
        one.add_argument("organization", metavar="ORG")
        one.add_argument("key", metavar="KEY", help="its name, as “show” says it")
        one.add_argument("--yes", action="store_true", help="without it, only say what follows")

        add = commands.add_parser("resign", help="sign again what is served, and revoke it so far")
        which = add.add_mutually_exclusive_group(required=True)
        which.add_argument("--award", action="append", metavar="UUID", help="repeatable")
        which.add_argument("--microcredential", metavar="SLUG", help="slug or uuid")
        which.add_argument("--issuer", metavar="ORG")
        which.add_argument("--key", metavar="NAME", help="everything that this key signed")
        add.add_argument(
            "--why", required=True, choices=(Why.CORRECTED.value, Why.COMPROMISED.value)
        )
        add.add_argument(
            "--signed-before", metavar="TIME", help="leave out what was signed since; to go on"
        )

        add = commands.add_parser(
            "verify-served", help="verify what is served, as others do; exit code 1 if it fails"
        )
        number = add.add_mutually_exclusive_group()
        number.add_argument("--sample", type=_positive, default=SAMPLE, metavar="N")
        number.add_argument("--all", action="store_true", help="every credential")
        add.add_argument("--issuer", metavar="ORG", default="", help="only what this one signed")
        add.add_argument("--json", action="store_true", help="for machines")

    # --- keys ------------------------------------------------------------------------------------

    def do_keys(self, options: argparse.Namespace) -> None:
        if options.what == "new":
            key = credentials.new_encryption_key()
            self.stdout.write(
                "Put it into the settings of the LMS and of Studio, before those that are there, "
                "and keep a\ncopy where your other secrets are: without it no issuer can sign.\n\n"
                f"MICROCRED_KEY_ENCRYPTION_KEYS = [{json.dumps(key)}]"
            )
            return
        done, unreadable = credentials.reencrypt()
        self.stdout.write(f"Encrypted with the first key: {done}.")
        if unreadable:
            raise CommandError(
                f"None of MICROCRED_KEY_ENCRYPTION_KEYS decrypts {', '.join(unreadable)}. Put the "
                "key back that they were encrypted with, or have others sign: microcred issuer "
                "rotate ORG."
            )

    # --- issuers ---------------------------------------------------------------------------------

    def do_issuer(self, options: argparse.Namespace) -> None:
        getattr(self, f"_issuer_{options.what}")(options)

    def _issuer_list(self, _options: argparse.Namespace) -> None:
        found = credentials.issuers()
        for issuer in found:
            signing = sorted(key.kind for key in issuer.keys.all() if key.slot == 1)
            self.stdout.write(
                f"{issuer.organization}  {issuer.name}  {credentials.did_of(issuer)}  "
                f"signs with: {', '.join(signing) or 'nothing'}"
            )
        if not found:
            self.stdout.write("No issuer yet; each is made when its first badge is signed.")

    def _issuer_show(self, options: argparse.Namespace) -> None:
        self._show(_issuer(options.organization))

    def _show(self, issuer: Issuer) -> None:
        self.stdout.write(f"{issuer.organization}: {issuer.name}")
        self.stdout.write(f"  id: {credentials.did_of(issuer)}")
        for field in credentials.PROFILE_FIELDS:
            value = getattr(issuer, field)
            if value and field not in ("name", "logo"):
                self.stdout.write(f"  {field}: {value}")
        if issuer.logo is not None:
            self.stdout.write(f"  logo: {issuer.logo.content_type}")
        for key in issuer.keys.all():
            self.stdout.write(f"  key {key.name}: {_state(key)}")

    def _issuer_make(self, options: argparse.Namespace) -> None:
        is_new = credentials.find_issuer(options.organization) is None
        issuer = credentials.ensure_issuer(options.organization, now=timezone.now())
        if not is_new:
            self.stdout.write(f"{options.organization} is an issuer already.")
        self._change(issuer, options)

    def _issuer_set(self, options: argparse.Namespace) -> None:
        self._change(_issuer(options.organization), options)

    def _change(self, issuer: Issuer, options: argparse.Namespace) -> None:
        given = {field.replace("-", "_"): None for field, _says in _PROFILE}
        fields: dict[str, Any] = {
            name: value for name in given if (value := getattr(options, name)) is not None
        }
        if "country" in fields:
            fields["country"] = fields["country"].upper()
        if options.logo is not None:
            fields["logo"] = _logo(options.logo)
        if fields:
            try:
                credentials.change_profile(issuer, **fields)
            except ValidationError as error:
                lines = [
                    f"--{name.replace('_', '-')}: {sentence}"
                    for name, sentences in error.message_dict.items()
                    for sentence in sentences
                ]
                raise CommandError("\n".join(["Nothing of it was kept.", *lines])) from error
        self._show(_issuer(issuer.organization))

    def _issuer_rotate(self, options: argparse.Namespace) -> None:
        issuer = _issuer(options.organization)
        for kind in [options.kind] if options.kind else KeyKind.values:
            key = credentials.rotate(issuer, kind, now=timezone.now())
            self.stdout.write(f"{key.kind}: {key.name} signs from now on.")
        self.stdout.write("What was signed before stays valid.")

    def _issuer_compromised(self, options: argparse.Namespace) -> None:
        issuer = _issuer(options.organization)
        key = _key(issuer, options.key)
        served = credentials.served_by(key=key).count()
        if not options.yes:
            raise CommandError(
                f"Nothing was done. With --yes, the key {key.name} leaves the DID document of "
                f"{issuer.organization} at once, whatever it signed is relied on by nobody, a new "
                f"key signs, and the LMS signs {served} credentials again. Their holders have to "
                "download them again. This can't be undone."
            )
        failed = credentials.compromise(key, now=timezone.now())
        self.stdout.write(
            f"The key {key.name} is out of the DID document. To be signed again: {served}; the "
            "sweep of the LMS does that."
        )
        if failed is not None:
            raise CommandError(f"No new key signs yet: {failed}")

    # --- signing again ---------------------------------------------------------------------------

    def do_resign(self, options: argparse.Namespace) -> None:
        why, now = Why(options.why), timezone.now()
        before = _instant(options.signed_before) if options.signed_before else now
        tally = Tally()
        if options.award:
            self._resign_awards(options.award, why, tally)
        else:
            found = credentials.served_by(**_chosen(options), signed_before=before)
            after: int | None = 0
            with tqdm(
                total=found.count(), unit=" credentials", file=sys.stderr, disable=None
            ) as bar:
                try:
                    while after is not None:
                        done = tally.count
                        after = credentials.resign_next(
                            found, why, tally, after=after, now=timezone.now()
                        )
                        bar.update(tally.count - done)
                except BaseException:
                    self.stderr.write(
                        f"Interrupted. To go on, add: --signed-before {before.isoformat()}"
                    )
                    raise
        self._tell_tally(tally)

    def _resign_awards(self, texts: list[str], why: Why, tally: Tally) -> None:
        uuids = [_uuid(text) for text in texts]
        found = awards.find_awards(uuids)
        if missing := sorted({str(uuid) for uuid in uuids} - {str(one.uuid) for one in found}):
            raise CommandError(f"There is no award {', '.join(missing)}. Nothing was signed.")
        tally.add(found, credentials.sign_many(found, why=why, now=timezone.now()))

    def _tell_tally(self, tally: Tally) -> None:
        self.stdout.write(f"Signed again: {tally.signed}.")
        for reason, count in sorted(tally.refused.items()):
            self.stdout.write(f"Left as it is: {count}. {reason}")
        lines = [str(error) for error in dict.fromkeys(map(str, tally.not_configured.values()))]
        lines += [
            f"award {uuid}: {type(error).__name__}: {error}"
            for uuid, error in list(tally.failed.items())[:_FAULTS_SHOWN]
        ]
        if len(tally.failed) > _FAULTS_SHOWN:
            lines.append(f"… and {len(tally.failed) - _FAULTS_SHOWN} more")
        if lines:
            raise CommandError("\n".join(["Not everything could be signed.", *lines]))

    # --- what is served --------------------------------------------------------------------------

    def do_verify_served(self, options: argparse.Namespace) -> None:
        if options.issuer:
            _issuer(options.issuer)
        counts = dict.fromkeys(credentials.AUDITED, 0)
        faults: list[credentials.Fault] = []
        sample = None if options.all else options.sample
        with tqdm(unit="", file=sys.stderr, disable=None) as bar:
            for looked in credentials.audit(organization=options.issuer, sample=sample):
                counts[looked.kind] += looked.count
                faults += looked.faults
                bar.update(looked.count)
        if options.json:
            told = [{"what": fault.what, "sentence": fault.sentence} for fault in faults]
            holds = not faults
            self.stdout.write(
                json.dumps({"holds": holds, "verified": counts, "faults": told}, indent=2)
            )
        else:
            for fault in faults:
                self.stdout.write(f"{fault.what}: {fault.sentence}")
            self.stdout.write(
                "Verified: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()) + "."
            )
        if faults:
            raise CommandError(f"Faults: {len(faults)}.")


# --- what was meant ------------------------------------------------------------------------------


def _issuer(organization: str) -> Issuer:
    found = credentials.issuer_with_keys(organization)
    if found is None:
        raise CommandError(
            f"{organization} is no issuer yet. “issuer list” says which there are; make it with: "
            f"microcred issuer make {organization}"
        )
    return found


def _key(issuer: Issuer, name: str) -> IssuerKey:
    for key in issuer.keys.all():
        if key.name == name:
            return key
    raise CommandError(f"{issuer.organization} has no key “{name}”; “issuer show” lists them.")


def _state(key: IssuerKey) -> str:
    since = f"{key.created:%Y-%m-%d}"
    if key.compromised_at is not None:
        return f"{key.kind}, compromised {key.compromised_at:%Y-%m-%d}, not to be relied on"
    if key.slot == 1:
        return f"{key.kind}, signs since {since}"
    return f"{key.kind}, signed from {since} to {key.retired_at:%Y-%m-%d}, still valid"


def _chosen(options: argparse.Namespace) -> dict[str, Any]:
    if options.microcredential:
        return {"microcredential_id": definitions.find_microcredential(options.microcredential).pk}
    if options.issuer:
        return {"organization": _issuer(options.issuer).organization}
    for issuer in credentials.issuers():
        for key in issuer.keys.all():
            if key.name == options.key:
                return {"key": key}
    raise CommandError(f"No issuer has a key “{options.key}”; “issuer show ORG” lists them.")


def _logo(path: Path) -> Any:
    try:
        return definitions.read_content(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror or error}.") from error
    except definitions.NotAnImage as error:
        raise CommandError(f"{path}: {error}") from error


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise CommandError(f"“{text}” is no uuid of an award.") from error


def _instant(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or timezone.is_naive(found):
        example = timezone.now().isoformat(timespec="seconds")
        raise CommandError(f"“{text}” is no instant. One looks like {example}.")
    return found


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is no whole number above 0")
    return int(text)
