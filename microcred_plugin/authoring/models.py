"""Who writes definitions, what course teams and authors agreed on, and what Studio asks the LMS."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from microcred_plugin.database import check
from microcred_plugin.definitions.models import Microcredential


class Role(models.TextChoices):
    """What somebody is in an organisation. The rights of courses are the platform's."""

    ADMIN = "admin", _("Admin of the organisation")
    AUTHOR = "author", _("Author")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Viewer")


def _person(**options: Any) -> models.ForeignKey:  # type: ignore[type-arg]
    """Somebody of the platform, whom their deletion leaves as a number that names nobody."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False,
        related_name="+", **options,
    )  # fmt: skip


class OrganizationRole(models.Model):
    """
    A user is this in an organisation. Somebody may be several things.

    .. pii: The ids of the user who has the role, and of the one who gave it.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    user = _person()
    organization = models.CharField(max_length=255, help_text=_("The short name."))
    role = models.CharField(max_length=16, choices=Role.choices)
    given_by = _person(null=True, blank=True)
    given_at = models.DateTimeField()

    class Meta:
        ordering = ("organization", "role", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "organization", "role"), name="microcred_one_role"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role} of {self.organization}"


class OfferState(models.TextChoices):
    """Whose yes is missing, or what became of it."""

    TO_OWNER = "to_owner", _("Waiting for those who own the microcredential")
    TO_OTHER = "to_other", _("Waiting for those who own what it is to count")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Side(models.TextChoices):
    """From where somebody speaks: of the microcredential, or of what it is to count."""

    OWNER = "owner", _("Those who own the microcredential")
    OTHER = "other", _("Those who own what it is to count")


class Offer(models.Model):
    """
    That a course, or another microcredential, counts towards a microcredential: both sides agree.

    One side says so first; the other accepts, or declines with a reason; either may withdraw. It
    changes no version: a draft takes up what was accepted, and a publication needs it.

    .. no_pii: The people are in its steps.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    microcredential = models.ForeignKey(
        Microcredential, on_delete=models.CASCADE, related_name="offers"
    )
    kind = models.CharField(max_length=16)
    object_key = models.CharField(
        max_length=255, help_text=_("A course key, Org+Course for every run, or a uuid.")
    )
    requirement = models.JSONField(help_text=_("What is proposed, as a node of a tree."))
    state = models.CharField(max_length=16, choices=OfferState.choices)
    slot = models.PositiveSmallIntegerField(
        null=True, default=1, editable=False, help_text=_("1 until it is declined or withdrawn.")
    )
    created = models.DateTimeField()
    modified = models.DateTimeField()

    class Meta:
        ordering = ("-created", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("microcredential", "kind", "object_key", "slot"),
                name="microcred_one_offer",
            ),
            check(
                Q(state__in=("to_owner", "to_other", "accepted"), slot=1, slot__isnull=False)
                | Q(state__in=("declined", "withdrawn"), slot=None),
                "microcred_offer_state",
            ),
        )
        indexes = (models.Index(fields=("object_key", "kind"), name="microcred_offer_object"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.object_key} for {self.microcredential_id}: {self.state}"


class OfferStep(models.Model):
    """
    A step of an offer: who did what, and whether the other side has been told by e-mail.

    .. pii: The id of the user who took the step, and what they wrote as their reason.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    class Kind(models.TextChoices):
        OFFERED = "offered", _("Offered")
        ASKED = "asked", _("Asked for")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    side = models.CharField(max_length=8, choices=Side.choices)
    by = _person(null=True, blank=True)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True, blank=True, db_index=True)
    attempts = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text=_("How often telling the other side has failed.")
    )

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.kind}"


class PreviewState(models.TextChoices):
    """How far a preview has come."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


UNFINISHED = (PreviewState.WAITING, PreviewState.RUNNING)


class Preview(models.Model):
    """
    A question that Studio asks the LMS: whom would it concern? Its learners are gone through by id.

    `content` is what is asked, `result` the answer as far as it has come; what they hold is said in
    `microcred_plugin.previewing`. `after_learner` is where it has come to, `progressed_at` tells
    whether anybody is at it, and `failures` how often in a row it could not go on.

    .. pii: The id of the user who asked, and those of learners whom the answer is about.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    class Kind(models.TextChoices):
        PUBLICATION = "publication", _("Publishing a draft")
        DETACHMENT = "detachment", _("Taking a course out")
        COURSE = "course", _("The learners of a course")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    microcredential = models.ForeignKey(
        Microcredential, on_delete=models.CASCADE, null=True, blank=True, related_name="previews"
    )
    run = models.CharField(max_length=255, blank=True, db_index=True)
    revision = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("That of the draft that it was asked for.")
    )
    content = models.JSONField(default=dict, blank=True, help_text=_("What would be published."))
    by = _person(null=True, blank=True)
    asked_at = models.DateTimeField()
    state = models.CharField(
        max_length=16, choices=PreviewState.choices, default=PreviewState.WAITING, db_index=True
    )
    learners = models.PositiveIntegerField(null=True, blank=True)
    learners_done = models.PositiveIntegerField(default=0)
    after_learner = models.BigIntegerField(default=0)
    progressed_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            check(
                Q(kind="course", microcredential=None)
                | Q(kind__in=("publication", "detachment"), microcredential__isnull=False),
                "microcred_preview_subject",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}: {self.state}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED


class ListedSkill(models.Model):
    """
    A skill that authors pick: of ESCO, O*NET, a site's own framework, as somebody loaded it.

    .. no_pii:
    """

    framework = models.CharField(max_length=64)
    code = models.CharField(max_length=255)
    name = models.CharField(max_length=255, db_index=True)
    url = models.URLField(max_length=1024, blank=True)
    target_type = models.CharField(max_length=64, blank=True)
    organization = models.CharField(
        max_length=255, blank=True, help_text=_("Whose list it is; empty: the site's, for all.")
    )

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "framework", "code"), name="microcred_one_listed_skill"
            ),
        )

    def __str__(self) -> str:
        return f"{self.framework} {self.code}"
