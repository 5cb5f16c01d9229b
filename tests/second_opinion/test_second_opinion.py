"""Other people's software accepts what we sign, and nothing else."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from microcred_plugin.credentials.baking import bake
from microcred_plugin.credentials.multibase import from_base64url
from tests.second_opinion.install import HERE, PYTHON
from tests.second_opinion.issuers import NOW, Issuer
from tests.second_opinion.programs import STANDARDS, Verdicts, needs_verifiers, run, verdicts_of
from tests.second_opinion.tampering import (
    DIGITALBAZAAR,
    OPENBADGESLIB,
    OPENVC,
    TAMPERINGS,
    Case,
    World,
)

# One worker does them all: the verifiers are started once.
pytestmark = [
    pytest.mark.second_opinion, pytest.mark.xdist_group("second_opinion"), needs_verifiers,
]  # fmt: skip

# Who reads each genuine document.
ALL = {OPENBADGESLIB, OPENVC, DIGITALBAZAAR}
READERS = {
    "badge": ALL,
    "plain_badge": ALL,
    "badge_by_the_older_key": ALL,
    "badge_at_the_first_bit": ALL,
    "badge_at_the_last_bit": ALL,
    "badge_of_the_stranger": ALL,
    "badge_as_token": ALL - {OPENVC},
    "plain_badge_as_token": ALL - {OPENVC},
    "badge_in_picture": {OPENBADGESLIB},
    "token_in_picture": {OPENBADGESLIB},
    "status_list": ALL - {OPENBADGESLIB},
}
SCHEMAS = {
    "badge": "ob_v3p0_achievementcredential_schema.json",
    "plain_badge": "ob_v3p0_achievementcredential_schema.json",
    "badge_as_token": "ob_v3p0_achievementcredential_schema.json",
    "plain_badge_as_token": "ob_v3p0_achievementcredential_schema.json",
}


@pytest.fixture(scope="module")
def world() -> World:
    return World(Issuer("nordu", "Nordisk universitet"), Issuer("other", "Another university"))


@pytest.fixture(scope="module")
def genuine(world: World) -> dict[str, Case]:
    issuer, stranger = world.issuer, world.stranger
    badge, plain = issuer.badge(), issuer.plain_badge()
    documents: dict[str, Any] = {
        "badge": issuer.sign(badge),
        "plain_badge": issuer.sign(plain),
        "badge_by_the_older_key": issuer.sign(badge, issuer.old_key),
        "badge_at_the_first_bit": issuer.sign(issuer.badge(index=0)),
        "badge_at_the_last_bit": issuer.sign(issuer.badge(index=131_071)),
        "badge_of_the_stranger": stranger.sign(stranger.badge()),
        "status_list": issuer.sign(issuer.status_list()),
    }
    cases = {name: Case(json.dumps(document)) for name, document in documents.items()}
    return cases | {
        "badge_as_token": Case(issuer.token(badge)),
        "plain_badge_as_token": Case(issuer.token(plain)),
        "badge_in_picture": Case(_picture(json.dumps(documents["badge"]))),
        "token_in_picture": Case(_picture(issuer.token(badge))),
    }


def _picture(text: str) -> bytes:
    png = BytesIO()
    Image.new("RGB", (1, 1)).save(png, "PNG")
    return bake(png.getvalue(), text)


@pytest.fixture(scope="module")
def verdicts(
    world: World, genuine: dict[str, Case], tmp_path_factory: pytest.TempPathFactory
) -> Verdicts:
    tampered = {name: tampering.case(world) for name, tampering in TAMPERINGS.items()}
    cases = {f"{name}{case.suffix}": case for name, case in (genuine | tampered).items()}
    found = verdicts_of(
        tmp_path_factory.mktemp("second_opinion"),
        {name: _bytes(case.content) for name, case in cases.items()},
        world.served(),
        NOW,
        {name: case.served for name, case in cases.items() if case.served},
    )
    return {name.rpartition(".")[0]: verdicts for name, verdicts in found.items()}


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


@pytest.mark.parametrize("name", READERS)
def test_genuine_document_is_accepted_by_all_who_read_it(verdicts: Verdicts, name: str) -> None:
    refusals = {
        verifier: reason
        for verifier, (accepted, reason) in verdicts[name].items()
        if not accepted and verifier in READERS[name]
    }
    assert refusals == {}
    assert {verifier for verifier, (yes, _) in verdicts[name].items() if yes} == READERS[name]


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampered_copy_is_rejected_by_all_who_see_the_fault(verdicts: Verdicts, name: str) -> None:
    rejecting = {verifier for verifier, (yes, _) in verdicts[name].items() if yes is False}
    assert rejecting == ALL - set(TAMPERINGS[name].blind), verdicts[name]
    assert len(rejecting) >= 2


@pytest.mark.parametrize("name", SCHEMAS)
def test_genuine_document_is_as_the_official_schema_says(
    genuine: dict[str, Case], name: str, tmp_path: Path
) -> None:
    document = tmp_path / f"{name}.json"
    document.write_text(_credential(genuine[name]))
    command = [PYTHON, HERE / "python" / "schemas.py"]
    schema = STANDARDS / "schemas" / SCHEMAS[name]
    assert json.loads(run([*command, schema, document])) == {"name": name, "errors": []}


def _credential(case: Case) -> str:
    assert isinstance(case.content, str)
    if case.suffix == ".json":
        return case.content
    return from_base64url(case.content.split(".")[1]).decode()
