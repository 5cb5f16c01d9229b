"""What a microcredential looks like wherever it is named: enough for a badge and its title."""

from __future__ import annotations

from dataclasses import dataclass

from microcred_plugin.definitions.models import Microcredential, MicrocredentialVersion


@dataclass(frozen=True, slots=True)
class Face:
    """A version as lists show it; `depth` is the height of its stack, 1 for one by itself."""

    uuid: str
    number: int
    title: str
    organization: str
    language: str
    level: str
    depth: int
    image_digest: str | None


def face_of(version: MicrocredentialVersion, microcredential: Microcredential) -> Face:
    """The face of a version of this microcredential. It asks the database for nothing."""
    return Face(
        uuid=str(microcredential.uuid),
        number=version.number,
        title=version.title,
        organization=microcredential.organization,
        language=version.language,
        level=level_in_words(version.level_framework, version.level),
        depth=version.depth,
        image_digest=version.image_id,
    )


def level_in_words(framework: str, level: str) -> str:
    """A level as a badge shows it, such as "EQF 5"; nothing where there is no level."""
    return f"{framework} {level}".strip() if level else ""
