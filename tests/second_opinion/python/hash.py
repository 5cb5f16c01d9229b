"""
Says what an eddsa-rdfc-2022 proof signs, line by line: {document, proof} in, hexadecimal out.

Stands in for the plugin's own canonicalisation.
"""

from __future__ import annotations

import json
import sys

from openvc.proof.contexts import document_loader
from openvc.proof.data_integrity import _hash_data
from verify import published_contexts


def main() -> None:
    """Answer until there are no more lines."""
    loader = document_loader(published_contexts())
    for line in sys.stdin:
        asked = json.loads(line)
        proof = asked["proof"] | {"@context": asked["document"]["@context"]}
        sys.stdout.write(_hash_data(asked["document"], proof, loader).hex() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
