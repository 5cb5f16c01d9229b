"""An organisation as the issuer of credentials: its profile, and the keys that it signs with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from microcred_plugin.authoring.api import Rights
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import Issuer, IssuerKey, KeyKind, NotConfigured
from microcred_plugin.definitions import api as definitions
from microcred_plugin.studio.access import for_admins, for_members_of
from microcred_plugin.studio.showing import show_studio

_TEXTS = ("name", "url", "description", "email", "country", "linkedin_id")
_LONGEST = 5_000


@dataclass(frozen=True, slots=True)
class Key:
    """A key as a page shows it."""

    name: str
    kind: str
    signs: str
    created: datetime
    until: datetime | None
    is_signing: bool
    compromised_at: datetime | None


@dataclass(slots=True)
class Form:
    """What stands in the form, and what is wrong with it, by field."""

    values: dict[str, Any]
    logo: Any = None
    # The logo as it goes from page to page until it is kept; empty if it is the one that is kept.
    new_logo: str = ""
    wrong: Mapping[str, list[str]] = field(default_factory=dict)
    # Why nothing can be signed here: for those who run the site.
    missing: str = ""

    @property
    def logo_url(self) -> str:
        return definitions.data_url(self.logo) if self.logo is not None else ""


def _may_be_one(organization: str) -> bool:
    """Whether it can be a short name: some databases can't even be asked for what can't."""
    return len(organization) <= 255 and organization.isprintable()


@require_http_methods(["GET", "HEAD", "POST"])
@for_members_of
def issuer(request: HttpRequest, rights: Rights, organization: str) -> HttpResponse:
    """The issuer, for those who are anything in the organisation; admins change it."""
    if not _may_be_one(organization):
        raise Http404(_("There is no such organisation, or you are not an admin of it."))
    may_change = rights.may_administer(organization)
    found = credentials.issuer_with_keys(organization)
    form = _form_of(found, organization)
    if request.method == "POST":
        if not may_change:
            raise Http404(_("There is no such organisation, or you are not an admin of it."))
        if "rotate" in request.POST:
            form.missing = _rotate(request, found, request.POST["rotate"])
        else:
            _read(request, form)
            _keep(request, found, organization, form)
        if not (form.wrong or form.missing):
            return redirect("microcred:studio_issuer", organization=organization)
    return show_studio(
        request, "issuer.html", "organizations", status=422 if form.wrong or form.missing else 200,
        organization=organization, issuer=found, form=form, may_change=may_change,
        did=credentials.did_of(found) if found else "",
        keys=[_shown(key) for key in _in_order(found)] if found else [],
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def stolen(request: HttpRequest, rights: Rights, organization: str, name: str) -> HttpResponse:
    """Whether a key that somebody else may have is to be relied on no more, and what follows."""
    if not _may_be_one(organization):
        raise Http404(_("There is no such organisation, or you are not an admin of it."))
    found = credentials.issuer_with_keys(organization)
    keys = {key.name: key for key in found.keys.all()} if found else {}
    key = keys.get(name)
    if found is None or key is None or key.compromised_at is not None:
        raise Http404(_("There is no such key, or it is not relied on any more."))
    if request.method == "POST":
        failed = credentials.compromise(key, now=timezone.now())
        messages.success(
            request,
            _("The key is out of use. The learning site signs again what it had signed."),
        )
        if failed is not None:
            messages.error(request, _("No new key signs yet: {reason}").format(reason=failed))
        return redirect("microcred:studio_issuer", organization=organization)
    return show_studio(
        request, "issuer_stolen.html", "organizations",
        organization=organization, key=_shown(key),
        count=credentials.served_by(key=key).count(),
    )  # fmt: skip


# --- the form ------------------------------------------------------------------------------------


def _form_of(found: Issuer | None, organization: str) -> Form:
    if found is None:
        return Form({**dict.fromkeys(_TEXTS, ""), "name": organization})
    return Form({name: getattr(found, name) for name in _TEXTS}, logo=found.logo)


def _read(request: HttpRequest, form: Form) -> None:
    """Take over what was typed, and the logo that was chosen, now or on the page before."""
    form.values = {
        name: request.POST.get(name, "").replace("\0", "").strip()[:_LONGEST] for name in _TEXTS
    }
    form.values["country"] = form.values["country"].upper()
    if "without_logo" in request.POST:
        form.logo = None
    try:
        file = request.FILES.get("logo")
        if file is not None:
            form.logo = definitions.read_upload(file)
            form.new_logo = definitions.data_url(form.logo)
        elif request.POST.get("new_logo") and "without_logo" not in request.POST:
            form.logo = definitions.read_image(request.POST["new_logo"])
            form.new_logo = definitions.data_url(form.logo)
    except definitions.NotAnImage as error:
        form.wrong = {"logo": [str(error)]}


def _keep(request: HttpRequest, found: Issuer | None, organization: str, form: Form) -> None:
    fields = {**form.values, "logo": form.logo}
    try:
        # All that is wrong at once; and nothing is made for a profile that can't be kept.
        credentials.check_profile(Issuer(**form.values))
    except ValidationError as error:
        form.wrong = {**form.wrong, **error.message_dict}
    if form.wrong:
        return
    try:
        made = found or credentials.ensure_issuer(organization, now=timezone.now())
    except NotConfigured as error:
        form.missing = str(error)
        return
    credentials.change_profile(made, **fields)
    messages.success(
        request,
        _("Saved. Badges that are signed from now on say it.")
        if found
        else _("{organization} can sign badges now.").format(organization=organization),
    )


def _rotate(request: HttpRequest, found: Issuer | None, kind: str) -> str:
    """Have a new key of this kind sign; why none can, if none can."""
    if found is None or kind not in KeyKind.values:
        raise Http404(_("There is no such key, or it is not relied on any more."))
    try:
        credentials.rotate(found, kind, now=timezone.now())
    except NotConfigured as error:
        return str(error)
    messages.success(request, _("A new key signs from now on. What was signed before stays valid."))
    return ""


# --- keys ----------------------------------------------------------------------------------------


def _in_order(found: Issuer) -> list[IssuerKey]:
    """What signs now comes first, then what is newer."""
    return sorted(found.keys.all(), key=lambda key: (key.slot is None, key.kind, -key.pk))


def _shown(key: IssuerKey) -> Key:
    signs = {
        KeyKind.ED25519: _("Signs badges as JSON, and status lists (Ed25519)"),
        KeyKind.RSA: _("Signs badges as JWT (RSA)"),
    }
    return Key(
        name=key.name,
        kind=key.kind,
        signs=signs[KeyKind(key.kind)],
        created=key.created,
        until=key.retired_at,
        is_signing=key.slot == 1,
        compromised_at=key.compromised_at,
    )
