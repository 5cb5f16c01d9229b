"""
How fast a preview goes through the learners whom it may concern, beside a reconciliation.

Every learner has a grade in three runs that the version of today asks for; half of them pass all.
The draft asks for two of the three. The reconciliation is a dry run over the same learners, so
that neither writes an award; a preview judges everybody by the draft and by the version of today
as well.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.core.management import call_command
from django.db import connection

from benchmarks import backfill
from microcred_plugin import earning, previewing
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Preview
from tests.factories import at_least, course

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks preview")
    parser.add_argument("--learners", type=int, default=4000)
    options = parser.parse_args(arguments)
    call_command("migrate", verbosity=0)
    call_command("flush", verbosity=0, interactive=False)
    publication = backfill.prepare(options.learners)
    preview = authoring.ask_preview(
        kind=Preview.Kind.PUBLICATION,
        microcredential_id=publication.version.microcredential_id,
        content={
            "of": {"draft": {"requirements": at_least(2, *map(course, backfill.RUNS))}},
            "previous": "now",
        },
        by_id=None,
        now=NOW,
    )
    ids = [publication.version.microcredential_id]
    reconciling = _measure(
        lambda: list(earning.reconcile(microcredential_ids=ids, now=NOW, is_dry_run=True))
    )
    previewed = _measure(lambda: previewing.advance(str(preview.uuid)))
    for name, (seconds, queries) in {"reconcile": reconciling, "preview": previewed}.items():
        print(
            f"{name:>9}: {options.learners / seconds:.0f} learners/s, "
            f"{1000 * queries / options.learners:.0f} queries per 1 000 learners, "
            f"{seconds:.1f} s in all"
        )
    print(f"a preview takes {previewed[0] / reconciling[0]:.2f} times as long")
    preview.refresh_from_db()
    assert preview.learners_done == options.learners
    counted = previewing.figures_of(preview)["draft"].learners
    print(", ".join(f"{group.value} {count}" for group, count in sorted(counted.items())))


def _measure(work: Callable[[], object]) -> tuple[float, int]:
    """Seconds and queries."""
    queries = count()

    def counted(execute: Callable[..., Any], *arguments: Any) -> Any:
        next(queries)
        return execute(*arguments)

    with connection.execute_wrapper(counted):
        began = time.perf_counter()
        work()
        return time.perf_counter() - began, next(queries)
