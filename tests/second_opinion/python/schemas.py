"""
Applies an official JSON Schema to documents: `schemas.py SCHEMA DOCUMENT…`.

Prints a line of JSON for each document: {name, errors}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jsonschema.validators import validator_for


def main() -> None:
    """Validate each, formats included."""
    schema = json.loads(Path(sys.argv[1]).read_text())
    kind = validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    for path in map(Path, sys.argv[2:]):
        errors = [
            f"{error.json_path}: {error.message}"[:300]
            for error in validator.iter_errors(json.loads(path.read_text()))
        ]
        sys.stdout.write(json.dumps({"name": path.stem, "errors": errors}) + "\n")


if __name__ == "__main__":
    main()
