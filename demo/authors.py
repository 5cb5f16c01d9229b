"""
Who writes microcredentials in Studio: people of the demo alone, as its teachers are.

In a real site an admin of each organisation says who its authors are, and the course teams are the
platform's.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from demo.teachers import load_person
from microcred_plugin.authoring import api as authoring


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody in Studio: what they are in organisations, and the runs that they write."""

    username: str
    name: str
    story: str
    roles: tuple[tuple[str, str], ...] = ()
    runs: tuple[str, ...] = ()


WRITERS = (
    Writer(
        "ragnhild_moen",
        "Ragnhild Moen",
        _("is admin and author of NordU: writes its microcredentials, and says who else may"),
        roles=(("NordU", "admin"), ("NordU", "author")),
        runs=(
            "course-v1:NordU+DL101+2026_Spring",
            "course-v1:NordU+VA210+2026_Spring",
            "course-v1:NordU+SQ110+2026_Summer",
            "course-v1:NordU+ML301+2026_Summer",
        ),
    ),
    Writer(
        "joao_pires",
        "João Pires",
        _("is author of Harbor, and nothing in NordU"),
        roles=(("Harbor", "author"),),
    ),
    Writer(
        "lucie_bernard",
        "Lucie Bernard",
        _("teaches a course of Harbor, and may offer it to any microcredential"),
        runs=("course-v1:Harbor+FA120+T2_2026",),
    ),
    Writer(
        "tove_lind",
        "Tove Lind",
        _("is a viewer of NordU: reads drafts and previews, and changes nothing"),
        roles=(("NordU", "viewer"),),
    ),
)


@transaction.atomic
def load_writers() -> None:
    """Put them into the tables, with their roles. Doing it twice changes nothing."""
    for writer in WRITERS:
        user = load_person(writer.username, writer.name, writer.runs)
        for organization, role in writer.roles:
            authoring.give_role(
                user_id=user.pk, organization=organization, role=role, by_id=None,
                now=timezone.now(),
            )  # fmt: skip
