"""The demo's own pages: choose who you are, and a course. All the others are the plugin's."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from demo.authors import WRITERS
from demo.courses.models import CourseEnrollment, CourseOverview, UserProfile
from demo.stories import STORIES
from demo.teachers import TEACHERS, taught_by
from microcred_plugin.awards import api as awards
from microcred_plugin.host import get_host
from microcred_plugin.pages.api import page_context

TEACHING = frozenset(teacher.username for teacher in TEACHERS)
WRITING = frozenset(writer.username for writer in WRITERS)


@dataclass(frozen=True, slots=True)
class Person:
    """A learner whom one may log in as."""

    username: str
    name: str
    story: str
    badges: int


@dataclass(frozen=True, slots=True)
class Teaching:
    """A teacher whom one may log in as, and the runs whose learners they may look at."""

    username: str
    name: str
    runs: tuple[CourseOverview, ...]


def pages(request: HttpRequest) -> dict[str, object]:
    """For the demo's templates: what the plugin's base template asks for, and both services."""
    return {**page_context(), "lms_url": settings.LMS_ROOT_URL, "studio_url": settings.CMS_ROOT_URL}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody whom one may be; of the learners those with a story first."""
    profiles = UserProfile.objects.filter(
        user__is_active=True, user__is_staff=False
    ).select_related("user")
    held = Counter(
        award.learner_id for award in awards.awards_of() if award.state == awards.State.ACTIVE
    )
    people = [
        Person(
            username=profile.user.username,
            name=profile.name,
            story=str(STORIES.get(profile.user.username, "")),
            badges=held[profile.user_id],
        )
        for profile in profiles
        if profile.user.username not in TEACHING | WRITING
    ]
    taught = taught_by(TEACHING)
    teachers = [
        Teaching(profile.user.username, profile.name, tuple(taught[profile.user.username]))
        for profile in profiles
        if profile.user.username in TEACHING
    ]
    order = list(STORIES)
    people.sort(
        key=lambda one: (
            order.index(one.username) if one.username in STORIES else len(order),
            -one.badges,
            one.name,
        )
    )
    return render(request, "demo/home.html", {"people": people, "teachers": teachers})


@require_POST
def become(request: HttpRequest, username: str) -> HttpResponse:
    """
    Log in as this learner or teacher, without a password: everybody here is invented.

    A `run` in the form is the one whose learners are to be looked at.
    """
    person = get_object_or_404(get_user_model(), username=username, is_active=True, is_staff=False)
    run = request.POST.get("run", "")
    if run and not get_host().may_see_grades(person.pk, run):
        raise Http404(f"{username} does not teach {run}.")
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("microcred:class_list", run) if run else redirect("microcred:home")


@require_safe
def course(request: HttpRequest, key: str) -> HttpResponse:
    """A course run, or all runs of a course: a stand-in for the real thing."""
    runs = [run for run in CourseOverview.objects.order_by("start") if _is_meant(run.id, key)]
    if not runs:
        raise Http404(f"There is no course {key}.")
    mine = {}
    if request.user.is_authenticated:
        mine = {
            str(enrollment.course_id): enrollment
            for enrollment in CourseEnrollment.objects.filter(user=request.user, is_active=True)
        }
    reader = request.user.pk or 0
    listed = [
        (run, mine.get(str(run.id)), get_host().may_see_grades(reader, str(run.id))) for run in runs
    ]
    return render(request, "demo/course.html", {"runs": listed, "title": runs[0].display_name})


def _is_meant(run: CourseKey, key: str) -> bool:
    try:
        return run == CourseKey.from_string(key)
    except InvalidKeyError:
        return f"{run.org}+{run.course}" == key
