"""An explanation as a page shows it: lines that are nested, facts by name, people by user name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from microcred_plugin.awards.api import Cause, State
from microcred_plugin.evaluation.verdict import Result
from microcred_plugin.explaining import Explained, ExplainedAward, ExplainedEvent, ExplainedLine

RESULTS: Mapping[Result, str | Promise] = {
    Result.EARNED: gettext_lazy("Everything is met"),
    Result.WAITING: gettext_lazy("Met, but not eligible"),
    Result.LAPSED: gettext_lazy("Met once, and run out"),
    Result.UNKNOWN: gettext_lazy("Not known"),
    Result.NOT_MET: gettext_lazy("Not met"),
}
_MARKS = {
    Result.EARNED: "met",
    Result.UNKNOWN: "unknown",
}


@dataclass(slots=True)
class Line:
    """A requirement, with those that are below it."""

    mark: str
    text: str
    facts: tuple[tuple[str, str], ...]
    of: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to an award, and what or who led to it."""

    at: datetime
    label: str
    cause: str
    about: str
    reason: str


@dataclass(frozen=True, slots=True)
class AwardShown:
    """An award with its history."""

    award: ExplainedAward
    history: tuple[Happening, ...]

    @property
    def is_standing(self) -> bool:
        return self.award.state in (State.HELD, State.ACTIVE, State.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided, and who it was."""

    at: datetime
    label: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExplainedPage:
    """Everything on the page."""

    explained: Explained
    mark: str
    result: str
    lines: tuple[Line, ...]
    awards: tuple[AwardShown, ...]
    decisions: tuple[Decided, ...]
    commands: tuple[tuple[str, str], ...]


def as_page(explained: Explained) -> ExplainedPage:
    """Arrange an explanation for a page; nothing is read for that."""
    names = explained.usernames
    which = f"--learner {explained.username} --microcredential {explained.slug}"
    return ExplainedPage(
        explained=explained,
        mark=_MARKS.get(explained.result, "not_met"),
        result=str(RESULTS[explained.result]),
        lines=tuple(_nested(explained.lines)),
        awards=tuple(
            AwardShown(award, tuple(_happening(event, names) for event in award.events))
            for award in reversed(explained.awards)
        ),
        decisions=tuple(
            Decided(one.at, str(one.kind.label), _who(one.by_id, names), one.reason)
            for one in explained.decisions
        ),
        commands=(
            (_("The same from the command line"), f"manage.py lms microcred explain {which}"),
            (
                _("What bringing the award in line would change"),
                f"manage.py lms microcred reconcile {which} --dry-run",
            ),
        ),
    )


def _nested(lines: Iterable[ExplainedLine]) -> list[Line]:
    """The lines as a tree, by how deep they are."""
    root = Line("", "", ())
    above = [root]
    for line in lines:
        nested = Line(line.truth.value if line.truth else "", line.text, line.facts)
        del above[line.depth + 1 :]
        above[-1].of.append(nested)
        above.append(nested)
    return root.of


def _happening(event: ExplainedEvent, names: Mapping[int, str]) -> Happening:
    is_person = event.cause is Cause.PERSON
    return Happening(
        at=event.at,
        label=str(event.kind.label),
        cause=str(event.cause.label),
        about=_who(event.actor_id, names) if is_person else event.cause_id,
        reason=event.reason,
    )


def _who(user_id: int | None, names: Mapping[int, str]) -> str:
    """Somebody by user name and id; by id alone who has left; empty where nobody is named."""
    if user_id is None:
        return ""
    return f"{names[user_id]} ({user_id})" if user_id in names else str(user_id)
