"""The stack as it would be, if what somebody has written were published. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from graphlib import CycleError
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from microcred_plugin.definitions.content import TREES, content_of, nodes_of
from microcred_plugin.definitions.errors import DefinitionRefused, Fault
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    StackClosure,
    VersionState,
)
from microcred_plugin.definitions.naming import components
from microcred_plugin.definitions.publishing import set_closing, tree_faults
from microcred_plugin.definitions.stack import (
    Stack,
    below_all,
    stack_of,
    terms_of,
    versions_by_id,
)
from microcred_plugin.evaluation.requirements import read_tree, write_tree
from microcred_plugin.evaluation.taking_out import take_out
from microcred_plugin.evaluation.verdict import Terms
from microcred_plugin.host.interface import course_of

# What of a version's content decides who earns it.
DECIDING = (
    "requirements",
    "eligibility",
    "renewal",
    "policy",
    "needs_approval",
    "validity_months",
    "grace_days",
)


@dataclass(frozen=True)
class Imagined:
    """
    A stack in which one microcredential has one version more.

    `draft` is that version; `earlier` are those that could be earned until then, as they were.
    """

    stack: Stack
    microcredential_id: int
    draft: Terms
    earlier: tuple[Terms, ...]


def deciding(version: MicrocredentialVersion) -> dict[str, Any]:
    """The part of a version's content that decides who earns it, as plain data."""
    content = content_of(version)
    return {name: content[name] for name in DECIDING if name in content}


def imagine(
    *,
    microcredential_id: int,
    content: Mapping[str, Any],
    now: datetime,
    previous_closes_at: datetime | None = None,
    keeps_previous_open: bool = False,
) -> Imagined:
    """
    The stack after publishing this content at `now`. The options are those of `publish`.

    `content` is what `deciding` gives. Four queries at most, whatever the size. Raises
    `DefinitionRefused` if it asks for something that asks for it.
    """
    microcredential = Microcredential.objects.get(pk=microcredential_id)
    draft = MicrocredentialVersion(
        microcredential=microcredential,
        title=microcredential.title,
        state=VersionState.PUBLISHED,
        published_at=now,
        **content,
    )
    asked_for = [component.pk for component in components(nodes_of(draft)).values()]
    above = StackClosure.objects.filter(descendant=microcredential_id)
    below = below_all(Q(ancestor__in=above.values("ancestor")) | Q(ancestor__in=asked_for))
    below[microcredential_id].update(asked_for)
    versions = versions_by_id(below)
    own = versions[microcredential_id]
    draft.number = 1 + max((version.number for version in own), default=0)
    earlier = [version for version in own if version.state == VersionState.PUBLISHED]
    earlier_terms = tuple(terms for terms in map(terms_of, earlier) if terms.is_open(now))
    for version in earlier:
        if version.closes_at is None and not keeps_previous_open:
            set_closing(version, max(now, previous_closes_at or now), now=now)
    own.append(draft)
    try:
        stack = stack_of(below, versions)
    except CycleError as error:
        sentence = _(
            "“{slug}” can't ask for something that asks for “{slug}” itself. Take one of the two "
            "out."
        ).format(slug=microcredential.slug)
        raise DefinitionRefused([Fault("requirements", sentence)]) from error
    return Imagined(stack, microcredential_id, terms_of(draft), earlier_terms)


def without_course(content: Mapping[str, Any], run: str) -> dict[str, Any]:
    """
    What `deciding` gives, with everything taken out of the trees that asks for a course run.

    `problems_in` says whether what is left can be published.
    """
    left = dict(content)
    for name in TREES:
        tree = take_out(read_tree(content.get(name), path=name), run, course_of(run))
        left.pop(name, None)
        if tree is not None:
            left[name] = write_tree(tree)
    return left


def problems_in(content: Mapping[str, Any]) -> list[Fault]:
    """What forbids publishing a content in itself, whatever it names. Nothing is read for that."""
    return tree_faults({name: read_tree(content.get(name), path=name) for name in TREES})
