"""Stands in for `microcred_plugin.credentials.signing`, with the same signatures."""

from __future__ import annotations

import atexit
import base64
import gzip
import json
import subprocess
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Any

from tests.second_opinion.install import HERE, PYTHON
from tests.second_opinion.multibase import base58

Sign = Callable[[bytes], bytes]


def sign_document(
    document: dict[str, Any], *, verification_method: str, created: datetime, sign: Sign
) -> dict[str, Any]:
    """The document with an eddsa-rdfc-2022 proof."""
    proof = {
        "type": "DataIntegrityProof",
        "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verificationMethod": verification_method,
        "cryptosuite": "eddsa-rdfc-2022",
        "proofPurpose": "assertionMethod",
    }
    process = _hasher()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"document": document, "proof": proof}) + "\n")
    process.stdin.flush()
    signed = sign(bytes.fromhex(process.stdout.readline()))
    return document | {"proof": [proof | {"proofValue": "z" + base58(signed)}]}


def sign_jwt(document: dict[str, Any], *, key_id: str, sign: Sign) -> str:
    """The document as a VC-JWT, RS256."""
    claims: dict[str, Any] = {
        "iss": document["issuer"]["id"],
        "jti": document["id"],
        "sub": document["credentialSubject"]["id"],
        "nbf": int(datetime.fromisoformat(document["validFrom"]).timestamp()),
    }
    if "validUntil" in document:
        claims["exp"] = int(datetime.fromisoformat(document["validUntil"]).timestamp())
    header = {"alg": "RS256", "kid": key_id, "typ": "JWT"}
    message = f"{_part(header)}.{_part(document | claims)}"
    return f"{message}.{_base64url(sign(message.encode()))}"


def encode(indexes: Iterable[int], size: int = 131072) -> str:
    """The encodedList of a status list of that many bits."""
    bits = bytearray(size // 8)
    for index in indexes:
        bits[index // 8] |= 0x80 >> index % 8
    return "u" + _base64url(gzip.compress(bytes(bits), mtime=0))


def _part(part: dict[str, Any]) -> str:
    return _base64url(json.dumps(part).encode())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@cache
def _hasher() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [PYTHON, HERE / "python" / "hash.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.kill)
    return process
