"""What the things are called that trees name: course runs, courses, microcredentials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from microcred_plugin.definitions.finding import microcredentials_by_uuid
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Completion,
    Course,
    MicrocredentialHeld,
    Node,
)
from microcred_plugin.host.interface import CourseRun, CourseSelection


def selected(nodes: Iterable[tuple[str, Node]]) -> CourseSelection:
    """The runs and courses that these nodes name."""
    selection = CourseSelection()
    for _path, node in nodes:
        if isinstance(node, (Course, Assessment, Completion)):
            selection |= CourseSelection(
                frozenset(node.runs), frozenset([node.course] if node.course else [])
            )
    return selection


def components(nodes: Iterable[tuple[str, Node]]) -> dict[str, Microcredential]:
    """The microcredentials that the nodes name and that exist, by uuid. One query, or none."""
    return microcredentials_by_uuid(
        node.microcredential for _path, node in nodes if isinstance(node, MicrocredentialHeld)
    )


def titles(
    nodes: Iterable[tuple[str, Node]],
    components: Mapping[str, Microcredential],
    runs: Mapping[str, CourseRun],
) -> dict[str, str]:
    """The titles of everything that the nodes name, by the keys that they name it by."""
    names = {uuid: component.title for uuid, component in components.items()}
    selection = selected(nodes)
    for _key, run in sorted(runs.items()):
        names[run.run] = run.title
        if run.course in selection.courses:
            names[run.course] = run.title
    return names
