"""Who holds what: awards with their history and receipts, people's decisions, and the clock."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from microcred_plugin.database import check
from microcred_plugin.definitions.models import Microcredential, MicrocredentialVersion


def _learner_key() -> models.ForeignKey[Any, Any]:
    """
    A learner: a user of the platform, without a constraint in the database.

    So deleting a user neither fails nor deletes awards, and writing an award takes no lock on the
    platform's user table.
    """
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False,
        related_name="+",
    )  # fmt: skip


def _person_key() -> models.ForeignKey[Any, Any]:
    """Somebody who did something to an award; empty where it was nobody in particular."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False,
        null=True, blank=True, related_name="+",
    )  # fmt: skip


class LearnerLock(models.Model):
    """
    One row per learner, locked while that learner's awards change.

    .. pii: The id of a user.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    learner_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.learner_id)


class State(models.TextChoices):
    """The states of an award, as in `evaluation.record.AwardState`. The last three end it."""

    HELD = "held", _("Waiting for approval")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    DECLINED = "declined", _("Declined")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")


class Cause(models.TextChoices):
    """What led to a change of an award."""

    EVENT = "event", _("An event of the platform")
    PUBLICATION = "publication", _("A publication")
    RECONCILE = "reconcile", _("A reconciliation")
    PERSON = "person", _("A person")
    TIME = "time", _("The passing of time")
    UNDO = "undo", _("An undone publication")


class Award(models.Model):
    """
    This learner earned this microcredential, in this version, then.

    `slot` is 1 until the award ends and then empty: with it in a unique constraint a learner has
    at most one award of a microcredential that has not ended, on every database.

    .. pii: What a user has earned, by the user's id.
    .. pii_types: id, other
    .. pii_retirement: retained
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    learner = _learner_key()
    microcredential = models.ForeignKey(
        Microcredential, on_delete=models.PROTECT, related_name="awards"
    )
    version = models.ForeignKey(
        MicrocredentialVersion, on_delete=models.PROTECT, related_name="awards"
    )
    state = models.CharField(max_length=16, choices=State.choices)
    slot = models.PositiveSmallIntegerField(null=True, default=1, editable=False)
    met_on = models.DateTimeField(null=True, blank=True)
    valid_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    is_manual = models.BooleanField(default=False)
    suspended_by_policy = models.BooleanField(default=False)
    suspended_by_person = models.BooleanField(default=False)
    cause = models.CharField(max_length=16, choices=Cause.choices)
    cause_id = models.CharField(max_length=255, blank=True)
    is_hidden = models.BooleanField(
        default=False, help_text=_("The learner leaves it out of their page; it counts the same.")
    )
    created = models.DateTimeField()
    modified = models.DateTimeField()

    class Meta:
        ordering = ("-valid_from", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("learner", "microcredential", "slot"), name="microcred_one_award"
            ),
            # A check that comes to NULL passes, and `slot = 1` does where there is none.
            check(
                Q(state__in=("held", "active", "suspended"), slot=1, slot__isnull=False)
                | Q(state__in=("declined", "revoked", "expired"), slot=None),
                "microcred_award_slot",
            ),
            check(
                (Q(state="suspended") & (Q(suspended_by_policy=True) | Q(suspended_by_person=True)))
                | (
                    Q(state__in=("held", "active"))
                    & Q(suspended_by_policy=False, suspended_by_person=False)
                )
                | Q(state__in=("declined", "revoked", "expired")),
                "microcred_award_suspended",
            ),
        )

    def __str__(self) -> str:
        return str(self.uuid)


class EventKind(models.TextChoices):
    """What can happen to an award."""

    HELD = "held", _("Waiting for approval")
    EARNED = "earned", _("Earned")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    RENEWED = "renewed", _("Renewed")
    SUSPENDED = "suspended", _("Suspended")
    REINSTATED = "reinstated", _("Reinstated")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")


class Announcement(models.TextChoices):
    """What the world is told of an award event."""

    NONE = "", _("Nothing")
    AWARDED = "awarded", _("Awarded")
    REVOKED = "revoked", _("Revoked")


class AwardEvent(models.Model):
    """
    One line of an award's history, with its cause. Never changed, but for the outbox columns.

    The outbox: what has an `announcement` and no `announced_at` is still to be told; `claimed_at`
    keeps two workers from telling it at once.

    .. pii: What happened to a user's award, who did it, and the reason that they gave.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    award = models.ForeignKey(
        Award, to_field="uuid", on_delete=models.CASCADE, related_name="history"
    )
    kind = models.CharField(max_length=16, choices=EventKind.choices)
    at = models.DateTimeField()
    cause = models.CharField(max_length=16, choices=Cause.choices)
    cause_id = models.CharField(max_length=255, blank=True)
    actor = _person_key()
    reason = models.TextField(blank=True)
    announcement = models.CharField(
        max_length=16, choices=Announcement.choices, default=Announcement.NONE, blank=True
    )
    announced_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("announced_at", "announcement"), name="microcred_outbox"),
            models.Index(fields=("cause_id", "cause"), name="microcred_event_cause"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.award_id}"


class Receipt(models.Model):
    """
    The evaluation that led to an award event, frozen with the facts it read.

    .. pii: Grades, certificates and dates of a user, as they were.
    .. pii_types: other
    .. pii_retirement: local_api
    """

    event = models.OneToOneField(
        AwardEvent, to_field="uuid", on_delete=models.CASCADE, related_name="receipt"
    )
    content = models.JSONField()

    def __str__(self) -> str:
        return f"receipt {self.event_id}"


class DecisionKind(models.TextChoices):
    """What a person can decide about a learner and a microcredential."""

    AWARD = "award", _("Award by hand")
    REVOKE = "revoke", _("Revoke")
    SUSPEND = "suspend", _("Suspend")
    APPROVE = "approve", _("Approve")
    DECLINE = "decline", _("Decline")


class Decision(models.Model):
    """
    What a person decided; it stands until a person lifts it, and outranks every evaluation.

    It is kept apart from the awards, so that these can be worked out again from the platform's
    tables and people's decisions. `slot` is 1 while it stands. An approval or a decline speaks of
    one accomplishment, the version and the `met_on` it was met on.

    .. pii: What somebody decided about a user, who they were, and the reason that they gave.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    learner = _learner_key()
    microcredential = models.ForeignKey(
        Microcredential, on_delete=models.PROTECT, related_name="decisions"
    )
    kind = models.CharField(max_length=16, choices=DecisionKind.choices)
    slot = models.PositiveSmallIntegerField(null=True, default=1, editable=False)
    by = _person_key()
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    version = models.ForeignKey(
        MicrocredentialVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    met_on = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    lifted_by = _person_key()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("learner", "microcredential", "kind", "slot"),
                name="microcred_one_decision",
            ),
            check(
                Q(slot=1, slot__isnull=False, lifted_at=None)
                | Q(slot=None, lifted_at__isnull=False),
                "microcred_decision_slot",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.learner_id} {self.microcredential_id}"


class Observation(models.Model):
    """
    What would have happened to an award, had the microcredential not been on observe only.

    .. pii: What a user would have earned or lost, by the user's id.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    learner = _learner_key()
    microcredential = models.ForeignKey(
        Microcredential, on_delete=models.CASCADE, related_name="observations"
    )
    version = models.ForeignKey(MicrocredentialVersion, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=EventKind.choices)
    met_on = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("learner", "microcredential", "kind"), name="microcred_one_observation"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.learner_id} {self.microcredential_id}"


class Mail(models.Model):
    """
    An award event of which its learner is told by e-mail, or was.

    It waits for `send_at`, which is empty as soon as there is an `outcome`. `claimed_at` keeps two
    workers from sending it at once. What comes of a publication or a reconciliation `is_backfill`:
    it waits for everybody else's.

    .. pii: Whether and when a user was written to about an award, by the user's id.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    class Outcome(models.TextChoices):
        WAITING = "", _("Waiting")
        SENT = "sent", _("Sent")
        UNWANTED = "unwanted", _("Not wanted, by the learner or by a policy")
        UNREACHABLE = "unreachable", _("No address that could be written to")
        OVERTAKEN = "overtaken", _("Not true any more, or too late")
        FAILED = "failed", _("Could not be sent")

    event = models.OneToOneField(
        AwardEvent, to_field="uuid", on_delete=models.CASCADE, related_name="mail"
    )
    learner = _learner_key()
    is_backfill = models.BooleanField(default=False)
    send_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(
        max_length=16, choices=Outcome.choices, default=Outcome.WAITING, blank=True
    )
    done_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("is_backfill", "send_at"), name="microcred_mail_queue"),)
        constraints = (
            check(
                Q(outcome="", send_at__isnull=False, done_at=None)
                | (~Q(outcome="") & Q(send_at=None, done_at__isnull=False)),
                "microcred_mail_done",
            ),
        )

    def __str__(self) -> str:
        return f"mail {self.event_id}"


class MailOptOut(models.Model):
    """
    A learner who wants no e-mail about what they earn.

    .. pii: That a user wants no e-mail, by the user's id.
    .. pii_types: id, other
    .. pii_retirement: local_api
    """

    learner_id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"no mail to {self.learner_id}"


class Due(models.Model):
    """
    When a learner's standing in a microcredential has to be looked at again, and why.

    .. pii: That something about a user falls due, by the user's id.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    class Why(models.TextChoices):
        UNKNOWN = "unknown", _("The platform could not say")
        EXPIRY = "expiry", _("An award expires")
        FACT = "fact", _("A fact begins or runs out")

    learner = _learner_key()
    microcredential = models.ForeignKey(
        Microcredential, on_delete=models.CASCADE, related_name="due"
    )
    why = models.CharField(max_length=16, choices=Why.choices)
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("learner", "microcredential", "why"), name="microcred_one_due"
            ),
        )

    def __str__(self) -> str:
        return f"{self.why} {self.due_at}"


class Watermark(models.Model):
    """
    How far the sweep has read the platform's changes; the value is the host adapter's own.

    Beside it stand other marks: when a sweep ended, when a worker was heard of.

    .. no_pii:
    """

    name = models.CharField(max_length=64, primary_key=True)
    value = models.TextField(blank=True)
    modified = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} {self.value}"
