"""The endpoints: each reads what a page reads, and answers with it as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from microcred_plugin.awards import api as awards
from microcred_plugin.definitions.api import MicrocredentialVersion, face_of
from microcred_plugin.planning import HostFailed
from microcred_plugin.presenting.award import read_award
from microcred_plugin.presenting.catalog import Wanted, find_offers, own_states
from microcred_plugin.presenting.course import read_courses
from microcred_plugin.presenting.detail import read_detail
from microcred_plugin.presenting.listing import listed
from microcred_plugin.presenting.parts import UnderWay, badge, earned
from microcred_plugin.progress import Progress, overview
from microcred_plugin.rest_api import documenting, serializers
from microcred_plugin.rest_api.answering import LearnerView, PublicView
from microcred_plugin.rest_api.documenting import answers
from microcred_plugin.rest_api.pagination import page_of
from microcred_plugin.rest_api.permissions import is_restricted, learner_of, reader_of

AWARDS_ON_A_DASHBOARD = 6
UNDER_WAY_ON_A_DASHBOARD = 3
COURSES_AT_ONCE = 100


class DashboardView(LearnerView):
    """For a dashboard."""

    @answers(serializers.Dashboard, 401, 403, 404, 503, parameters=(documenting.USERNAME,))
    def get(self, request: Request) -> Response:
        """What a learner holds and what is under way, in short: all that a dashboard shows.

        The awards are those of the learner's page, in its order: what is suspended or waits for
        approval, then the newest. Levels that a higher one has taken the place of, awards that
        have ended and those that the learner hides are left out.
        """
        now = timezone.now()
        found = overview(learner_of(request), now=now)
        lists = listed(found, now=now)
        badges = [earned(award, now=now) for award in lists.current[:AWARDS_ON_A_DASHBOARD]]
        nearest = _with_badges(lists.under_way[:UNDER_WAY_ON_A_DASHBOARD])
        content = {
            "home_url": reverse("microcred:home"),
            "catalog_url": reverse("microcred:catalog"),
            "is_complete": found.is_complete,
            "awards": {"count": len(lists.current), "results": badges},
            "under_way": {"count": len(lists.under_way), "results": nearest},
        }
        return Response(serializers.Dashboard(content).data)


class AwardsView(LearnerView):
    """The awards of a learner."""

    @answers(
        serializers.AwardsPage, 401, 403, 404, 503,
        parameters=(documenting.USERNAME, *documenting.PAGING),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Every award of a learner, the newest first.

        Those that have ended are here too, those that the learner hides, and levels that a higher
        one has taken the place of.
        """
        now = timezone.now()
        found = list(awards.awards_of(learner_ids=[learner_of(request)]))
        found.sort(key=lambda award: (award.met_on or award.valid_from, award.pk), reverse=True)
        superseded = {
            str(uuid): str(award.uuid) for uuid, award in awards.superseding(found).items()
        }
        return page_of(
            found,
            request,
            lambda page: (
                serializers.ListedAward(
                    [earned(award, now=now) for award in page],
                    many=True,
                    context={"superseded": superseded},
                ).data
            ),
        )


class AwardView(LearnerView):
    """One award."""

    @answers(
        serializers.AwardDetail, 401, 403, 404, 503,
        parameters=(documenting.AWARD, documenting.USERNAME),
    )  # fmt: skip
    def get(self, request: Request, uuid: UUID) -> Response:
        """An award with what was met for it, what happened to it, and why.

        It is there for its learner alone, and for staff of the site who name that learner.
        """
        found = read_award(uuid, learner_id=learner_of(request), now=timezone.now())
        if found is None:
            raise NotFound(
                _(
                    "There is no award {uuid} here: it does not exist, or is somebody else's. "
                    "The list of awards has all that there are."
                ).format(uuid=uuid)
            )
        return Response(serializers.AwardDetail(found).data)


class ProgressView(LearnerView):
    """What is under way."""

    @answers(
        serializers.UnderWayPage, 401, 403, 404, 503,
        parameters=(documenting.USERNAME, *documenting.PAGING),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What a learner has begun and does not hold yet, the nearest first.

        First comes what is being awarded. What can no longer be met is left out.
        """
        now = timezone.now()
        found = overview(learner_of(request), now=now)
        if not found.is_complete:
            raise HostFailed
        return page_of(
            listed(found, now=now).under_way,
            request,
            lambda page: serializers.UnderWay(_with_badges(page), many=True).data,
        )


class CourseView(PublicView):
    """One course run."""

    @answers(serializers.Course, 400, 404, 503, parameters=(documenting.COURSE_KEY,))
    def get(self, request: Request, course_key: str) -> Response:
        """What a course run counts towards, and where the reader stands in that."""
        _refuse_what_is_no_key([course_key])
        found = read_courses([course_key], learner_id=reader_of(request), now=timezone.now())
        if course_key not in found:
            raise NotFound(
                _("There is no course run “{key}”. Look for a typing error.").format(key=course_key)
            )
        return Response(serializers.Course(found[course_key]).data)


class CoursesView(PublicView):
    """Several course runs."""

    @answers(serializers.Courses, 400, 503, parameters=(documenting.COURSE_KEYS,))
    def get(self, request: Request) -> Response:
        """What several course runs count towards, and where the reader stands in that.

        For a dashboard that lists courses: it costs as much as one of them.
        """
        # A plus that a client did not encode comes as a space, which no key has.
        given = (key.replace(" ", "+") for key in request.query_params.getlist("course_key"))
        keys = list(dict.fromkeys(given))
        if not keys:
            raise ValidationError(
                {"detail": _("No course is named. Add “?course_key=…”, once for each.")}
            )
        if len(keys) > COURSES_AT_ONCE:
            raise ValidationError(
                {
                    "detail": _(
                        "{count} courses are too many at once. Ask for up to {most} at a time."
                    ).format(count=len(keys), most=COURSES_AT_ONCE)
                }
            )
        _refuse_what_is_no_key(keys)
        found = read_courses(keys, learner_id=reader_of(request), now=timezone.now())
        content = {
            "results": [found[key] for key in keys if key in found],
            "unknown": [key for key in keys if key not in found],
        }
        return Response(serializers.Courses(content).data)


class MicrocredentialsView(PublicView):
    """The catalogue."""

    @answers(serializers.OffersPage, 404, parameters=(*documenting.FILTERS, *documenting.PAGING))
    def get(self, request: Request) -> Response:
        """What can be earned, by title."""
        now = timezone.now()
        reader = reader_of(request)
        found = find_offers(reader, Wanted.from_query(request.query_params), now=now)

        def shown(page: list[MicrocredentialVersion]) -> Any:
            states = own_states(reader, page, now=now)
            return serializers.Offer(
                [
                    serializers.Offered(
                        badge(face_of(one, one.microcredential)),
                        one,
                        states.get(one.microcredential_id),
                    )
                    for one in page
                ],
                many=True,
            ).data

        return page_of(found.fitting, request, shown, is_complete=found.is_complete)


class MicrocredentialView(PublicView):
    """One microcredential."""

    @answers(serializers.MicrocredentialDetail, 404, parameters=(documenting.MICROCREDENTIAL,))
    def get(self, request: Request, uuid: UUID) -> Response:
        """What a microcredential recognises, what it takes, and where the reader stands in it.

        In the version that can be earned now; if there is none, in the last.
        """
        reader = reader_of(request)
        found = read_detail(
            uuid,
            learner_id=reader,
            is_staff=reader is not None and request.user.is_staff and not is_restricted(request),
            now=timezone.now(),
        )
        if found is None:
            raise NotFound(
                _(
                    "There is no microcredential {uuid}, or it is not public yet. The catalog "
                    "has all that can be earned."
                ).format(uuid=uuid)
            )
        return Response(serializers.MicrocredentialDetail(found).data)


def _with_badges(found: Iterable[Progress]) -> list[UnderWay]:
    """Each with its badge, as far as it has a face, which all have that are under way."""
    return [
        UnderWay(badge(one.definition.face), one, None)
        for one in found
        if one.definition.face is not None
    ]


def _refuse_what_is_no_key(keys: Iterable[str]) -> None:
    wrong = [key for key in keys if not _is_course_key(key)]
    if wrong:
        sentence = ngettext(
            "This is not the key of a course run: {keys}. One looks like course-v1:Org+Course+Run.",
            "These are not keys of course runs: {keys}. One looks like course-v1:Org+Course+Run.",
            len(wrong),
        )
        raise ValidationError({"detail": sentence.format(keys=", ".join(wrong))})


def _is_course_key(key: str) -> bool:
    try:
        CourseKey.from_string(key)
    except InvalidKeyError:
        return False
    return True
