"""
`python -m benchmarks`: the table of events; with `backfill` or `preview`: throughput; with
`signing`: what a credential's signature costs; with `served`: what serving them costs.
"""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    django.setup()
    # After the settings, which these read when they are imported.
    from django.core.management import call_command  # noqa: PLC0415

    from benchmarks import backfill, events, preview, served, signing  # noqa: PLC0415

    others = {"backfill": backfill, "preview": preview, "served": served, "signing": signing}
    if other := others.get("".join(sys.argv[1:2])):
        other.main(sys.argv[2:])
        return
    call_command("migrate", verbosity=0)
    kinds = ("irrelevant", "fulfilling", "completing", "duplicate")
    print("microcredentials  " + "".join(f"{kind:>24}" for kind in kinds))
    print(" " * 18 + "        queries events/s" * len(kinds))
    for size, row in events.measure():
        cells = "".join(f"{row[kind].queries:>15}{1 / row[kind].seconds:>9.0f}" for kind in kinds)
        print(f"{size:>16,}  {cells}", flush=True)


main()
