"""The door of authoring: roles in organisations and what they allow; offers of courses."""

from __future__ import annotations

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
    subject_of,
)
from microcred_plugin.authoring.subjects import COURSE, MICROCREDENTIAL, Subject, about, subjects_of

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
    "decline",
    "faults_of_agreement",
    "find_offer",
    "forget",
    "give_role",
    "is_withdrawal",
    "look_up",
    "missing_agreements",
    "offers_about",
    "offers_to",
    "organizations_with_roles",
    "people_in",
    "places_for",
    "propose",
    "rights_of",
    "roles_in",
    "sides_of",
    "subject_of",
    "subjects_of",
    "take_role",
    "withdraw",
    "withdraw_course",
]
