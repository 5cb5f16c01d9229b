"""
What these tests compare with: the official contexts and published vectors, and other software.

They are not part of this repository. `MICROCRED_STANDARDS` names their folder, which otherwise is
looked for beside the repository.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld

from microcred_plugin.credentials.rdfc import canonical_nquads

ROOT = Path(__file__).resolve().parents[2]
STANDARDS = Path(os.environ.get("MICROCRED_STANDARDS") or ROOT.parent / "shared" / "standards")

# With CI and a folder named, a folder that is not there is a failure, not a reason to skip.
needs_standards = pytest.mark.skipif(
    not STANDARDS.is_dir() and not (os.environ.get("CI") and "MICROCRED_STANDARDS" in os.environ),
    reason=f"The official contexts and vectors are not in {STANDARDS}.",
)

V2 = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
STATUS = "https://www.w3.org/ns/credentials/status/v1"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"


def vector(path: str) -> Any:
    """A published vector: JSON, or the bytes of any other file."""
    file = STANDARDS / "vectors" / path
    return json.loads(file.read_bytes()) if file.suffix == ".json" else file.read_bytes()


@cache
def official_context(url: str) -> Any:
    for entry in json.loads((STANDARDS / "MANIFEST.json").read_bytes()):
        if entry["id"] == url:
            return json.loads((STANDARDS / entry["file"]).read_bytes())
    raise LookupError(url)


def official(document: dict[str, Any]) -> bytes:
    """The canonical form by the official contexts, which PyLD reads from the folder."""
    return canonical_nquads(official_nquads(document).encode())


def official_nquads(document: dict[str, Any]) -> str:
    return jsonld.to_rdf(document, {**_OPTIONS, "format": "application/n-quads"})


def by_other_software(document: dict[str, Any]) -> bytes:
    """The same, canonicalised by PyLD as well: URDNA2015, which differs on control characters."""
    options = {**_OPTIONS, "algorithm": "URDNA2015", "format": "application/n-quads"}
    return jsonld.normalize(document, options).encode()


def _load(url: str, _options: object) -> dict[str, Any]:
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": official_context(url),
    }


_OPTIONS = {"documentLoader": _load}
