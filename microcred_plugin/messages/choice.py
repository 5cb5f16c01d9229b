"""The link at the foot of an e-mail, by which its reader says that they want no more of them."""

from __future__ import annotations

from django.core import signing

_SALT = "microcred_plugin.mail"


def choice_token(learner_id: int) -> str:
    """What whoever has the e-mail may choose with, without logging in. It holds for ever."""
    return signing.Signer(salt=_SALT).sign(str(learner_id))


def learner_of_token(token: str) -> int | None:
    """Whose choice it is; None for what this site has not signed."""
    try:
        return int(signing.Signer(salt=_SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
