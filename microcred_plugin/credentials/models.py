"""Who issues, with which keys; what was signed; and what learners share of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from microcred_plugin.awards.models import Award
from microcred_plugin.database import check
from microcred_plugin.definitions.models import BadgeImage


class Issuer(models.Model):
    """
    An organisation as the issuer of credentials: an Open Badges 3.0 `Profile`.

    `base_url` is the address of the plugin's pages on the LMS when the issuer was made, without a
    slash at its end. Every address and identifier in what this issuer signs begins with it, so it
    never changes.

    .. no_pii:
    """

    organization = models.CharField(max_length=255, unique=True, help_text=_("The short name."))
    slug = models.SlugField(max_length=100, unique=True)
    base_url = models.CharField(max_length=500, editable=False)
    name = models.CharField(max_length=255)
    url = models.URLField(max_length=500, blank=True)
    description = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    country = models.CharField(max_length=2, blank=True, help_text=_("ISO 3166-1: two letters."))
    logo = models.ForeignKey(
        BadgeImage, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    linkedin_id = models.CharField(max_length=32, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("organization",)

    def __str__(self) -> str:
        return self.organization


class KeyKind(models.TextChoices):
    """What a key signs with."""

    ED25519 = "ed25519", _("Ed25519, for Data Integrity proofs")
    RSA = "rsa", _("RSA, for VC-JWT")


class IssuerKey(models.Model):
    """
    A key pair of an issuer.

    `name` is the end of its verification method's id: the multibase of an Ed25519 key, the
    thumbprint (RFC 7638) of an RSA key. `private` is encrypted, and empty where the signer keeps
    the key elsewhere. `slot` is 1 while this is the key that signs: one of each kind.

    .. no_pii:
    """

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="keys")
    kind = models.CharField(max_length=16, choices=KeyKind.choices)
    name = models.CharField(max_length=128)
    public = models.JSONField()
    private = models.BinaryField(blank=True, default=b"")
    slot = models.PositiveSmallIntegerField(null=True, default=1, editable=False)
    created = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    compromised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("issuer", "kind", "slot"), name="microcred_one_signing_key"
            ),
            models.UniqueConstraint(fields=("issuer", "name"), name="microcred_key_name"),
            check(
                Q(slot=1, slot__isnull=False, retired_at=None, compromised_at=None)
                | Q(slot=None, retired_at__isnull=False),
                "microcred_key_slot",
            ),
        )

    def __str__(self) -> str:
        return self.name


class StatusList(models.Model):
    """
    A Bitstring status list: which of an issuer's credentials are revoked.

    `document` is the signed credential as it is served; `looked_at` is when it was last compared
    with what the awards say, `valid_until` when it has to be signed anew although nothing changed.

    .. no_pii:
    """

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="status_lists")
    number = models.PositiveIntegerField()
    document = models.TextField(blank=True)
    encoded = models.TextField(blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    key = models.ForeignKey(
        IssuerKey, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issuer", "number"), name="microcred_status_list"),
        )

    def __str__(self) -> str:
        return f"{self.issuer_id} {self.number}"


class StatusEntry(models.Model):
    """
    A place in a status list that was given to an award, for ever.

    Its bit is set while the award is suspended, when it is revoked or declined by its holder, and
    for good when the entry `is_withdrawn`: once readers were told so, or when what was signed with
    it is not to be relied on any more.

    .. pii: A place in a list that stands for something a user has earned.
    .. pii_types: other
    .. pii_retirement: retained
    """

    status_list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="entries")
    index = models.PositiveIntegerField()
    award = models.ForeignKey(
        Award, to_field="uuid", on_delete=models.PROTECT, related_name="status_entries"
    )
    is_withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("status_list", "index"), name="microcred_status_entry"),
        )
        indexes = (models.Index(fields=("is_withdrawn",), name="microcred_entry_withdrawn"),)

    def __str__(self) -> str:
        return f"{self.status_list_id} {self.index}"


class Why(models.TextChoices):
    """Why a credential was signed."""

    FIRST = "first", _("First signed")
    RENEWED = "renewed", _("The award was renewed")
    REINSTATED = "reinstated", _("The award was reinstated")
    CHOSEN = "chosen", _("The holder chose what it says")
    CORRECTED = "corrected", _("What it says was corrected")
    COMPROMISED = "compromised", _("A key was compromised")


class Credential(models.Model):
    """
    What was signed about an award, as it is served.

    `event` is the award event that it speaks of. `slot` is 1 for the one that is served; what was
    replaced stays with its dates and its entry, and without its documents.

    .. pii: A learner's random identifier, the salted hash of their e-mail address, and what they
        have earned with which grade.
    .. pii_types: id, email_address, other
    .. pii_retirement: local_api
    """

    award = models.ForeignKey(
        Award, to_field="uuid", on_delete=models.PROTECT, related_name="credentials"
    )
    slot = models.PositiveSmallIntegerField(null=True, default=1, editable=False)
    event = models.UUIDField()
    why = models.CharField(max_length=16, choices=Why.choices)
    has_results = models.BooleanField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField()
    key = models.ForeignKey(IssuerKey, on_delete=models.PROTECT, related_name="+")
    jwt_key = models.ForeignKey(IssuerKey, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey(StatusEntry, on_delete=models.PROTECT, related_name="+")
    document = models.TextField(blank=True)
    jwt = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("award", "slot"), name="microcred_one_credential"),
        )
        # What is served and was signed with a key, however much that key signed before.
        indexes = (
            models.Index(fields=("key", "slot"), name="microcred_served_by_key"),
            models.Index(fields=("jwt_key", "slot"), name="microcred_served_by_jwt_key"),
        )

    def __str__(self) -> str:
        return f"{self.award_id} {self.signed_at:%Y-%m-%d}"


class NameChoice(models.TextChoices):
    """How somebody wants to be named on what they share."""

    FULL_NAME = "full_name", _("My full name")
    USERNAME = "username", _("My user name")
    OTHER = "other", _("A name that I write here")
    NONE = "none", _("No name")


class Holder(models.Model):
    """
    A learner as others see them.

    `subject` identifies them in credentials, `share_id` is the address of their public profile;
    both are random and say nothing about the learner.

    .. pii: The identifiers of a user in what they share, and the name that they chose for it.
    .. pii_types: id, name
    .. pii_retirement: local_api
    """

    learner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False,
        primary_key=True, related_name="+",
    )  # fmt: skip
    subject = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    share_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name_choice = models.CharField(
        max_length=16, choices=NameChoice.choices, default=NameChoice.FULL_NAME
    )
    own_name = models.CharField(max_length=255, blank=True)
    is_profile_public = models.BooleanField(default=False)
    may_be_indexed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.share_id)


class Shared(models.TextChoices):
    """What a learner does with an award."""

    PRIVATE = "private", _("Not shared")
    SHARED = "shared", _("Shared")
    DECLINED = "declined", _("Declined")


class Sharing(models.Model):
    """
    What a learner chose for one award; without a row nothing is shared.

    .. pii: Whether a user shares what they have earned.
    .. pii_types: other
    .. pii_retirement: local_api
    """

    award = models.OneToOneField(
        Award, to_field="uuid", on_delete=models.PROTECT, primary_key=True, related_name="sharing"
    )
    state = models.CharField(max_length=16, choices=Shared.choices, default=Shared.PRIVATE)
    has_results = models.BooleanField(default=True)
    is_on_profile = models.BooleanField(default=False)
    modified = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.award_id} {self.state}"
