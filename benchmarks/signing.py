"""
What signing a credential costs, beside what can't be avoided.

For a Data Integrity proof that is pyoxigraph's canonicalisation of the same two sets of quads,
which are there already, hashing them, and Ed25519; for a JWT it is RSA. Both are taken in turns,
so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from statistics import median

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse

from microcred_plugin.credentials.canonical import canonical
from microcred_plugin.credentials.keys import generate_ed25519, generate_rsa
from microcred_plugin.credentials.signing import sign_document, sign_jwt
from tests.credentials import documents

NOW = datetime(2026, 7, 1, tzinfo=UTC)
BUDGET = 2


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks signing")
    parser.add_argument("--times", type=int, default=2000)
    options = parser.parse_args(arguments)
    ed25519, rsa = generate_ed25519(), generate_rsa()

    def by_rsa(data: bytes) -> bytes:
        return rsa.sign(data, PKCS1v15(), SHA256())

    for name, document in {
        "minimal": documents.minimal(),
        "full": documents.full(),
    }.items():

        def signed(document: dict[str, object] = document) -> dict[str, object]:
            return sign_document(
                document,
                verification_method=f"{documents.ISSUER}#key",
                created=NOW,
                sign=ed25519.sign,
            )

        (proof,) = signed()["proof"]
        del proof["proofValue"]
        sets = [_quads(canonical({**proof, "@context": document["@context"]}))]
        sets.append(_quads(canonical(document)))

        def bare(sets: list[list[Quad]] = sets) -> bytes:
            return ed25519.sign(b"".join(sha256(_canonical(quads)).digest() for quads in sets))

        def jwt(document: dict[str, object] = document) -> str:
            return sign_jwt(document, key_id="k", sign=by_rsa)

        signing_input = jwt().rpartition(".")[0].encode()

        def bare_rsa(signing_input: bytes = signing_input) -> bytes:
            return by_rsa(signing_input)

        quads = sum(map(len, sets))
        _compare(f"{name}, {quads} quads, proof", signed, bare, options.times)
        _compare(f"{name}, JWT", jwt, bare_rsa, options.times)


def _compare(name: str, work: Callable[[], object], bare: Callable[[], object], times: int) -> None:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for kept, run in zip(taken, (work, bare), strict=True):
            began = time.perf_counter()
            run()
            kept.append(time.perf_counter() - began)
    ours, theirs = map(median, taken)
    verdict = "within" if ours / theirs <= BUDGET else "OVER"
    print(
        f"{name}: {1e6 * ours:.0f} µs, bare {1e6 * theirs:.0f} µs, "
        f"{ours / theirs:.2f} times as long, {verdict} the budget of {BUDGET}"
    )


def _quads(nquads: bytes) -> list[Quad]:
    return list(parse(nquads, format=RdfFormat.N_QUADS))


def _canonical(quads: list[Quad]) -> bytes:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{line}\n" for line in str(dataset).split("\n") if line)).encode()
