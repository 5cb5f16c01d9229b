"""The demo's Studio: choose who you are. All the other pages are the plugin's."""

from __future__ import annotations

from django.contrib.auth import get_user_model, login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from demo.authors import WRITERS
from demo.courses.models import CourseOverview
from demo.teachers import TEACHERS
from microcred_plugin.host import get_host


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody whom one may be in Studio."""
    runs = {str(run.pk): run for run in CourseOverview.objects.all()}
    people = [
        (person.username, person.name, getattr(person, "story", ""), _known(person.runs, runs))
        for person in (*WRITERS, *TEACHERS)
    ]
    return render(request, "demo/studio.html", {"people": people})


def _known(keys: tuple[str, ...], runs: dict[str, CourseOverview]) -> list[CourseOverview]:
    return [runs[key] for key in keys if key in runs]


@require_POST
def become(request: HttpRequest, username: str) -> HttpResponse:
    """
    Log in as somebody of Studio, without a password: everybody here is invented.

    A `run` in the form is the one whose page is to be looked at.
    """
    person = get_object_or_404(get_user_model(), username=username, is_active=True, is_staff=False)
    run = request.POST.get("run", "")
    if run and not get_host().may_author(person.pk, [run]):
        raise Http404(f"{username} does not write {run}.")
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("microcred:studio_course", run) if run else redirect("microcred:studio")
