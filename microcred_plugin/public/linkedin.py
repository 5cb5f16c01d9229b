"""Adding an award to a profile on LinkedIn: an address that the holder opens."""

from __future__ import annotations

from urllib.parse import urlencode

from django.utils.timezone import localtime

from microcred_plugin.awards.api import Award
from microcred_plugin.credentials.api import Issuer

# https://addtoprofile.linkedin.com/ lists the parameters.
_FORM = "https://www.linkedin.com/profile/add"


def linkedin_url(award: Award, *, url: str, issuer: Issuer | None) -> str:
    """LinkedIn's form for a certification, filled in; an issuer without a page there is named."""
    since = localtime(award.valid_from)
    fields: dict[str, str | int] = {
        "startTask": "CERTIFICATION_NAME",
        "name": award.version.title,
        "issueYear": since.year,
        "issueMonth": since.month,
        "certUrl": url,
        "certId": str(award.uuid),
    }
    if issuer is not None and issuer.linkedin_id:
        fields["organizationId"] = issuer.linkedin_id
    else:
        fields["organizationName"] = issuer.name if issuer else award.microcredential.organization
    if award.expires_at is not None:
        until = localtime(award.expires_at)
        fields |= {"expirationYear": until.year, "expirationMonth": until.month}
    return f"{_FORM}?{urlencode(fields)}"
