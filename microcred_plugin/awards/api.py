"""
The door of the awards: read where learners stand, record what changes. It decides nothing.

Whoever changes an award comes through `microcred_plugin.earning`, under `with_learners_locked`.
"""

from __future__ import annotations

from microcred_plugin.awards.clock import (
    READ,
    READ_TO_THE_END,
    SWEPT,
    WORKED,
    Backlog,
    Mark,
    Why,
    due_before,
    dues_of,
    expect,
    learners_unknown,
    marks,
    overdue,
    set_mark,
    set_watermark,
    settle_due,
    watermark,
)
from microcred_plugin.awards.lifecycle import Case, Change, Decided, Said, Standing, decide
from microcred_plugin.awards.locks import with_learners_locked
from microcred_plugin.awards.models import Award, AwardEvent, Cause, DecisionKind, EventKind, State
from microcred_plugin.awards.outbox import (
    claim,
    keep_quiet,
    mark_announced,
    outbox_backlog,
    unannounced,
)
from microcred_plugin.awards.people import forget, keep_decision, lift_decision, set_hidden
from microcred_plugin.awards.reading import (
    Place,
    awards_of,
    decisions,
    find_award,
    last_ended,
    learners_concerned,
    learners_with_award_from,
    receipt_of,
    shown_state,
    standings,
    superseding,
)
from microcred_plugin.awards.recording import Because, Recorded, record

__all__ = [
    "READ",
    "READ_TO_THE_END",
    "SWEPT",
    "WORKED",
    "Award",
    "AwardEvent",
    "Backlog",
    "Because",
    "Case",
    "Cause",
    "Change",
    "Decided",
    "DecisionKind",
    "EventKind",
    "Mark",
    "Place",
    "Recorded",
    "Said",
    "Standing",
    "State",
    "Why",
    "awards_of",
    "claim",
    "decide",
    "decisions",
    "due_before",
    "dues_of",
    "expect",
    "find_award",
    "forget",
    "keep_decision",
    "keep_quiet",
    "last_ended",
    "learners_concerned",
    "learners_unknown",
    "learners_with_award_from",
    "lift_decision",
    "mark_announced",
    "marks",
    "outbox_backlog",
    "overdue",
    "receipt_of",
    "record",
    "set_hidden",
    "set_mark",
    "set_watermark",
    "settle_due",
    "shown_state",
    "standings",
    "superseding",
    "unannounced",
    "watermark",
    "with_learners_locked",
]
