"""The door of authoring: roles in organisations and what they allow; offers of courses."""

from __future__ import annotations

from microcred_plugin.authoring.addresses import studio_address
from microcred_plugin.authoring.agreement import (
    Missing,
    ask_for,
    faults_of_agreement,
    missing_agreements,
)
from microcred_plugin.authoring.leaving import forget
from microcred_plugin.authoring.models import (
    Offer,
    OfferState,
    OfferStep,
    OrganizationRole,
    Role,
    Side,
)
from microcred_plugin.authoring.offers import (
    LONGEST_REASON,
    accept,
    decline,
    places_for,
    propose,
    sides_of,
    withdraw,
    withdraw_course,
)
from microcred_plugin.authoring.placing import Place
from microcred_plugin.authoring.roles import (
    NotPossible,
    Rights,
    give_role,
    organizations_with_roles,
    people_in,
    rights_of,
    roles_in,
    take_role,
)
from microcred_plugin.authoring.sides import Known, look_up
from microcred_plugin.authoring.standing import (
    ENDED,
    WAITING,
    find_offer,
    is_withdrawal,
    offers_about,
    offers_to,
    requirement_of,
    subject_of,
)
from microcred_plugin.authoring.subjects import COURSE, MICROCREDENTIAL, Subject, about, subjects_of
from microcred_plugin.authoring.telling import (
    claim_steps,
    give_back,
    has_steps_to_tell,
    is_news,
    people_of,
    steps_to_tell,
    told_side,
)

__all__ = [
    "COURSE",
    "ENDED",
    "LONGEST_REASON",
    "MICROCREDENTIAL",
    "WAITING",
    "Known",
    "Missing",
    "NotPossible",
    "Offer",
    "OfferState",
    "OfferStep",
    "OrganizationRole",
    "Place",
    "Rights",
    "Role",
    "Side",
    "Subject",
    "about",
    "accept",
    "ask_for",
    "claim_steps",
    "decline",
    "faults_of_agreement",
    "find_offer",
    "forget",
    "give_back",
    "give_role",
    "has_steps_to_tell",
    "is_news",
    "is_withdrawal",
    "look_up",
    "missing_agreements",
    "offers_about",
    "offers_to",
    "organizations_with_roles",
    "people_in",
    "people_of",
    "places_for",
    "propose",
    "requirement_of",
    "rights_of",
    "roles_in",
    "sides_of",
    "steps_to_tell",
    "studio_address",
    "subject_of",
    "subjects_of",
    "take_role",
    "told_side",
    "withdraw",
    "withdraw_course",
]
