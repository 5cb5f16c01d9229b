"""What a requirement tree asks for, as nested sentences for the demo's pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from microcred_plugin.evaluation.requirements import (
    AllOf,
    AnyOf,
    Assessment,
    AtLeast,
    Completion,
    Course,
    Credits,
    Group,
    MicrocredentialHeld,
    Node,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One node of a tree in words, with what stands below it."""

    text: str
    of: tuple[Sentence, ...] = ()


def describe(node: Node, names: Mapping[str, str]) -> Sentence:
    """The node in words; `names` has the titles of runs, courses and microcredentials."""
    if isinstance(node, Group):
        return Sentence(_group(node), tuple(describe(child, names) for child in node.of))
    worth = f" ({node.credits.normalize():f} credits)" if node.credits is not None else ""
    return Sentence(f"{_leaf(node, names)}{worth}")


def _group(node: Group) -> str:
    if isinstance(node, AllOf):
        text = "All of these"
    elif isinstance(node, AnyOf):
        text = "One of these"
    elif isinstance(node, AtLeast):
        text = f"At least {node.n} of these {len(node.of)}"
    elif isinstance(node, Credits):
        text = f"At least {node.minimum.normalize():f} credits from these"
    else:
        raise TypeError(f"no words for {node.kind}")
    if node.within_months is not None:
        text += f", within {node.within_months} months of each other"
    return text


def _leaf(node: Node, names: Mapping[str, str]) -> str:
    if isinstance(node, Course):
        return f"Pass {_which(node, names)}{_options(node)}"
    if isinstance(node, Assessment):
        return f"Reach {node.minimum_grade} % in {node.title or 'a part'} of {_which(node, names)}"
    if isinstance(node, Completion):
        return f"Complete {node.minimum_percent} % of {_which(node, names)}"
    if isinstance(node, MicrocredentialHeld):
        return f"Hold {names.get(node.microcredential, node.microcredential)}"
    return node.title or node.kind


def _which(node: Course | Assessment | Completion, names: Mapping[str, str]) -> str:
    if node.course is not None:
        return f"{names.get(node.course, node.course)}, in any run"
    return " or ".join(dict.fromkeys(names.get(run, run) for run in node.runs))


def _options(node: Course) -> str:
    options = []
    if node.minimum_grade is not None:
        options.append(f"with {node.minimum_grade} % or more")
    if node.modes:
        options.append(f"on the {' or '.join(node.modes)} track")
    if node.certificate:
        options.append("with its certificate")
    if node.not_before:
        options.append(f"not before {node.not_before:%-d %B %Y}")
    if node.not_after:
        options.append(f"not after {node.not_after:%-d %B %Y}")
    return "".join(f", {option}" for option in options)
