"""What can be earned: microcredentials, their versions, and the indexes over their requirements."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from microcred_plugin.database import check


class Switch(models.TextChoices):
    """Whether a microcredential is evaluated, and whether anybody is told."""

    OFF = "off", _("Off")
    OBSERVE = "observe", _("Observe only")
    ON = "on", _("On")


class Visibility(models.TextChoices):
    """Who may see what can be earned."""

    PUBLIC = "public", _("Public")
    ORGANIZATION = "organization", _("The organisation")
    UNLISTED = "unlisted", _("Unlisted")


class Microcredential(models.Model):
    """
    Something that can be earned; the same identity for ever, whatever its versions say.

    .. no_pii:
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=100, unique=True)
    organization = models.CharField(max_length=255, help_text=_("The short name."))
    title = models.CharField(max_length=255)
    visibility = models.CharField(
        max_length=16, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    switch = models.CharField(max_length=16, choices=Switch.choices, default=Switch.ON)
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("organization", "title", "id")

    def __str__(self) -> str:
        return self.slug


class BadgeImage(models.Model):
    """
    A badge image that somebody made, by the SHA-256 of its bytes; never changed.

    It is kept beside the definitions, so that the LMS and Studio have the same one without a
    storage that both can reach, and a credential can carry its very bytes.

    .. no_pii:
    """

    digest = models.CharField(max_length=64, primary_key=True)
    content_type = models.CharField(max_length=64)
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.digest


class VersionState(models.TextChoices):
    """A version goes from one to the next and never back, but for a publication undone."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class RegressionPolicy(models.TextChoices):
    """What becomes of an award when its requirements are no longer met."""

    KEEP = "keep", _("Keep")
    SUSPEND = "suspend", _("Suspend")
    REVOKE = "revoke", _("Revoke")


class MicrocredentialVersion(models.Model):
    """
    What a microcredential says and asks for, from one publication to the next.

    A draft may change; from its publication on a version never does, apart from when it closes.
    The trees hold what `microcred_plugin.evaluation.requirements` reads.

    .. no_pii:
    """

    microcredential = models.ForeignKey(
        Microcredential, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=16, choices=VersionState.choices, default=VersionState.DRAFT
    )
    draft_slot = models.PositiveSmallIntegerField(
        null=True, default=1, editable=False, help_text=_("1 in a draft, else empty.")
    )
    published_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)
    revision = models.PositiveIntegerField(
        default=1, editable=False, help_text=_("How often the draft has been saved.")
    )

    title = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    language = models.CharField(max_length=16, default="en")
    image = models.ForeignKey(
        BadgeImage, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("Without one, a badge is drawn."),
    )  # fmt: skip

    skills = models.JSONField(default=list, blank=True)

    workload_hours = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    credit_value = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    credit_kind = models.CharField(max_length=64, blank=True, help_text=_("ECTS, CEU, …"))
    level = models.CharField(max_length=64, blank=True)
    level_framework = models.CharField(max_length=64, blank=True, help_text=_("EQF, …"))
    assessment_type = models.CharField(max_length=255, blank=True)
    supervision = models.CharField(max_length=255, blank=True)
    participation = models.CharField(max_length=255, blank=True)
    quality_assurance = models.CharField(max_length=255, blank=True)
    prerequisites = models.TextField(blank=True)

    requirements = models.JSONField(null=True, blank=True)
    eligibility = models.JSONField(null=True, blank=True)
    renewal = models.JSONField(null=True, blank=True)
    policy = models.CharField(
        max_length=16, choices=RegressionPolicy.choices, default=RegressionPolicy.KEEP
    )
    needs_approval = models.BooleanField(default=False)
    validity_months = models.PositiveIntegerField(null=True, blank=True)
    grace_days = models.PositiveIntegerField(default=0)
    supersedes = models.ForeignKey(
        Microcredential, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    names = models.JSONField(
        default=dict, blank=True, help_text=_("Titles of what the trees name, as published.")
    )
    depth = models.PositiveSmallIntegerField(
        default=1, help_text=_("How high the stack was, as published; 1 stands by itself.")
    )

    class Meta:
        ordering = ("microcredential", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("microcredential", "number"), name="microcred_version_number"
            ),
            models.UniqueConstraint(
                fields=("microcredential", "draft_slot"), name="microcred_one_draft"
            ),
            check(
                # A slot that is null would leave the condition unknown, which passes.
                Q(
                    state="draft",
                    draft_slot=1,
                    draft_slot__isnull=False,
                    published_at=None,
                    closes_at=None,
                )
                | (
                    Q(draft_slot=None, published_at__isnull=False)
                    & (
                        Q(state__in=("published", "withdrawn"))
                        | Q(state="closed", closes_at__isnull=False)
                    )
                ),
                "microcred_version_state",
            ),
            check(
                Q(closes_at=None) | Q(closes_at__gte=F("published_at")),
                "microcred_closes_after_publication",
            ),
        )

    def __str__(self) -> str:
        return f"{self.microcredential_id} v{self.number}"


class RequirementIndex(models.Model):
    """
    What the trees of published versions name, for "which microcredentials does this concern".

    `object_key` is a course key or `Org+Course` for courses, a uuid for microcredentials and
    programs. A database may compare it without regard to case; readers compare again in Python.

    .. no_pii:
    """

    COURSE = "course"
    MICROCREDENTIAL = "microcredential"
    PROGRAM = "program"

    kind = models.CharField(max_length=16)
    object_key = models.CharField(max_length=255)
    version = models.ForeignKey(
        MicrocredentialVersion, on_delete=models.CASCADE, related_name="index"
    )
    microcredential = models.ForeignKey(
        Microcredential, on_delete=models.CASCADE, related_name="index"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("object_key", "kind", "version"), name="microcred_index_entry"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.object_key}"


class SkillIndex(models.Model):
    """
    The names of the skills that a published version recognises, to find it by one.

    .. no_pii:
    """

    name = models.CharField(max_length=255, db_index=True)
    version = models.ForeignKey(
        MicrocredentialVersion, on_delete=models.CASCADE, related_name="skill_index"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "name"), name="microcred_skill_entry"),
        )

    def __str__(self) -> str:
        return self.name


class StackClosure(models.Model):
    """
    Every microcredential with everything below it in the stack, itself included.

    `ancestor` asks, at some remove, for `descendant`.

    .. no_pii:
    """

    ancestor = models.ForeignKey(Microcredential, on_delete=models.CASCADE, related_name="below")
    descendant = models.ForeignKey(Microcredential, on_delete=models.CASCADE, related_name="above")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("descendant", "ancestor"), name="microcred_closure_pair"
            ),
        )

    def __str__(self) -> str:
        return f"{self.ancestor_id} > {self.descendant_id}"


class ChangeKind(models.TextChoices):
    """What was done to a definition."""

    CREATED = "created", _("Microcredential begun")
    DRAFT_BEGUN = "draft_begun", _("Draft begun")
    DRAFT_CHANGED = "draft_changed", _("Draft changed")
    DRAFT_DISCARDED = "draft_discarded", _("Draft discarded")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Publication undone")
    CHANGED = "changed", _("Changed")


class Change(models.Model):
    """
    A line of a definition's history: who did what, and what the version said after it.

    `content` is as `microcred_plugin.definitions.content` writes it, with the image's digest in
    place of the image; `fields` names what differs from the line before. For "changed" it is of
    the microcredential itself: its visibility, its switch.

    .. pii: The id of the user who did it.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    microcredential = models.ForeignKey(
        Microcredential, on_delete=models.CASCADE, related_name="changes"
    )
    number = models.PositiveIntegerField(null=True, blank=True)
    revision = models.PositiveIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=16, choices=ChangeKind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False,
        null=True, blank=True, related_name="+",
    )  # fmt: skip
    at = models.DateTimeField()
    fields = models.JSONField(default=list, blank=True)
    content = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.microcredential_id} v{self.number}: {self.kind}"


class PublicationState(models.TextChoices):
    """How far the evaluation of everybody whom a publication concerns has come."""

    PENDING = "pending", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    UNDONE = "undone", _("Undone")


class Publication(models.Model):
    """
    The publication of a version: who asked for it, and the evaluation that follows it.

    The learners are gone through by id and cut into chunks, which any number of workers evaluate
    at the same time. `after_learner` is where the cutting has come to, so that whoever picks it up
    goes on from there; `progressed_at` tells whether anybody is at it.

    .. pii: The id of the user who published.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.OneToOneField(
        MicrocredentialVersion, on_delete=models.PROTECT, related_name="publication"
    )
    closed_versions = models.ManyToManyField(MicrocredentialVersion, blank=True, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False,
        null=True, blank=True, related_name="+",
    )  # fmt: skip
    at = models.DateTimeField()
    state = models.CharField(
        max_length=16, choices=PublicationState.choices, default=PublicationState.PENDING,
        db_index=True,
    )  # fmt: skip
    after_learner = models.BigIntegerField(default=0)
    is_cut = models.BooleanField(default=False)
    progressed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return str(self.uuid)


class PublicationChunk(models.Model):
    """
    Learners, by a range of their ids, whom a publication concerns: one task's worth of work.

    .. no_pii: Two ids as bounds of a range.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="chunks")
    after_learner = models.BigIntegerField()
    last_learner = models.BigIntegerField()
    learners = models.PositiveIntegerField()
    sent_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("publication", "after_learner"), name="microcred_publication_chunk"
            ),
        )

    def __str__(self) -> str:
        return f"{self.publication_id}: {self.after_learner}-{self.last_learner}"


class PublicationLock(models.Model):
    """
    One row that every publication locks first, so that two can't close a circle between them.

    .. no_pii:
    """

    def __str__(self) -> str:
        return "publication lock"
