"""
The door of the credentials: who issues, what is signed, what is shared, and whether it holds.

Nothing here decides who has earned what; that stands in the awards.
"""

from __future__ import annotations

from microcred_plugin.credentials.baking import bake
from microcred_plugin.credentials.fetching import NotReached, SiteWeb
from microcred_plugin.credentials.issuers import (
    PROFILE_FIELDS,
    change_profile,
    compromise,
    did_document_of,
    did_of,
    ensure_issuer,
    find_issuer,
    issuer_at,
    issuers,
    jwk_at,
    rotate,
    signing_key,
)
from microcred_plugin.credentials.issuing import (
    NotSigned,
    awards_signed_with,
    current_of,
    resign,
    served,
    unsigned,
)
from microcred_plugin.credentials.models import (
    Credential,
    Holder,
    Issuer,
    IssuerKey,
    KeyKind,
    NameChoice,
    Shared,
    Why,
)
from microcred_plugin.credentials.presented import NotReadable, Presented, read_presented
from microcred_plugin.credentials.replacing import is_replaced
from microcred_plugin.credentials.sharing import (
    Choice,
    choice_of,
    choices_of,
    choose,
    choose_name,
    find_shared,
    forget,
    holder_of,
    profile_at,
    shown_name,
)
from microcred_plugin.credentials.signers import NotConfigured
from microcred_plugin.credentials.statuses import served_list
from microcred_plugin.credentials.verifying import Check, Report, Seen, Told, Verdict, verify

__all__ = [
    "PROFILE_FIELDS",
    "Check",
    "Choice",
    "Credential",
    "Holder",
    "Issuer",
    "IssuerKey",
    "KeyKind",
    "NameChoice",
    "NotConfigured",
    "NotReached",
    "NotReadable",
    "NotSigned",
    "Presented",
    "Report",
    "Seen",
    "Shared",
    "SiteWeb",
    "Told",
    "Verdict",
    "Why",
    "awards_signed_with",
    "bake",
    "change_profile",
    "choice_of",
    "choices_of",
    "choose",
    "choose_name",
    "compromise",
    "current_of",
    "did_document_of",
    "did_of",
    "ensure_issuer",
    "find_issuer",
    "find_shared",
    "forget",
    "holder_of",
    "is_replaced",
    "issuer_at",
    "issuers",
    "jwk_at",
    "profile_at",
    "read_presented",
    "resign",
    "rotate",
    "served",
    "served_list",
    "shown_name",
    "signing_key",
    "unsigned",
    "verify",
]
