"""Who is what in an organisation: given and taken by its admins."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Rights, Role
from microcred_plugin.definitions import api as definitions
from microcred_plugin.host import get_host
from microcred_plugin.planning import ask
from microcred_plugin.studio.access import for_admins, for_everybody
from microcred_plugin.studio.showing import show_studio


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody, and what they are in the organisation."""

    role_id: int
    username: str
    name: str
    role: str
    label: str


@require_http_methods(["GET", "HEAD", "POST"])
@for_everybody
def organizations(request: HttpRequest, rights: Rights) -> HttpResponse:
    """The reader's organisations; an operator opens any."""
    wrong = ""
    if request.method == "POST" and rights.is_operator:
        name = request.POST.get("organization", "").strip()
        if name and len(name) <= 255 and "/" not in name and name.isprintable():
            return redirect("microcred:studio_organization", organization=name)
        wrong = _("Write the short name of an organisation, as it stands in its course keys.")
    names = set(rights.organizations)
    if rights.is_operator:
        names |= set(definitions.organizations_with_microcredentials())
        names |= set(authoring.organizations_with_roles())
    rows = [
        (
            name,
            [str(role.label) for role in Role if role in rights.roles.get(name, ())],
            rights.may_administer(name),
        )
        for name in sorted(names)
    ]
    return show_studio(
        request, "organizations.html", "organizations", rights=rights, rows=rows, wrong=wrong,
        status=422 if wrong else 200,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def organization(request: HttpRequest, rights: Rights, organization: str) -> HttpResponse:
    """Who is what in an organisation, and a form to say it."""
    here = reverse("microcred:studio_organization", args=[organization])
    wrong, typed = "", {"person": "", "role": Role.AUTHOR.value}
    if request.method == "POST" and "take" in request.POST:
        wrong = _take(request, rights, organization)
        if not wrong:
            return redirect(here)
    elif request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in typed}
        wrong = _give(request, rights, organization, **typed)
        if not wrong:
            return redirect(here)
    return show_studio(
        request, "organization.html", "organizations", status=422 if wrong else 200,
        organization=organization, members=_members(organization), roles=Role.choices,
        wrong=wrong, typed=typed,
    )  # fmt: skip


def _give(
    request: HttpRequest, rights: Rights, organization: str, *, person: str, role: str
) -> str:
    """Give the role; what is wrong with what was written, if anything is."""
    if role not in Role.values:
        return _("Choose what they are to be.")
    user_id = find_person(person)
    if user_id is None:
        return _("There is nobody with the user name or e-mail address “{person}” here.").format(
            person=person
        )
    authoring.give_role(
        user_id=user_id, organization=organization, role=role, by_id=rights.user_id,
        now=timezone.now(),
    )  # fmt: skip
    label = Role(role).label
    messages.success(
        request,
        _("{person} is now this in {organization}: {role}.").format(
            person=person, organization=organization, role=label
        ),
    )
    return ""


def find_person(text: str) -> int | None:
    """The id of whoever has this user name or e-mail address. Raises `HostFailed`."""
    if not text or not text.isprintable():
        return None
    host = get_host()
    by_name = ask(host.learner_ids_by_username, [text]).get(text)
    return by_name or ask(host.learner_ids_by_email, [text]).get(text)


def _take(request: HttpRequest, rights: Rights, organization: str) -> str:
    number = request.POST["take"]
    if not number.isdecimal() or len(number) > 18:
        return _("That role is not there any more.")
    try:
        authoring.take_role(role_id=int(number), organization=organization, by=rights)
    except authoring.NotPossible as error:
        return str(error)
    messages.success(request, _("They are not that any more."))
    return ""


def _members(organization: str) -> list[Member]:
    rows = authoring.roles_in(organization)
    people = ask(get_host().learners, {row.user_id for row in rows})
    return [
        Member(
            role_id=row.pk,
            username=people[row.user_id].username,
            name=people[row.user_id].name,
            role=row.role,
            label=str(Role(row.role).label),
        )
        for row in rows
        if row.user_id in people and not people[row.user_id].is_retired
    ]
