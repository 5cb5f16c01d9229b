"""What search engines read of a shared award: schema.org, as JSON-LD."""

from __future__ import annotations

from django.utils.safestring import SafeString

from microcred_plugin.presenting.structured_data import described, in_page
from microcred_plugin.public.shown import PublicAward


def award_json_ld(page: PublicAward, *, image_url: str) -> SafeString:
    """
    A shared award as a schema.org `EducationalOccupationalCredential`, safe in a page.

    Whose it is, is not in it: the page says so to whoever reads it.
    """
    expires = page.award.expires_at
    data = described(
        page.version, url=page.passing.url, image_url=image_url, recognized_by=page.issuer
    )
    data |= {
        "identifier": page.award.uuid,
        "dateCreated": page.award.valid_from.date().isoformat(),
        "expires": expires.date().isoformat() if expires else None,
        "creativeWorkStatus": page.status.label,
    }
    return in_page(data)
