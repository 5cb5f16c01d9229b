"""What a skill's address leads to: the values that Open Badges 3.0 has for it, in plain words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Open Badges 3.0, "Alignment", `targetType`; a site's own begin with "ext:".
TARGET_TYPES: dict[str, Promise] = {
    "ceasn:Competency": _("A skill or competency (ESCO, O*NET, CTDL-ASN)"),
    "CFItem": _("An entry of a competency framework (CASE)"),
    "CFRubric": _("A rubric (CASE)"),
    "CFRubricCriterion": _("A criterion of a rubric (CASE)"),
    "CFRubricCriterionLevel": _("A level of a criterion (CASE)"),
    "ceterms:Credential": _("A credential (CTDL)"),
    "CTDL": _("Something else in the Credential Registry (CTDL)"),
}

_OWN = "ext:"


def is_target_type(text: str) -> bool:
    """Whether readers of Open Badges know this value, or know that it is somebody's own."""
    return text in TARGET_TYPES or (text.startswith(_OWN) and len(text) > len(_OWN))
