"""Every model of the app, where Django looks for them."""

from __future__ import annotations

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
from microcred_plugin.definitions.models import (
    BadgeImage,
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
    "Decision",
    "Due",
    "LearnerLock",
    "Mail",
    "MailOptOut",
    "Microcredential",
    "MicrocredentialVersion",
    "Observation",
    "Publication",
    "PublicationChunk",
    "PublicationLock",
    "Receipt",
    "RequirementIndex",
    "SkillIndex",
    "StackClosure",
    "Watermark",
]
