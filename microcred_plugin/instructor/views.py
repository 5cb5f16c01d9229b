"""The instructor's pages of a course run. They only read."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from opaque_keys import InvalidKeyError

from microcred_plugin.authoring import api as authoring
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import course_of
from microcred_plugin.instructor.class_list import (
    Only,
    Row,
    Standing,
    Subject,
    find_subject,
    read_class,
    read_everybody,
)
from microcred_plugin.pages.api import View, page, show
from microcred_plugin.planning import HostFailed, ask

log = logging.getLogger(__name__)

# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _for_instructors(view: View) -> View:
    """
    A page of a course run for those who may see its grades.

    To everybody else it is the same as that of a course which does not exist.
    """

    @wraps(view)
    def looked_at(request: HttpRequest, key: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        subject = None
        if _may_see(request, key):
            subject = find_subject(key, now=timezone.now())
        if subject is None:
            raise Http404(_("There is no such course, or you may not see its grades."))
        return view(request, subject, *args, **kwargs)

    return login_required(page(looked_at))


def _may_see(request: HttpRequest, key: str) -> bool:
    try:
        course_of(key)
    except InvalidKeyError:
        return False
    return bool(ask(get_host().may_see_grades, request.user.pk, key))


@require_safe
@_for_instructors
def class_list(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Who has earned what, and who is one step away: as a page, or what a dashboard shows of it."""
    try:
        only = Only(request.GET.get("only", ""))
        after = max(0, int(request.GET.get("after", "0")))
    except ValueError:
        raise Http404(_("There is no such page of this list.")) from None
    found = read_class(subject, only=only, after=after, now=timezone.now())
    is_part = "part" in request.GET
    template = "instructor/class_part.html" if is_part else "instructor/class_list.html"
    run = subject.run.run
    return show(
        request, template, found=found,
        course_url=get_host().course_url(run, is_enrolled=True),
        studio_url=_studio_url(request, run),
    )  # fmt: skip


def _studio_url(request: HttpRequest, run: str) -> str:
    """Where the course is offered to microcredentials, for those who may write it; else empty."""
    if run not in ask(get_host().may_author, request.user.pk, [run]):
        return ""
    return authoring.studio_address("studio_course", run)


@require_safe
@_for_instructors
def class_csv(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """The whole list as CSV: a line for each learner and microcredential."""
    rows = read_everybody(subject, now=timezone.now())
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    name = get_valid_filename(f"microcredentials-{subject.run.run.replace(':', '-')}.csv")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the CSV; its fields are the columns. Dates are ISO 8601, in UTC."""

    username: str
    name: str
    microcredential: str
    organization: str
    standing: str
    met_on: str = ""
    expires_at: str = ""
    next_step: str = ""


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # Spreadsheets take a file for UTF-8 only if it begins like this.
    yield "\ufeff"
    yield writer.writerow(Line.__slots__)
    try:
        for row in rows:
            for line in _of_learner(row):
                yield writer.writerow([_harmless(value) for value in astuple(line)])
    except HostFailed:
        # The answer is under way, so that nothing but the file itself can say so.
        log.exception("microcredentials: a list of learners was cut off")
        yield writer.writerow([_("This list is incomplete: the course records could not be read.")])


def _of_learner(row: Row) -> Iterator[Line]:
    for standing in row.standings:
        award = standing.award
        yield Line(
            username=row.learner.username,
            name=row.learner.name,
            microcredential=standing.badge.title,
            organization=standing.badge.organization,
            standing=_standing(standing),
            met_on=award.met_on.isoformat() if award and award.met_on else "",
            expires_at=award.expires_at.isoformat() if award and award.expires_at else "",
            next_step="" if award else standing.left,
        )


def _standing(standing: Standing) -> str:
    if standing.award is not None:
        return standing.award.state.value
    if standing.progress.is_out_of_reach:
        return "can no longer be met"
    return "one step away" if standing.is_close else "under way"


def _harmless(value: str) -> str:
    # Where a list's separator is a semicolon, what follows one would be a cell of its own.
    value = value.replace(";", ",")
    return f"'{value}" if value.lstrip().startswith(_FORMULA) else value
