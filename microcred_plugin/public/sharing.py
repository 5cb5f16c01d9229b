"""How a learner is seen by others: their name, their public profile, and what they share."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import NameChoice
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Learner
from microcred_plugin.pages.api import page, show
from microcred_plugin.planning import ask
from microcred_plugin.presenting.parts import earned
from microcred_plugin.public.reading import nothing_here

SHARED_ON_A_PAGE = 24

# What turns the direction of what stands behind it (UAX #9): no part of a name, and fit for making
# it look like another.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Control characters, and those that end a line or a paragraph.
_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})


# Letters that show nothing: fillers of Hangul.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0")


class NameForm(forms.Form):
    """The name under which somebody shares, and whether they have a public profile."""

    name_choice = forms.ChoiceField(choices=NameChoice.choices)
    own_name = forms.CharField(max_length=255, required=False)
    is_profile_public = forms.BooleanField(required=False)
    may_be_indexed = forms.BooleanField(required=False)

    def clean_own_name(self) -> str:
        name: str = self.cleaned_data["own_name"]
        if name and not any(
            unicodedata.category(one)[0] in "LN" and one not in _BLANK for one in name
        ):
            raise forms.ValidationError(_("The name has no letter that can be seen."))
        if any(one in _TURNING or unicodedata.category(one) in _NO_TEXT for one in name):
            raise forms.ValidationError(
                _("The name has characters that can't be shown. Write it anew, on one line.")
            )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_other = cleaned.get("name_choice") == NameChoice.OTHER
        if is_other and not cleaned.get("own_name") and "own_name" not in self.errors:
            self.add_error("own_name", _("Write the name that others are to see."))
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@page
def sharing(request: HttpRequest) -> HttpResponse:
    """The settings of whoever is logged in."""
    learner_id = int(request.user.pk or 0)
    learner = ask(get_host().learners, [learner_id]).get(learner_id)
    if learner is None or learner.is_retired:
        raise nothing_here()
    if request.method == "POST":
        form = NameForm(request.POST)
        if form.is_valid():
            credentials.choose_name(learner_id, **form.cleaned_data)
            return redirect(f"{reverse('microcred:sharing')}?saved=1")
        return _show(request, learner, form)
    holder = credentials.find_holder(learner_id)
    chosen = {name: getattr(holder, name) for name in NameForm.base_fields} if holder else {}
    return _show(request, learner, NameForm(initial=chosen))


def _show(request: HttpRequest, learner: Learner, form: NameForm) -> HttpResponse:
    holder = credentials.find_holder(learner.id)
    now = timezone.now()
    shared: Page[Any] = Paginator(credentials.shared_by(learner.id), SHARED_ON_A_PAGE).get_page(
        request.GET.get("page", "1")
    )
    shared.object_list = [(earned(one, now=now), one.sharing.is_on_profile) for one in shared]
    is_public = holder is not None and holder.is_profile_public
    path = reverse("microcred:profile", args=[holder.share_id]) if holder and is_public else ""
    chosen = str(form["name_choice"].value() or NameChoice.FULL_NAME)
    return show(
        request, "public/sharing.html", "home",
        form=form,
        chosen=chosen,
        names=_names(learner, str(form["own_name"].value() or "")),
        shared=shared,
        profile_path=path,
        profile_url=get_host().absolute_url(path) if path else "",
        is_saved="saved" in request.GET,
        status=422 if form.errors else 200,
    )  # fmt: skip


def _names(learner: Learner, own_name: str) -> list[tuple[str, str, str]]:
    """Each way of being named: its value, what it is called, and the name that others see."""
    shown = {
        NameChoice.FULL_NAME: learner.name,
        NameChoice.USERNAME: learner.username,
        NameChoice.OTHER: own_name,
        NameChoice.NONE: "",
    }
    return [(choice.value, str(choice.label), shown[choice]) for choice in NameChoice]
