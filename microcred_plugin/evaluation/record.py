"""
The learner record: the facts about one learner that an evaluation reads.

A fact that the learner does not have is absent from its mapping, and is not met. A fact that
the platform could not say is present as `Unknown`: nothing is awarded on it and nothing is taken
away because of it.

All instants are aware and in UTC. Percentages are fractions from 0 to 1. Courses and runs are
plain strings, because this package knows no platform: a run is a whole course key
(`course-v1:NordU+DL101+2026_Spring`), a course is the part that its runs share (`NordU+DL101`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum


@dataclass(frozen=True, slots=True)
class Unknown:
    """What stands in place of a fact that the platform could not say, and why it could not."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class CourseResult:
    """
    What one learner has in one course run: grade, certificate and enrollment, each if any.

    `course` is None for a run that only ever counts when it is named itself, such as a CCX run.
    `passed_timestamp` is the first pass for ever: the platform keeps it when the learner falls
    below the pass mark, so it says when, and never whether, the run was passed.
    """

    run: str
    course: str | None = None
    percent_grade: Decimal | None = None
    letter_grade: str = ""
    passed_timestamp: datetime | None = None
    enrollment_mode: str | None = None
    is_enrolled: bool = False
    certificate_status: str | None = None
    certificate_mode: str | None = None
    certificate_created: datetime | None = None
    certificate_invalidated: bool = False

    @property
    def has_certificate(self) -> bool:
        """Whether there is a certificate to show: downloadable, and not invalidated by staff."""
        return self.certificate_status == "downloadable" and not self.certificate_invalidated

    @property
    def is_passed(self) -> bool:
        """A letter grade or a certificate passes a run; an invalidation defeats both."""
        return not self.certificate_invalidated and (
            self.letter_grade != "" or self.has_certificate
        )

    @property
    def passed_on(self) -> datetime | None:
        """The first pass, else the certificate's date, else None: passed, nobody knows when."""
        if self.passed_timestamp is not None:
            return self.passed_timestamp
        return self.certificate_created if self.has_certificate else None

    @property
    def modes(self) -> tuple[str, ...]:
        """The enrollment's mode and the certificate's; either suffices where one is asked for."""
        modes = (self.enrollment_mode, self.certificate_mode if self.has_certificate else None)
        return tuple(dict.fromkeys(mode for mode in modes if mode))


@dataclass(frozen=True, slots=True)
class AssessmentResult:
    """One learner's share of the graded points of one subsection, overrides applied."""

    run: str
    course: str | None
    block: str
    percent_grade: Decimal
    graded_on: datetime | None


@dataclass(frozen=True, slots=True)
class CompletionResult:
    """The share of one run that a learner has completed, and when that share was reached."""

    run: str
    course: str | None
    percent: Decimal
    completed_on: datetime | None


class AwardState(str, Enum):
    """The states of an award; a learner has at most one that has not ended, per microcredential."""

    HELD = "held"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DECLINED = "declined"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class AwardFact:
    """A learner's award of a microcredential, as a stack sees it."""

    uuid: str
    state: AwardState
    met_on: datetime | None
    expires_at: datetime | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether it counts at `now`: what has run out is expired, whatever the row says."""
        return self.state is AwardState.ACTIVE and (
            self.expires_at is None or self.expires_at > now
        )


@dataclass(frozen=True, slots=True)
class DatedFact:
    """
    A fact that holds from one instant, and perhaps until another.

    A program certificate, evidence that a reviewer accepted, an attestation, a grant.
    """

    since: datetime | None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LearnerRecord:
    """
    Every fact that one evaluation may read about one learner.

    `course_results` and `completions` are keyed by run, `assessments` by (run, block);
    an `Unknown` may also stand under a course, for all of its runs. `awards` and `programs` are
    keyed by uuid; `evidence`, `attestations` and `grants` by the key that the requirement names.
    """

    course_results: Mapping[str, CourseResult | Unknown] = field(default_factory=dict)
    assessments: Mapping[tuple[str, str], AssessmentResult | Unknown] = field(default_factory=dict)
    completions: Mapping[str, CompletionResult | Unknown] = field(default_factory=dict)
    awards: Mapping[str, AwardFact | Unknown] = field(default_factory=dict)
    programs: Mapping[str, DatedFact | Unknown] = field(default_factory=dict)
    evidence: Mapping[str, DatedFact | Unknown] = field(default_factory=dict)
    attestations: Mapping[str, DatedFact | Unknown] = field(default_factory=dict)
    grants: Mapping[str, DatedFact | Unknown] = field(default_factory=dict)


def whole_percent(fraction: Decimal) -> int:
    """The fraction as the whole percent that people are shown, half up: 0.695 is 70."""
    return int((fraction * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
