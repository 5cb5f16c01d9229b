"""The author's list: what their organisations offer, and what is being written."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from microcred_plugin.authoring.api import Rights
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Standing
from microcred_plugin.studio.access import for_everybody
from microcred_plugin.studio.showing import show_studio

PAGE = 24

STANDINGS = {
    Standing.ANY: _("All"),
    Standing.DRAFT: _("With a draft"),
    Standing.PUBLISHED: _("Can be earned"),
    Standing.UNPUBLISHED: _("Can't be earned yet, or any more"),
    Standing.OFF: _("Switched off or only observed"),
}


@require_safe
@for_everybody
def studio(request: HttpRequest, rights: Rights) -> HttpResponse:
    """Every microcredential of the reader's organisations; to others, where theirs is found."""
    if not rights.is_anybody:
        return show_studio(request, "nobody.html")
    query = request.GET.copy()
    query.pop("page", None)
    wanted = {
        "text": _printable(request.GET.get("q", "")),
        "organization": _printable(request.GET.get("organization", "")),
        "standing": _standing(request.GET.get("standing", "")),
    }
    mine = None if rights.is_operator else rights.organizations
    found = definitions.authored(organizations=mine, **wanted)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    everybody = definitions.organizations_with_microcredentials() if mine is None else mine
    return show_studio(
        request, "list.html", rights=rights, wanted=wanted, page=page,
        organizations=everybody, standings=STANDINGS.items(),
        may_create=rights.is_operator or bool(rights.writes_for),
        is_narrowed=any(wanted.values()), query=f"{query.urlencode()}&" if query else "",
    )  # fmt: skip


def _printable(text: str) -> str:
    """A text without what no title has, and some of which no database can be asked for."""
    return "".join(one for one in text[:255] if one.isprintable()).strip()


def _standing(text: str) -> str:
    return text if text in Standing.values else Standing.ANY.value
