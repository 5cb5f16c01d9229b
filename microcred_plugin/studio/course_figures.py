"""Of the learners of a course run: how many have earned what it counts towards, or nearly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from microcred_plugin import previewing, tasks
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import PreviewState, Rights
from microcred_plugin.host.interface import CourseRun
from microcred_plugin.previewing import Counts
from microcred_plugin.studio.access import for_course_team
from microcred_plugin.studio.foreseen import titles_for
from microcred_plugin.studio.showing import show_studio


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A line of the figures: a microcredential, how many earned it, how many are close."""

    title: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class CourseFigures:
    """
    Of the learners of a course run, by microcredential: how many earned it, how many are close.

    `counts` is None as long as nothing is known, and may be those of `at` while newer ones are
    being counted.
    """

    run: str
    counts: Mapping[str, Counts] | None
    rows: tuple[CourseRow, ...]
    at: datetime | None
    is_being_counted: bool
    has_failed: bool
    url: str

    def of(self, uuid: UUID | str) -> Counts | None:
        """The counts of one microcredential, if they are known."""
        return None if self.counts is None else self.counts.get(str(uuid))


def course_figures(rights: Rights, run: str) -> CourseFigures:
    """
    What is known of the learners of a course run; asked for, where it is old or nobody has asked.

    For a page that includes `studio/figures.html`, as `figures`.
    """
    asked, is_new = authoring.ask_course_figures(run=run, by_id=rights.user_id, now=timezone.now())
    if is_new:
        tasks.send_preview(str(asked.uuid))
    is_done = asked.state == PreviewState.DONE
    known = asked if is_done else authoring.newest_of_course(run, is_done=True)
    counts = None if known is None else previewing.counts_of(known)
    return CourseFigures(
        run=run,
        counts=counts,
        rows=tuple(_course_rows(counts or {}, rights)),
        at=None if known is None else known.asked_at,
        is_being_counted=asked.is_unfinished,
        has_failed=asked.state == PreviewState.FAILED,
        url=reverse("microcred:studio_figures", args=[run]),
    )


def _course_rows(counts: Mapping[str, Counts], rights: Rights) -> list[CourseRow]:
    """The counts by title, of what the reader may know of."""
    titles = titles_for(counts, rights)
    rows = [CourseRow(titles[uuid], of_it) for uuid, of_it in counts.items() if uuid in titles]
    return sorted(rows, key=lambda row: row.title)


@require_safe
@for_course_team
def figures(request: HttpRequest, rights: Rights, run: CourseRun) -> HttpResponse:
    """The figures of a course, as the part that its page includes."""
    return show_studio(request, "figures.html", figures=course_figures(rights, run.run))
