"""What a microcredential looks like wherever it is named: enough for a badge and its title."""

from __future__ import annotations

from dataclasses import dataclass

from microcred_plugin.definitions.models import MicrocredentialVersion


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


def face_of(version: MicrocredentialVersion) -> Face:
    """The face of a version, whose microcredential has been selected with it."""
    level = f"{version.level_framework} {version.level}" if version.level else ""
    return Face(
        uuid=str(version.microcredential.uuid),
        number=version.number,
        title=version.title,
        organization=version.microcredential.organization,
        language=version.language,
        level=level.strip(),
        depth=version.depth,
        image_digest=version.image_id,
    )
