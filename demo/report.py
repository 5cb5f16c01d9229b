"""Who earned what and why, read through the plugin's own doors. For the terminal and the pages."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from microcred_plugin import wording
from microcred_plugin.awards import api as awards
from microcred_plugin.definitions import api as definitions
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Learner


@dataclass(frozen=True, slots=True)
class Earned:
    """
    An award, as a line of the report.

    `why` is what was read when it last changed; `superseded_by` the title of the higher level that
    is shown in its place, if there is one.
    """

    learner: Learner
    slug: str
    title: str
    state: str
    state_name: str
    met_on: datetime | None
    expires_at: datetime | None
    why: tuple[str, ...]
    history: tuple[str, ...]
    superseded_by: str


def earned(*, now: datetime) -> list[Earned]:
    """
    Every award there is, by learner, in the order in which they were met.

    The awards of those who have been retired or deleted are left out.
    """
    rows = list(awards.awards_of().prefetch_related("history__receipt"))
    learners = get_host().learners({row.learner_id for row in rows})
    names = titles()
    listed = {key for key, learner in learners.items() if not learner.is_retired}
    rows = [row for row in rows if row.learner_id in listed]
    rows.sort(key=lambda row: (learners[row.learner_id].username, row.met_on or now, row.pk))
    higher = {key: row.version.title for key, row in awards.superseding(rows).items()}
    return [
        _earned(row, learners[row.learner_id], names, higher.get(row.uuid, ""), now) for row in rows
    ]


def titles() -> dict[str, str]:
    """What the microcredentials, and the courses and runs that they ask for, are called."""
    stack = definitions.load_stack(definitions.all_ids())
    names: dict[str, str] = {}
    for definition in stack.definitions:
        names |= definition.names
    names |= {definition.uuid: definition.title for definition in stack.definitions}
    return names | {
        run: about.title for run, about in get_host().course_runs(stack.selection).items()
    }


def _earned(
    row: Any, learner: Learner, names: Mapping[str, str], superseded_by: str, now: datetime
) -> Earned:
    state = awards.shown_state(row, now=now)
    events = list(row.history.all())
    receipts = [event.receipt.content for event in events if hasattr(event, "receipt")]
    return Earned(
        learner=learner,
        slug=row.microcredential.slug,
        title=row.version.title,
        state=state.value,
        state_name=str(state.label),
        met_on=row.met_on,
        expires_at=row.expires_at,
        why=tuple(_why(receipts[-1]["outcome"], names)) if receipts else (),
        history=tuple(str(event.get_kind_display()) for event in events),
        superseded_by=superseded_by,
    )


def _why(outcome: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    """What decided it: the requirements that are met, or else those that are not."""
    leaves = list(_leaves(outcome))
    deciding = [leaf for leaf in leaves if leaf["truth"] == outcome["truth"]]
    return (wording.sentence(wording.restored(leaf["reason"]), names) for leaf in deciding)


def _leaves(outcome: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "of" not in outcome:
        yield outcome
    for child in outcome.get("of", ()):
        yield from _leaves(child)


# --- as a table ----------------------------------------------------------------------------------

_HEADINGS = ("Learner", "Microcredential", "State", "Met on", "Why")


def table(lines: Sequence[Earned], *, width: int) -> Iterator[str]:
    """The lines as a table in so many columns; what is long goes on below."""
    cells = [
        (
            line.learner.username,
            line.title,
            line.state_name,
            f"{line.met_on:%Y-%m-%d}" if line.met_on else "",
            " ".join((*line.why, *_notes(line))),
        )
        for line in lines
    ]
    widths = [
        max(len(row[column]) for row in (_HEADINGS, *cells)) for column in range(len(_HEADINGS) - 1)
    ]
    widths[1] = min(widths[1], max(18, width // 4))
    widths.append(max(30, width - sum(widths) - 2 * len(widths)))
    yield from _printed(_HEADINGS, widths)
    yield "  ".join("─" * wide for wide in widths)
    learner = None
    for row in cells:
        if learner not in (None, row[0]):
            yield ""
        shown = ("" if row[0] == learner else row[0], *row[1:])
        learner = row[0]
        yield from _printed(shown, widths)


def _notes(line: Earned) -> Iterator[str]:
    """What took its place, and how it came to its state where that was not in one step."""
    if line.superseded_by:
        yield f"[superseded by {line.superseded_by}]"
    if len(line.history) > 1:
        yield f"[{', '.join(line.history)}]"


def _printed(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    wrapped = [textwrap.wrap(cell, wide) or [""] for cell, wide in zip(row, widths, strict=True)]
    for number in range(max(map(len, wrapped))):
        parts = (
            (lines[number] if number < len(lines) else "").ljust(wide)
            for lines, wide in zip(wrapped, widths, strict=True)
        )
        yield "  ".join(parts).rstrip()
