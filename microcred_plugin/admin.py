"""
The operators' view of every row: to look, and never to change.

What changes an award goes through `earning`, so that histories, outbox and stacks agree; rows that
were edited here would not. Users may have been deleted, so no page joins them: names are looked up
beside the rows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from microcred_plugin.models import (
    Award,
    AwardEvent,
    Decision,
    Due,
    Mail,
    Microcredential,
    MicrocredentialVersion,
    Observation,
    Publication,
)

if TYPE_CHECKING:  # generic for the type checker only
    ModelAdmin = admin.ModelAdmin[Any]
    StackedInline = admin.StackedInline[Any, Any]
else:
    ModelAdmin, StackedInline = admin.ModelAdmin, admin.StackedInline


class _ReadOnly:
    """Nobody adds, changes or deletes, superusers included."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _People:
    """
    Rows that users stand in: `people` has the way to each of them.

    A column shows a user by name and id, and one who is gone by the id alone.
    """

    people: ClassVar[Mapping[str, str]] = {}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        names = get_user_model().objects.values(_name_field())
        for person, way in self.people.items():
            rows = rows.annotate(
                **{
                    f"id_of_{person}": F(way),
                    f"name_of_{person}": Subquery(names.filter(pk=OuterRef(way))),
                }
            )
        return rows

    @admin.display(description=_("learner"))
    def learner_name(self, row: Any) -> str:
        return _person(row, "learner")

    @admin.display(description=_("by"))
    def by_name(self, row: Any) -> str:
        return _person(row, "by")

    @admin.display(description=_("lifted by"))
    def lifted_by_name(self, row: Any) -> str:
        return _person(row, "lifted_by")


class _Rows(_ReadOnly, _People, ModelAdmin):
    """
    A list of rows, the newest first, and a page for each.

    `search_fields` must not lead to a user; rows are found by the name of one all the same. Nor do
    they name uuids, of which any few letters from a to f would be a part: `uuids` are found whole.
    """

    uuids: ClassVar[tuple[str, ...]] = ()

    actions = None
    show_full_result_count = False
    ordering: ClassVar[tuple[str, ...]] = ("-id",)
    list_per_page = 50
    search_help_text = _("A user name or id, a slug or a uuid.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        term = search_term.strip()
        if not term:
            return found, may_have_duplicates
        wanted = Q(pk__in=found.values("pk"))
        if uuid := _uuid(term):
            for field in self.uuids:
                wanted |= Q(**{field: uuid})
        if self.people:
            # Looked up by itself: a join would leave out the rows of users who are gone.
            users = get_user_model().objects.filter(**{_name_field(): term})
            ids = list(users.values_list("pk", flat=True))
            if term.isdecimal() and len(term) < 19:
                ids.append(int(term))
            for way in self.people.values():
                wanted |= Q(**{f"{way}__in": ids})
        return queryset.filter(wanted), may_have_duplicates


def _uuid(term: str) -> UUID | None:
    try:
        return UUID(term)
    except ValueError:
        return None


def _name_field() -> str:
    return str(get_user_model().USERNAME_FIELD)


def _person(row: Any, person: str) -> str:
    pk, name = getattr(row, f"id_of_{person}"), getattr(row, f"name_of_{person}")
    if pk is None:
        return "-"
    return f"{name} ({pk})" if name else str(pk)


def _readable(content: Any) -> str:
    """JSON the way people read it."""
    if content in (None, [], {}):
        return "-"
    return format_html(
        '<pre style="margin:0;white-space:pre-wrap">{}</pre>',
        json.dumps(content, indent=2, ensure_ascii=False),
    )


# --- definitions -------------------------------------------------------------------------------


@admin.register(Microcredential)
class MicrocredentialAdmin(_Rows):
    """What can be earned."""

    list_display = ("slug", "title", "organization", "visibility", "switch", "modified")
    list_filter = ("switch", "visibility", "organization")
    search_fields = ("slug", "title", "organization")
    uuids = ("uuid",)
    search_help_text = _("A slug, a title, an organisation or a uuid.")
    fields = (
        "uuid", "slug", "organization", "title", "visibility", "switch", "created", "modified",
    )  # fmt: skip


@admin.register(MicrocredentialVersion)
class MicrocredentialVersionAdmin(_Rows):
    """What microcredentials say and ask for."""

    list_display = ("microcredential", "number", "state", "title", "published_at", "closes_at")
    list_filter = ("state", "policy", "needs_approval")
    list_select_related = ("microcredential",)
    search_fields = ("microcredential__slug", "title")
    uuids = ("microcredential__uuid",)
    search_help_text = _("A slug, a uuid or a title.")
    fields = (
        "microcredential", "number", "state", "published_at", "closes_at", "title", "description",
        "language", "image", "depth", "readable_skills", "workload_hours", "credit_value",
        "credit_kind", "level", "level_framework", "assessment_type", "supervision",
        "participation", "quality_assurance",
        "prerequisites", "validity_months", "grace_days", "policy", "needs_approval", "supersedes",
        "readable_requirements", "readable_eligibility", "readable_renewal", "readable_names",
        "created", "modified",
    )  # fmt: skip

    @admin.display(description=_("skills"))
    def readable_skills(self, row: MicrocredentialVersion) -> str:
        return _readable(row.skills)

    @admin.display(description=_("requirements"))
    def readable_requirements(self, row: MicrocredentialVersion) -> str:
        return _readable(row.requirements)

    @admin.display(description=_("eligibility"))
    def readable_eligibility(self, row: MicrocredentialVersion) -> str:
        return _readable(row.eligibility)

    @admin.display(description=_("renewal"))
    def readable_renewal(self, row: MicrocredentialVersion) -> str:
        return _readable(row.renewal)

    @admin.display(description=_("names"))
    def readable_names(self, row: MicrocredentialVersion) -> str:
        return _readable(row.names)


@admin.register(Publication)
class PublicationAdmin(_Rows):
    """Publications, by whose uuid what they led to can be undone."""

    people = {"by": "by_id"}
    list_display = ("uuid", "microcredential", "number", "at", "by_name", "state")
    list_filter = ("state",)
    list_select_related = ("version__microcredential",)
    search_fields = ("version__microcredential__slug",)
    uuids = ("uuid",)
    fields = (
        "uuid", "microcredential", "number", "version", "closed_versions", "by_name", "at", "state",
        "is_cut", "after_learner", "progressed_at",
    )  # fmt: skip

    @admin.display(description=_("microcredential"))
    def microcredential(self, row: Publication) -> str:
        return row.version.microcredential.slug

    @admin.display(description=_("number"))
    def number(self, row: Publication) -> int:
        return row.version.number


# --- awards ------------------------------------------------------------------------------------


def _receipt(event: AwardEvent) -> str:
    """What an event rests on; few have nothing."""
    receipt = getattr(event, "receipt", None)
    return _readable(receipt.content if receipt else None)


class AwardEventInline(_ReadOnly, _People, StackedInline):
    """The history of an award, each event with the receipt that it rests on."""

    model = AwardEvent
    people = {"by": "actor_id"}
    verbose_name_plural = _("history")
    extra = 0
    show_change_link = True
    fields = (
        "kind", "at", "cause", "cause_id", "by_name", "reason", "announcement", "announced_at",
        "receipt_content",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[AwardEvent]:
        return super().get_queryset(request).select_related("receipt")

    @admin.display(description=_("receipt"))
    def receipt_content(self, row: AwardEvent) -> str:
        return _receipt(row)


@admin.register(Award)
class AwardAdmin(_Rows):
    """Who holds what, and held it."""

    people = {"learner": "learner_id"}
    list_display = (
        "uuid", "learner_name", "microcredential", "number", "state", "met_on", "valid_from",
        "expires_at", "cause",
    )  # fmt: skip
    list_filter = ("state", "cause", "is_manual", "microcredential__organization")
    list_select_related = ("microcredential", "version")
    search_fields = ("microcredential__slug", "=cause_id")
    uuids = ("uuid",)
    fields = (
        "uuid", "learner_name", "microcredential", "version", "state", "met_on", "valid_from",
        "expires_at", "is_manual", "suspended_by_policy", "suspended_by_person", "is_hidden",
        "cause", "cause_id", "created", "modified",
    )  # fmt: skip
    inlines = (AwardEventInline,)

    @admin.display(description=_("version"))
    def number(self, row: Award) -> int:
        return row.version.number


class OutboxFilter(admin.SimpleListFilter):
    """Whether the world has been told."""

    title = _("outbox")
    parameter_name = "outbox"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", _("Still to be announced")),
            ("told", _("Announced")),
            ("nothing", _("Nothing to announce")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "told":
            return queryset.filter(announced_at__isnull=False)
        if self.value() == "waiting":
            return queryset.filter(announced_at=None).exclude(announcement="")
        if self.value() == "nothing":
            return queryset.filter(announced_at=None, announcement="")
        return queryset


@admin.register(AwardEvent)
class AwardEventAdmin(_Rows):
    """What happened to awards, and what of it the world still has to be told: the outbox."""

    people = {"learner": "award__learner_id", "by": "actor_id"}
    list_display = (
        "uuid", "kind", "learner_name", "microcredential", "at", "cause", "by_name",
        "announcement", "announced_at",
    )  # fmt: skip
    list_filter = (OutboxFilter, "kind", "cause")
    list_select_related = ("award__microcredential",)
    search_fields = ("award__microcredential__slug", "=cause_id")
    uuids = ("uuid", "award__uuid")
    fields = (
        "uuid", "award", "learner_name", "microcredential", "kind", "at", "cause", "cause_id",
        "by_name", "reason", "announcement", "announced_at", "claimed_at", "receipt_content",
    )  # fmt: skip

    @admin.display(description=_("microcredential"))
    def microcredential(self, row: AwardEvent) -> str:
        return row.award.microcredential.slug

    @admin.display(description=_("receipt"))
    def receipt_content(self, row: AwardEvent) -> str:
        return _receipt(row)


@admin.register(Decision)
class DecisionAdmin(_Rows):
    """What people have decided, and lifted."""

    people = {"learner": "learner_id", "by": "by_id", "lifted_by": "lifted_by_id"}
    list_display = (
        "kind", "learner_name", "microcredential", "by_name", "at", "reason", "lifted_at",
    )  # fmt: skip
    list_filter = ("kind", ("lifted_at", admin.EmptyFieldListFilter))
    list_select_related = ("microcredential",)
    search_fields = ("microcredential__slug",)
    search_help_text = _("A user name or id, or a slug.")
    fields = (
        "kind", "learner_name", "microcredential", "by_name", "at", "reason", "version", "met_on",
        "expires_at", "lifted_by_name", "lifted_at",
    )  # fmt: skip


@admin.register(Observation)
class ObservationAdmin(_Rows):
    """What would have happened where it is only observed."""

    people = {"learner": "learner_id"}
    list_display = ("kind", "learner_name", "microcredential", "met_on", "at")
    list_filter = ("kind",)
    list_select_related = ("microcredential",)
    search_fields = ("microcredential__slug",)
    search_help_text = _("A user name or id, or a slug.")
    fields = ("kind", "learner_name", "microcredential", "version", "met_on", "at")


@admin.register(Due)
class DueAdmin(_Rows):
    """When somebody's standing is looked at again, the next first."""

    people = {"learner": "learner_id"}
    list_display = ("due_at", "why", "learner_name", "microcredential")
    list_filter = ("why",)
    list_select_related = ("microcredential",)
    ordering = ("due_at", "id")
    search_fields = ("microcredential__slug",)
    search_help_text = _("A user name or id, or a slug.")
    fields = ("due_at", "why", "learner_name", "microcredential")


@admin.register(Mail)
class MailAdmin(_Rows):
    """Who was told by e-mail, or is to be, and what became of it."""

    people = {"learner": "learner_id"}
    list_display = (
        "event_id", "learner_name", "microcredential", "outcome", "send_at", "done_at", "attempts",
    )  # fmt: skip
    list_filter = ("outcome", "is_backfill")
    list_select_related = ("event__award__microcredential",)
    search_fields = ("event__award__microcredential__slug",)
    uuids = ("event__uuid",)
    fields = (
        "event_id", "learner_name", "microcredential", "is_backfill", "outcome", "send_at",
        "attempts", "claimed_at", "done_at",
    )  # fmt: skip

    @admin.display(description=_("microcredential"))
    def microcredential(self, row: Mail) -> str:
        return row.event.award.microcredential.slug
