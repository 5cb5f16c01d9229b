"""The tables that answer what concerns what: the index over requirements, the stack's closure."""

from __future__ import annotations

from collections import defaultdict

from microcred_plugin.definitions.content import nodes_of
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    RequirementIndex,
    SkillIndex,
    StackClosure,
)
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Completion,
    Course,
    MicrocredentialHeld,
    Node,
    Program,
)


def index(version: MicrocredentialVersion) -> None:
    """Write down what the trees of a version name, and the skills that it recognises."""
    entries = {
        (_INDEX_KINDS[type(node)], key)
        for _path, node in nodes_of(version)
        if type(node) in _INDEX_KINDS
        for key in _keys_of(node)
    }
    RequirementIndex.objects.bulk_create(
        RequirementIndex(
            kind=kind,
            object_key=key,
            version=version,
            microcredential_id=version.microcredential_id,
        )
        for kind, key in sorted(entries)
    )
    # Names that a database takes for the same, such as with another case, are kept once.
    SkillIndex.objects.bulk_create(
        (SkillIndex(version=version, name=skill["name"].strip()) for skill in version.skills),
        ignore_conflicts=True,
    )


def rebuild_closure(microcredential_id: int) -> None:
    """Work out again what lies below this microcredential, and below all that stacks on it."""
    ancestors = set(
        StackClosure.objects.filter(descendant=microcredential_id).values_list(
            "ancestor_id", flat=True
        )
    ) | {microcredential_id}
    named = list(
        RequirementIndex.objects.filter(kind=RequirementIndex.MICROCREDENTIAL).values_list(
            "microcredential_id", "object_key"
        )
    )
    ids = {
        str(uuid): pk
        for uuid, pk in Microcredential.objects.filter(
            uuid__in={key for _pk, key in named}
        ).values_list("uuid", "pk")
    }
    edges: dict[int, set[int]] = defaultdict(set)
    for pk, key in named:
        if key in ids:
            edges[pk].add(ids[key])
    wanted = {
        (ancestor, descendant)
        for ancestor in ancestors
        for descendant in _reachable(ancestor, edges)
    }
    rows = StackClosure.objects.filter(ancestor__in=ancestors)
    present = {(row.ancestor_id, row.descendant_id): row.pk for row in rows}
    StackClosure.objects.filter(
        pk__in=[pk for pair, pk in present.items() if pair not in wanted]
    ).delete()
    StackClosure.objects.bulk_create(
        StackClosure(ancestor_id=ancestor, descendant_id=descendant)
        for ancestor, descendant in sorted(wanted - set(present))
    )


def _reachable(start: int, edges: dict[int, set[int]]) -> set[int]:
    seen, ahead = {start}, [start]
    while ahead:
        new = edges[ahead.pop()] - seen
        seen |= new
        ahead.extend(new)
    return seen


def _keys_of(node: Node) -> tuple[str, ...]:
    if isinstance(node, (Course, Assessment, Completion)):
        return node.runs or (node.course or "",)
    if isinstance(node, MicrocredentialHeld):
        return (node.microcredential,)
    return (node.program,) if isinstance(node, Program) else ()


_INDEX_KINDS: dict[type[Node], str] = {
    Course: RequirementIndex.COURSE,
    Assessment: RequirementIndex.COURSE,
    Completion: RequirementIndex.COURSE,
    MicrocredentialHeld: RequirementIndex.MICROCREDENTIAL,
    Program: RequirementIndex.PROGRAM,
}
