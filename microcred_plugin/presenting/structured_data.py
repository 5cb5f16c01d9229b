"""What search engines read of a microcredential: schema.org, as JSON-LD."""

from __future__ import annotations

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from microcred_plugin.definitions.api import MicrocredentialVersion

# What would end the script element that the JSON stands in, or begin another.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def json_ld(version: MicrocredentialVersion, *, url: str, image_url: str) -> SafeString:
    """A microcredential as a schema.org `EducationalOccupationalCredential`, safe in a page."""
    organization = version.microcredential.organization
    return in_page(described(version, url=url, image_url=image_url, recognized_by=organization))


def described(
    version: MicrocredentialVersion, *, url: str, image_url: str, recognized_by: str
) -> dict[str, Any]:
    """The same as data, with what is empty still in it. No query."""
    return {
        "@context": "https://schema.org",
        "@type": "EducationalOccupationalCredential",
        "@id": url,
        "url": url,
        "name": version.title,
        "description": version.description,
        "image": image_url,
        "inLanguage": version.language,
        "credentialCategory": {
            "@type": "DefinedTerm",
            "name": "Microcredential",
        },
        "recognizedBy": {"@type": "Organization", "name": recognized_by},
        "educationalLevel": _level(version),
        "competencyRequired": [_skill(skill) for skill in version.skills],
        "validFor": f"P{version.validity_months}M" if version.validity_months else None,
        "dateCreated": version.published_at.date().isoformat() if version.published_at else None,
        "version": version.number,
    }


def in_page(data: dict[str, Any]) -> SafeString:
    """Data as JSON that may stand in a script element, without what is empty."""
    kept = {name: value for name, value in data.items() if value not in (None, "", [])}
    return mark_safe(json.dumps(kept, ensure_ascii=False).translate(_ESCAPES))


def _level(version: MicrocredentialVersion) -> dict[str, str] | None:
    if not version.level:
        return None
    level = {"@type": "DefinedTerm", "name": version.level}
    if version.level_framework:
        level["inDefinedTermSet"] = version.level_framework
    return level


def _skill(skill: dict[str, str]) -> dict[str, str]:
    names = {
        "name": "name", "framework": "inDefinedTermSet", "code": "termCode", "url": "url",
    }  # fmt: skip
    return {
        "@type": "DefinedTerm",
        **{ours: skill[name] for name, ours in names.items() if skill.get(name)},
    }
