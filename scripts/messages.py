"""
The texts that are translated: take them from the code into locale/, and compile what is there.

    python scripts/messages.py            after a text was added or changed
    python scripts/messages.py --check    say what is missing, and change nothing

GNU gettext has to be installed. A translation is done when `--check` says nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "microcred_plugin", ROOT / "demo")
LANGUAGES = ("ar", "de")
MSGFMT = ("msgfmt", "--check-format", "--check-domain", "--statistics")
# When a file was made says nothing about it, and would change it each time.
DATES = re.compile(r'^"(POT-Creation-Date|PO-Revision-Date): .*\n', re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing")
    is_check = parser.parse_args().check
    if shutil.which("msgfmt") is None:
        print("GNU gettext is not installed: install the package gettext.", file=sys.stderr)
        return 2
    wrong = [fault for folder in FOLDERS for fault in _bring_up_to_date(folder, is_check)]
    for fault in wrong:
        print(fault, file=sys.stderr)
    return 1 if wrong else 0


def _bring_up_to_date(folder: Path, is_check: bool) -> list[str]:
    """The faults of the translations below a folder; they are mended as far as a machine can."""
    with tempfile.TemporaryDirectory() as name:
        # Made from a copy, so that a check leaves no trace.
        copy = Path(name) / folder.name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3*"))
        for language in LANGUAGES:
            (copy / "locale" / language / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
        languages = [f"--locale={language}" for language in LANGUAGES]
        _django(copy, "makemessages", *languages, "--no-location", "--no-obsolete")
        faults = []
        for language in LANGUAGES:
            there = folder / "locale" / language / "LC_MESSAGES" / "django.po"
            made = copy / "locale" / language / "LC_MESSAGES" / "django.po"
            text = DATES.sub("", made.read_text(encoding="utf-8"))
            made.write_text(text, encoding="utf-8")
            short = there.relative_to(ROOT)
            if not is_check:
                there.parent.mkdir(parents=True, exist_ok=True)
                there.write_text(text, encoding="utf-8")
            elif not there.exists() or there.read_text(encoding="utf-8") != text:
                faults.append(f"{short} is not up to date: run python scripts/messages.py.")
            said = subprocess.run(
                [
                    "msgfmt",
                    "--check",
                    "--statistics",
                    "--output",
                    str(made.with_suffix(".mo")),
                    made,
                ],
                capture_output=True,
                text=True,
                env={**os.environ, "LC_ALL": "C"},
            )
            if said.returncode:
                faults.append(f"{short}: {said.stderr.strip()}")
                continue
            if "fuzzy" in said.stderr or "untranslated" in said.stderr:
                faults.append(f"{short}: {said.stderr.strip()}")
            compiled = made.with_suffix(".mo").read_bytes()
            if not is_check:
                there.with_suffix(".mo").write_bytes(compiled)
            elif not there.with_suffix(".mo").exists() or (
                there.with_suffix(".mo").read_bytes() != compiled
            ):
                faults.append(f"{short} is not compiled: run python scripts/messages.py.")
        return faults


def _django(folder: Path, *arguments: str) -> None:
    environment = {
        key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"
    }
    subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        cwd=folder, check=True, capture_output=True, env=environment,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
