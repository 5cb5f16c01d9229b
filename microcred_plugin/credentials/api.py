"""
The door of the credentials: who issues, what is signed, what is shared, and whether it holds.

Nothing here decides who has earned what; that stands in the awards.
"""

from __future__ import annotations

from microcred_plugin.credentials.auditing import (
    AUDITED,
    Fault,
    audit,
)
from microcred_plugin.credentials.baking import (
    bake,
)
from microcred_plugin.credentials.checking import (
    is_addressed_to,
    is_genuine,
)
from microcred_plugin.credentials.content import (
    profile_document_of,
)
from microcred_plugin.credentials.fetching import (
    NotReached,
    SiteWeb,
)
from microcred_plugin.credentials.issuers import (
    PROFILE_FIELDS,
    change_profile,
    check_profile,
    compromise,
    did_document_of,
    did_of,
    ensure_issuer,
    find_issuer,
    issuer_at,
    issuer_with_keys,
    issuers,
    jwk_at,
    reencrypt,
    rotate,
    signing_key,
)
from microcred_plugin.credentials.issuing import (
    SIGNED_STATES,
    NotSigned,
    SigningFailed,
    current_of,
    resign,
    served,
    sign_many,
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
from microcred_plugin.credentials.presented import (
    NotReadable,
    Presented,
    read_presented,
)
from microcred_plugin.credentials.replacing import is_replaced
from microcred_plugin.credentials.reports import (
    Check,
    Report,
    Seen,
    Told,
    Verdict,
)
from microcred_plugin.credentials.sharing import (
    Choice,
    choice_of,
    choose,
    choose_name,
    find_holder,
    forget,
    holder_of,
    profile_at,
    shared_by,
    shown_name,
)
from microcred_plugin.credentials.signers import (
    DATABASE_SIGNER,
    NotConfigured,
    can_sign,
    check_signer,
    encryption,
    new_encryption_key,
)
from microcred_plugin.credentials.statuses import (
    is_revoked,
    served_list,
)
from microcred_plugin.credentials.verifying import (
    verify,
)
from microcred_plugin.credentials.waiting import (
    SIGNED,
    Tally,
    has_to_sign,
    note_tally,
    resign_next,
    served_by,
    sign_waiting,
    signing_backlog,
)

__all__ = [
    "AUDITED",
    "DATABASE_SIGNER",
    "PROFILE_FIELDS",
    "SIGNED",
    "SIGNED_STATES",
    "Check",
    "Choice",
    "Credential",
    "Fault",
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
    "SigningFailed",
    "SiteWeb",
    "Tally",
    "Told",
    "Verdict",
    "Why",
    "audit",
    "bake",
    "can_sign",
    "change_profile",
    "check_profile",
    "check_signer",
    "choice_of",
    "choose",
    "choose_name",
    "compromise",
    "current_of",
    "did_document_of",
    "did_of",
    "encryption",
    "ensure_issuer",
    "find_holder",
    "find_issuer",
    "forget",
    "has_to_sign",
    "holder_of",
    "is_addressed_to",
    "is_genuine",
    "is_replaced",
    "is_revoked",
    "issuer_at",
    "issuer_with_keys",
    "issuers",
    "jwk_at",
    "new_encryption_key",
    "note_tally",
    "profile_at",
    "profile_document_of",
    "read_presented",
    "reencrypt",
    "resign",
    "resign_next",
    "rotate",
    "served",
    "served_by",
    "served_list",
    "shared_by",
    "shown_name",
    "sign_many",
    "sign_waiting",
    "signing_backlog",
    "signing_key",
    "verify",
]
