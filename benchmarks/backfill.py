"""
How fast a publication reaches the learners whom it concerns, with one worker and with more.

On a database that processes can share, named by the demo's variables (`DEMO_DATABASE_ENGINE` and
those beside it); it is emptied. Every learner has a grade in three runs, and half of them pass all
of them. The same chunks of learners are evaluated by one process, and then, the awards gone, by
several.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from datetime import UTC, datetime

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from opaque_keys.edx.keys import CourseKey

from demo.courses.models import CourseEnrollment
from demo.results.models import PersistentCourseGrade
from microcred_plugin import earning
from microcred_plugin.awards.models import Award, AwardEvent, Receipt
from microcred_plugin.definitions.models import Publication, PublicationChunk
from tests.factories import publish_many

RUNS = [f"course-v1:Bench+Backfill+{place}" for place in range(3)]
PASSED = datetime(2026, 6, 1, tzinfo=UTC)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks backfill")
    parser.add_argument("--learners", type=int, default=4000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    call_command("migrate", verbosity=0)
    call_command("flush", verbosity=0, interactive=False)
    publication = prepare(options.learners)
    chunk_ids = list(earning.cut_publication(str(publication.uuid)))
    with CaptureQueriesContext(connection) as captured:
        earning.evaluate_chunk(chunk_ids[0])
    print(f"queries per chunk of {_learners(chunk_ids[0])} learners: {len(captured)}")
    single = _run(chunk_ids, 1)
    several = _run(chunk_ids, options.workers)
    print(f"1 worker: {options.learners / single:.0f} learners/s")
    print(
        f"{options.workers} workers: {options.learners / several:.0f} learners/s, "
        f"{single / several:.2f} times as many"
    )


def prepare(learners: int) -> Publication:
    """So many learners with their grades, and the publication that concerns them."""
    user = get_user_model()
    user.objects.bulk_create(
        (user(username=f"b{number}", email=f"b{number}@example.org") for number in range(learners)),
        batch_size=1000,
    )
    ids = list(user.objects.order_by("id").values_list("id", flat=True))
    PersistentCourseGrade.objects.bulk_create(
        (
            PersistentCourseGrade(
                user_id=learner_id,
                course_id=CourseKey.from_string(run),
                percent_grade=0.9,
                letter_grade="" if run == RUNS[2] and learner_id % 2 else "Pass",
                passed_timestamp=PASSED,
            )
            for learner_id in ids
            for run in RUNS
        ),
        batch_size=1000,
    )
    CourseEnrollment.objects.bulk_create(
        (
            CourseEnrollment(user_id=learner_id, course_id=CourseKey.from_string(run), mode="honor")
            for learner_id in ids
            for run in RUNS
        ),
        batch_size=1000,
    )
    (microcredential,) = publish_many(1, lambda _position: RUNS)
    return Publication.objects.create(version=microcredential.versions.get(), at=PASSED)


def _learners(chunk_id: int) -> int:
    return PublicationChunk.objects.get(pk=chunk_id).learners


def _run(chunk_ids: list[int], workers: int) -> float:
    """Seconds that so many processes take for the chunks, without any award at first."""
    for model in (Receipt, AwardEvent, Award):
        model._default_manager.all().delete()
    PublicationChunk.objects.update(done_at=None)
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        pool.map(int, range(workers))
        began = time.perf_counter()
        pool.map(earning.evaluate_chunk, chunk_ids, chunksize=1)
        return time.perf_counter() - began
