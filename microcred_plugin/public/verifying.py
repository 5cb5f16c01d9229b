"""The verifier's page: whether a badge holds, for whoever was given one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import SiteWeb
from microcred_plugin.pages.api import page, show
from microcred_plugin.public.bringing import (
    NotBrought,
    Typed,
    brought_in,
    receive,
    typed_in,
)
from microcred_plugin.public.throttling import seconds_to_wait
from microcred_plugin.public.verdicts import Answer, answer_to

_LONGEST_PREFILL = 2000


def _received(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """
    What is posted is read under the verifier's own limits, before the token in it is looked for.

    So Django's check has to wait, and comes with `csrf_protect` after this.
    """

    @csrf_exempt
    @wraps(view)
    def receiving(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            try:
                receive(request)
            except NotBrought as error:
                return _form(request, Typed(errors={error.field: str(error)}), status=error.status)
        return csrf_protect(view)(request, *args, **kwargs)

    return receiving


@require_http_methods(["GET", "HEAD", "POST"])
@page
@_received
def verify(request: HttpRequest) -> HttpResponse:
    """The form; and to what is posted, the answer above it. Opening a link checks nothing."""
    if request.method != "POST":
        return _form(request, Typed(link=request.GET.get("url", "")[:_LONGEST_PREFILL]))
    if seconds := seconds_to_wait(request):
        response = _form(request, typed_in(request), wait=_wait(seconds), status=429)
        response["Retry-After"] = str(seconds)
        return response
    now = timezone.now()
    try:
        presented, email = brought_in(request, now=now)
    except NotBrought as error:
        return _form(request, typed_in(request, **{error.field: str(error)}), status=error.status)
    report = credentials.verify(presented, web=SiteWeb(now=now), now=now, email=email)
    is_replaced = credentials.is_replaced(presented, report, now=now)
    answer = answer_to(report, has_email=bool(email), is_replaced=is_replaced)
    return _form(request, typed_in(request), answer=answer)


def _wait(seconds: int) -> str:
    minutes = -(-seconds // 60)
    if seconds < 100:
        return ngettext(
            "You may check again in {seconds} second.", "You may check again in {seconds} seconds.",
            seconds,
        ).format(seconds=seconds)  # fmt: skip
    return ngettext(
        "You may check again in {minutes} minute.", "You may check again in {minutes} minutes.",
        minutes,
    ).format(minutes=minutes)  # fmt: skip


def _form(
    request: HttpRequest,
    typed: Typed,
    *,
    answer: Answer | None = None,
    wait: str = "",
    status: int = 200,
) -> HttpResponse:
    response = show(
        request, "public/verify.html", "verify", status=status,
        typed=typed, answer=answer, wait=wait, title=_title(typed, answer, wait),
    )  # fmt: skip
    patch_cache_control(response, no_store=True)
    return response


def _title(typed: Typed, answer: Answer | None, wait: str) -> str:
    """What the window is called: the outcome first, since that is what is read out first."""
    name = _("Check a badge")
    if answer is not None:
        return f"{answer.title} · {name}"
    if wait:
        return _("Too often · {name}").format(name=name)
    return _("Not checked · {name}").format(name=name) if typed.errors else name
