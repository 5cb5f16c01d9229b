"""How the public pages are framed: what is not there, and what is not shown, look the same."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from microcred_plugin.pages.api import View, page, show


def public_page(view: View) -> View:
    """A page that anybody may ask for; where there is nothing for them, they may log in."""

    @page
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            is_read = request.method in ("GET", "HEAD")
            back = request.get_full_path() if is_read else reverse("microcred:home")
            return show(
                request, "public/nothing.html", status=404,
                login_url=redirect_to_login(back).url,
            )  # fmt: skip

    return shown
