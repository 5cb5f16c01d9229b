"""
What the plugin adds to the platform's request or task that sends an event, in milliseconds.

Run inside an LMS, with a broker and a cache as in production:

    DJANGO_SETTINGS_MODULE=… python manage.py lms shell < benchmarks/in_a_platform.py

It sends the platform's own grade event 300 times with the plugin's receiver and 300 times without
it, in turns, each in a transaction that commits. Three kinds of events: of a run that nothing asks
for, of a run that something asks for with a task that is sent, and again while that task has not
begun. `RUN` below has to be a run that a published microcredential asks for; without one only the
first kind is measured. The learners are made up: a worker finds that there is nobody.
"""

import statistics
from datetime import UTC, datetime
from itertools import count
from time import perf_counter

from django.db import transaction
from opaque_keys.edx.keys import CourseKey
from openedx_events.learning.data import CourseData, PersistentCourseGradeData
from openedx_events.learning.signals import PERSISTENT_GRADE_SUMMARY_CHANGED as EVENT

from microcred_plugin.definitions.models import RequirementIndex

TIMES = 300
NOBODY = 900_000_000
RUN = next(
    (
        key
        for key in RequirementIndex.objects.filter(kind="course").values_list(
            "object_key", flat=True
        )
        if key.startswith("course-v1:")
    ),
    None,
)


def event(learner_id, run):
    now = datetime.now(UTC)
    return PersistentCourseGradeData(
        user_id=learner_id,
        course=CourseData(course_key=CourseKey.from_string(run)),
        course_edited_timestamp=now,
        course_version="1",
        grading_policy_hash="",
        percent_grade=0.5,
        letter_grade="",
        passed_timestamp=None,
    )


def milliseconds(learner_id, run):
    start = perf_counter()
    with transaction.atomic():
        EVENT.send_event(grade=event(learner_id, run))
    return (perf_counter() - start) * 1000


def connect(receivers):
    EVENT.receivers = receivers
    EVENT.sender_receivers_cache.clear()


def measure(name, run, learner_ids):
    every = list(EVENT.receivers)
    others = [receiver for receiver in every if "microcred_plugin" not in repr(receiver)]
    assert len(others) == len(every) - 1, "the plugin's receiver is not connected"
    added = {True: [], False: []}
    for turn in range(TIMES + 20):
        for is_connected in (True, False):
            connect(every if is_connected else others)
            taken = milliseconds(next(learner_ids), run)
            if turn >= 20:  # the first few are slower for everybody
                added[is_connected].append(taken)
    connect(every)
    with_it, without_it = (statistics.median(added[key]) for key in (True, False))
    print(f"| {name} | {without_it:.2f} | {with_it:.2f} | {with_it - without_it:.2f} |")


print("| event of | without, ms | with, ms | added, ms |\n|---|---:|---:|---:|")
measure("a run that nothing asks for", "course-v1:None+None+None", count(NOBODY))
if RUN:
    measure("a run that something asks for", RUN, count(NOBODY))
    measure("the same learner and run again", RUN, (NOBODY for _ in count()))
