#!/usr/bin/env python
"""Django's commands for the demo: of its LMS, or with `--settings=demo.settings.cms` of Studio."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run a command."""
    # Python puts the script's own folder first, where demo/celery.py would hide Celery itself.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo.settings.lms")

    from django.core.management import execute_from_command_line  # noqa: PLC0415 - needs the path

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
