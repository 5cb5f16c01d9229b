"""What is signed about an award, checked once more: whether it still is what the issuer signed."""

from __future__ import annotations

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from microcred_plugin.credentials import addresses
from microcred_plugin.credentials.errors import InvalidProof, NotCanonical
from microcred_plugin.credentials.issuers import did_of, method_id, public_of
from microcred_plugin.credentials.models import Credential
from microcred_plugin.credentials.signing import verify_document
from microcred_plugin.credentials.stated import is_about


def is_genuine(of: Credential) -> bool:
    """
    Whether a stored document is about its award and signed with a key that may be relied on.

    `of` comes from `current_of`. No query; it takes as long as canonicalising the document does.
    """
    issuer = of.entry.status_list.issuer
    public = public_of(of.key)
    if of.key.compromised_at is not None or not isinstance(public, Ed25519PublicKey):
        return False
    try:
        document = json.loads(of.document)
        proof = verify_document(document, public)
    except (InvalidProof, NotCanonical, ValueError):
        return False
    said = (proof["verificationMethod"], document["id"], document["issuer"]["id"])
    return said == (
        method_id(issuer, of.key),
        addresses.award_url(issuer.base_url, of.award_id),
        did_of(issuer),
    )


def is_addressed_to(of: Credential, email: str) -> bool:
    """Whether what is signed can be compared with this address; it has only a hash of one."""
    named = json.loads(of.document)["credentialSubject"].get("identifier", [])
    return any(is_about(one, email) for one in named)
