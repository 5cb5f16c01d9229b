"""
RDF Dataset Canonicalization (RDFC-1.0), by pyoxigraph.

It is also a script: started by its path, so that nothing else of the package is imported, it does
the same in a process that may take only so much processor time and memory.
"""

from __future__ import annotations

import resource
import sys
from contextlib import suppress

from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse


def canonical_nquads(nquads: bytes) -> bytes:
    """
    The canonical form of N-Quads: UTF-8, one a line, in the order of code points.

    Exponential time for the wrong quads: whoever calls this has looked at them, and at their
    IRIs, which are taken as they are.
    """
    dataset = Dataset(parse(nquads, format=RdfFormat.N_QUADS, lenient=True))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    # Split on the line feed only: other characters that end lines elsewhere are in texts as they
    # are. Python sorts texts by code points.
    lines = str(dataset).split("\n")
    lines.sort()
    return "".join(f"{line}\n" for line in lines if line).encode()


def _main() -> None:
    """
    As a process of its own: N-Quads on standard input come out canonical on standard output.

    With how many seconds of processor time and bytes of memory it may take.
    """
    seconds, most_bytes = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    sys.stdout.buffer.write(canonical_nquads(sys.stdin.buffer.read()))


if __name__ == "__main__":
    _main()
