"""The JSON of the API, from what `presenting` and `progress` say, and what its schema says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from rest_framework import serializers

from microcred_plugin.awards.api import EventKind, State
from microcred_plugin.definitions.api import MicrocredentialVersion
from microcred_plugin.presenting.award import AwardPage
from microcred_plugin.presenting.parts import Badge, Requirement
from microcred_plugin.progress import microcredential_url
from microcred_plugin.rest_api.addresses import absolute

_IN_WORDS = "In the reader's language."
_OWN_PROGRESS = "The reader's own; null for a visitor, and while the reader holds it."
_LEVEL = "The level with its framework, such as “EQF 5”; empty where nobody says."


class Text(serializers.CharField):
    """A text, which may be empty where nobody has written any."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_blank=True, **options)


class Address(serializers.URLField):
    """An address, made absolute."""

    def to_representation(self, value: str) -> str:
        return absolute(value)


class MicrocredentialAddress(Address):
    """The address of a microcredential's page, from its uuid."""

    def to_representation(self, value: str) -> str:
        return absolute(microcredential_url(value))


class Moment(serializers.DateTimeField):
    """A date and time in UTC, whatever the site's own format is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso-8601", default_timezone=UTC, **options)


class RequirementField(serializers.Field):
    """A requirement tree."""

    class Meta:
        swagger_schema_fields = {
            "type": "object",
            "description": (
                "A node of the requirement tree, or of what was met of it: `title`, `text` and "
                "`options` in words; `is_group`; `mark` (met, not_met, unknown; empty for a "
                "visitor) and `standing`, the reader's own; `url`, where it is met, or null; "
                "`of`, the nodes of a group."
            ),
        }

    def to_representation(self, value: Requirement) -> dict[str, Any]:
        return {
            "title": value.title,
            "text": value.text,
            "options": list(value.options),
            "is_group": value.is_group,
            "mark": value.mark,
            "standing": value.standing,
            "url": absolute(value.url) if value.url else None,
            "of": [self.to_representation(node) for node in value.of],
        }


class Shape(serializers.Serializer):
    """Something in an answer. Its name in a schema begins with the plugin's: others have awards."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.Meta = type("Meta", (), {"ref_name": f"Microcred{cls.__name__}"})


class Error(Shape):
    detail = Text(help_text="What is wrong, why, and what to do about it.")


class Step(Shape):
    text = Text(source="sentence", help_text=_IN_WORDS)
    url = Address(allow_null=True, help_text="Where it is done, if that has an address.")


# --- awards ------------------------------------------------------------------------------------


class DashboardAward(Shape):
    uuid = serializers.UUIDField()
    title = Text(source="badge.title")
    organization = Text(source="badge.organization")
    state = serializers.ChoiceField(choices=State.choices)
    state_text = Text(source="label", help_text=_IN_WORDS)
    met_on = Moment(
        allow_null=True, help_text="When what it asks for was met; null if nobody knows."
    )
    expires_at = Moment(allow_null=True)
    url = Address(source="badge.url", help_text="The page of the award.")
    image_url = Address(source="badge.image_url", help_text="The badge, as SVG.")
    microcredential_url = MicrocredentialAddress(source="badge.uuid")


class Award(DashboardAward):
    microcredential = serializers.UUIDField(source="badge.uuid")
    version = serializers.IntegerField()
    level_text = Text(source="badge.level", help_text=_LEVEL)
    language = Text(source="badge.language", help_text="That of the title.")
    valid_from = Moment()
    is_hidden = serializers.BooleanField(help_text="The learner leaves it out of their page.")


class ListedAward(Award):
    """`superseded` of the context: the award that takes another's place, by the other's uuid."""

    superseded_by = serializers.UUIDField(
        read_only=True, allow_null=True,
        help_text="The award of a higher level that pages show in its place.",
    )  # fmt: skip

    def to_representation(self, instance: Any) -> dict[str, Any]:
        superseded: Mapping[str, str] = self.context["superseded"]
        return {
            **Award(instance).data,
            "superseded_by": superseded.get(instance.uuid),
        }


class Happening(Shape):
    kind = serializers.ChoiceField(choices=EventKind.choices)
    kind_text = Text(source="label", help_text=_IN_WORDS)
    at = Moment()
    why = Text(help_text=_IN_WORDS)
    reason = Text(help_text="What a person wrote; may be empty.")


class AwardStory(Shape):
    is_manual = serializers.BooleanField(help_text="A person awarded it.")
    notice = Text(help_text="What the state means for the learner; may be empty.")
    next_step = Step(allow_null=True, help_text="What would bring it back, if it is suspended.")
    receipt = RequirementField(allow_null=True)
    history = Happening(many=True, help_text="What happened to it, the oldest first.")


class AwardDetail(Award, AwardStory):
    def to_representation(self, instance: AwardPage) -> dict[str, Any]:
        return {**Award(instance.award).data, **AwardStory(instance).data}


# --- what is under way -------------------------------------------------------------------------


class Progress(Shape):
    done = serializers.IntegerField(help_text="Steps that are done.")
    total = serializers.IntegerField(help_text="Those, and the steps that are left.")
    summary = Text(help_text=_IN_WORDS)
    is_under_way = serializers.BooleanField(help_text="Begun, and not held.")
    is_being_awarded = serializers.BooleanField(help_text="Everything is met; not written yet.")
    is_blocked = serializers.BooleanField(help_text="A person keeps it from being awarded.")
    next_step = Step(allow_null=True)


class UnderWay(Shape):
    uuid = serializers.UUIDField(source="badge.uuid", help_text="Of the microcredential.")
    title = Text(source="badge.title")
    organization = Text(source="badge.organization")
    url = Address(source="badge.url")
    image_url = Address(source="badge.image_url")
    done = serializers.IntegerField(source="progress.done", help_text="Steps that are done.")
    total = serializers.IntegerField(
        source="progress.total", help_text="Those, and the steps that are left."
    )
    summary = Text(source="progress.summary", help_text=_IN_WORDS)
    is_being_awarded = serializers.BooleanField(
        source="progress.is_being_awarded", help_text="Everything is met; not written yet."
    )
    next_step = Step(source="progress.next_step", allow_null=True)


# --- microcredentials --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offered:
    """A microcredential in the catalogue, in the version that can be earned."""

    badge: Badge
    version: MicrocredentialVersion
    state: State | None


class Named(Shape):
    """A microcredential where another thing is about it."""

    uuid = serializers.UUIDField()
    title = Text()
    organization = Text()
    level_text = Text(source="level", help_text=_LEVEL)
    url = Address()
    image_url = Address(help_text="The badge, as SVG.")


class Skill(Shape):
    name = Text()
    framework = Text(required=False)
    code = Text(required=False)
    url = Text(required=False)
    target_type = Text(required=False)


class Microcredential(Shape):
    uuid = serializers.UUIDField(source="badge.uuid")
    title = Text(source="badge.title")
    organization = Text(source="badge.organization")
    description = Text(source="version.description")
    language = Text(source="badge.language")
    version = serializers.IntegerField(source="version.number")
    level = Text(source="version.level")
    level_framework = Text(source="version.level_framework")
    skills = Skill(source="version.skills", many=True)
    workload_hours = serializers.FloatField(source="version.workload_hours", allow_null=True)
    credit_value = serializers.FloatField(source="version.credit_value", allow_null=True)
    credit_kind = Text(source="version.credit_kind")
    url = Address(source="badge.url")
    image_url = Address(source="badge.image_url", help_text="The badge, as SVG.")


class Offer(Microcredential):
    state = serializers.ChoiceField(
        choices=State.choices, allow_null=True, help_text="The state of the reader's own award."
    )


class MicrocredentialDetail(Microcredential):
    is_open = serializers.BooleanField(help_text="It can be earned now.")
    published_at = Moment(source="version.published_at")
    closes_at = Moment(source="version.closes_at", allow_null=True)
    assessment_type = Text(source="version.assessment_type")
    supervision = Text(source="version.supervision")
    participation = Text(source="version.participation")
    quality_assurance = Text(source="version.quality_assurance")
    prerequisites = Text(source="version.prerequisites")
    validity_months = serializers.IntegerField(
        source="version.validity_months", allow_null=True, help_text="null: without an end."
    )
    needs_approval = serializers.BooleanField(source="version.needs_approval")
    requirements = RequirementField(allow_null=True)
    eligibility = RequirementField(allow_null=True)
    stacks_on = Named(many=True)
    stacks_towards = Named(many=True)
    progress = Progress(source="ahead", allow_null=True, help_text=_OWN_PROGRESS)
    award = DashboardAward(allow_null=True, help_text="The reader's own.")
    is_complete = serializers.BooleanField(
        help_text="False: the course records could not be read, so progress is not known."
    )


# --- courses -----------------------------------------------------------------------------------


class Asked(Shape):
    title = Text(help_text="What the author calls it; may be empty.")
    text = Text(help_text=_IN_WORDS)
    options = serializers.ListField(child=Text(), help_text=_IN_WORDS)


class Counts(Shape):
    uuid = serializers.UUIDField(source="badge.uuid")
    title = Text(source="badge.title")
    organization = Text(source="badge.organization")
    level_text = Text(source="badge.level", help_text=_LEVEL)
    url = Address(source="badge.url")
    image_url = Address(source="badge.image_url", help_text="The badge, as SVG.")
    asked = Asked(many=True, help_text="What it asks of this course run.")
    progress = Progress(source="ahead", allow_null=True, help_text=_OWN_PROGRESS)
    award = DashboardAward(allow_null=True, help_text="The reader's own.")


class Course(Shape):
    course_key = Text(source="run.run")
    title = Text(source="run.title")
    organization = Text(source="run.organization")
    url = Address(help_text="Where the reader goes for it.")
    is_enrolled = serializers.BooleanField()
    is_complete = serializers.BooleanField(
        help_text="False: the course records could not be read, so progress is not known."
    )
    microcredentials = Counts(source="counts", many=True)


class Courses(Shape):
    results = Course(many=True, help_text="In the order in which they were asked for.")
    unknown = serializers.ListField(child=Text(), help_text="Keys of which there is no course run.")


# --- lists -------------------------------------------------------------------------------------


class Page(Shape):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    count = serializers.IntegerField()
    num_pages = serializers.IntegerField()
    current_page = serializers.IntegerField()
    start = serializers.IntegerField(help_text="How many are on earlier pages.")


class AwardsPage(Page):
    results = ListedAward(many=True)


class UnderWayPage(Page):
    results = UnderWay(many=True)


class OffersPage(Page):
    results = Offer(many=True)
    is_complete = serializers.BooleanField(
        help_text="False: the course records could not be read; what is for members is left out."
    )


class DashboardAwards(Shape):
    count = serializers.IntegerField(help_text="All that the page lists.")
    results = DashboardAward(many=True, help_text="Up to six, in the order of the page.")


class DashboardUnderWay(Shape):
    count = serializers.IntegerField()
    results = UnderWay(many=True, help_text="Up to three, the nearest first.")


class Dashboard(Shape):
    home_url = Address(help_text="The learner's page.")
    catalog_url = Address()
    is_complete = serializers.BooleanField(
        help_text="False: the course records could not be read, so only awards are known."
    )
    awards = DashboardAwards()
    under_way = DashboardUnderWay()
