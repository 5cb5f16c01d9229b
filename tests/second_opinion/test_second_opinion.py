"""Other people's software accepts what we sign, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from microcred_plugin.credentials.baking import bake
from microcred_plugin.credentials.multibase import from_base64url
from tests.second_opinion.install import HERE, NODE_MODULES, PYTHON
from tests.second_opinion.issuers import NOW, Issuer, stamp
from tests.second_opinion.tampering import (
    DIGITALBAZAAR,
    OPENBADGESLIB,
    OPENVC,
    SIGNS_RECORDS,
    TAMPERINGS,
    Case,
    World,
    transcript,
)

# One worker does them all: the verifiers are started once.
pytestmark = [pytest.mark.second_opinion, pytest.mark.xdist_group("second_opinion")]

STANDARDS = Path(
    os.environ.get("MICROCRED_STANDARDS", HERE.parents[2] / "shared" / "standards")
).resolve()
PROGRAMS = [[PYTHON, HERE / "python" / "verify.py"], ["node", HERE / "node" / "verify.js"]]

Verdicts = dict[str, dict[str, tuple[bool | None, str]]]

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
if SIGNS_RECORDS:
    READERS["transcript"] = ALL - {OPENVC}
    SCHEMAS["transcript"] = "clr_v2p0_clrcredential_schema.json"


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    missing = [
        what
        for what, path in {
            "tests/second_opinion/install.py has not been run": PYTHON,
            "tests/second_opinion/install.py has not been run with npm": NODE_MODULES,
            "the standards are not where MICROCRED_STANDARDS says": STANDARDS / "MANIFEST.json",
        }.items()
        if not path.exists()
    ]
    if missing and os.environ.get("MICROCRED_SECOND_OPINION") == "required":
        pytest.fail("; ".join(missing))
    if missing:
        pytest.skip("; ".join(missing))


@pytest.fixture(scope="module")
def world(_installed: None) -> World:
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
    if SIGNS_RECORDS:
        documents["transcript"] = transcript(world)
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
    folder = tmp_path_factory.mktemp("second_opinion")
    cases = folder / "cases"
    cases.mkdir()
    (folder / "served.json").write_text(json.dumps(world.served()))
    tampered = {name: tampering.case(world) for name, tampering in TAMPERINGS.items()}
    for name, case in (genuine | tampered).items():
        content = case.content.encode() if isinstance(case.content, str) else case.content
        (cases / f"{name}{case.suffix}").write_bytes(content)
        if case.served:
            (cases / f"{name}.served.json").write_text(json.dumps(case.served))
    found: Verdicts = defaultdict(dict)
    with ThreadPoolExecutor() as pool:
        for output in pool.map(lambda program: _run([*program, folder, stamp(NOW)]), PROGRAMS):
            for line in map(json.loads, output.splitlines()):
                found[line["name"]][line["verifier"]] = (line["accepted"], line["reason"])
    return found


def _run(command: list[str | Path]) -> str:
    result = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"MICROCRED_STANDARDS": str(STANDARDS)},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


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
    assert json.loads(_run([*command, schema, document])) == {"name": name, "errors": []}


def _credential(case: Case) -> str:
    assert isinstance(case.content, str)
    if case.suffix == ".json":
        return case.content
    return from_base64url(case.content.split(".")[1]).decode()
