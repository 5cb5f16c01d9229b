"""Every model of the app, where Django looks for them."""

from __future__ import annotations

from microcred_plugin.authoring.models import (
    ListedSkill,
    Offer,
    OfferStep,
    OrganizationRole,
    Preview,
)
from microcred_plugin.awards.models import (
    Award,
    AwardEvent,
    Decision,
    Due,
    LearnerLock,
    Mail,
    MailOptOut,
    Observation,
    Receipt,
    Watermark,
)
from microcred_plugin.credentials.models import (
    Credential,
    Holder,
    Issuer,
    IssuerKey,
    Sharing,
    StatusEntry,
    StatusList,
)
from microcred_plugin.definitions.models import (
    BadgeImage,
    Change,
    Microcredential,
    MicrocredentialVersion,
    Publication,
    PublicationChunk,
    PublicationLock,
    RequirementIndex,
    SkillIndex,
    StackClosure,
)

__all__ = [
    "Award",
    "AwardEvent",
    "BadgeImage",
    "Change",
    "Credential",
    "Decision",
    "Due",
    "Holder",
    "Issuer",
    "IssuerKey",
    "LearnerLock",
    "ListedSkill",
    "Mail",
    "MailOptOut",
    "Microcredential",
    "MicrocredentialVersion",
    "Observation",
    "Offer",
    "OfferStep",
    "OrganizationRole",
    "Preview",
    "Publication",
    "PublicationChunk",
    "PublicationLock",
    "Receipt",
    "RequirementIndex",
    "Sharing",
    "SkillIndex",
    "StackClosure",
    "StatusEntry",
    "StatusList",
    "Watermark",
]
