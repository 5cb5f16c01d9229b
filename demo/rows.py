"""
The rows of the recording, read into the real data classes of openedx-events.

A row that can't be read is refused with the place and the reason: a `CorruptRow`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey
from openedx_events.learning import signals
from openedx_events.learning.data import (
    CertificateData,
    CourseData,
    CourseEnrollmentData,
    CoursePassingStatusData,
    PersistentCourseGradeData,
    UserData,
    UserPersonalData,
)
from openedx_events.tooling import OpenEdxPublicSignal

RECORDING = Path(__file__).resolve().parent / "recording"
EVENTS = RECORDING / "events.jsonl"


class CorruptRow(ValueError):
    """A row that can't be replayed. The text says which, why, and how to go on."""

    def __init__(self, path: Path, line: int, reason: str, resume_at: int) -> None:
        super().__init__(
            f"{path}, line {line}: {reason}. The rows before it are replayed and stay so; "
            f"mend or remove the line and go on with `replay --from-seq {resume_at}`."
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One recorded event: the signal it was sent by and, under the argument's name, its data."""

    path: Path
    line: int
    seq: int
    sent_at: datetime
    in_transaction: bool
    signal: OpenEdxPublicSignal
    argument: str
    data: Any

    @property
    def learner_id(self) -> int:
        if isinstance(self.data, UserData):
            return self.data.id
        user = getattr(self.data, "user", None)
        return user.id if user else self.data.user_id

    @property
    def course_key(self) -> CourseKey | None:
        """None for a registration, which is about no course."""
        course = getattr(self.data, "course", None)
        return course.course_key if course else None

    def is_corrupt(self, reason: str) -> CorruptRow:
        """The error that says what is wrong with this row."""
        return CorruptRow(self.path, self.line, reason, self.seq)


def load_recording(path: Path = EVENTS, *, from_seq: int = 0) -> Iterator[Row]:
    """
    The rows of a recording in their order, from the one numbered `from_seq` on.

    Read as one goes, so that the rows before a corrupt one can be replayed. Raises `CorruptRow`.
    """
    seq = 0
    with path.open(encoding="utf-8") as lines:
        for line, text in enumerate(lines, start=1):
            # Until it has said otherwise, a line is the one after the line before.
            seq += 1
            try:
                fields = _Fields(_parse(text))
                seq = fields.get("seq", int)
                if seq >= from_seq:
                    yield _read(path, line, seq, fields)
            except _Wrong as wrong:
                if seq >= from_seq:
                    raise CorruptRow(path, line, str(wrong), seq) from None


def count_rows(path: Path = EVENTS) -> int:
    """How many lines a recording has."""
    with path.open("rb") as lines:
        return sum(1 for _line in lines)


# --- reading a line ----------------------------------------------------------------------------


class _Wrong(Exception):
    """What is wrong with a line; becomes a `CorruptRow` where the place is known."""


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _Wrong(f"not JSON ({error.msg} at column {error.colno})") from None


_REQUIRED = object()


class _Fields:
    """A JSON object whose fields are asked for by name and type, and missed by their full name."""

    def __init__(self, values: Any, path: str = "") -> None:
        if not isinstance(values, Mapping):
            raise _Wrong(f"{path or 'the row'} is not an object with fields")
        self._values, self._path = values, path

    def _name(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def get(self, name: str, *types: type, default: Any = _REQUIRED) -> Any:
        value = self._values.get(name, default)
        if value is _REQUIRED:
            raise _Wrong(f"the field {self._name(name)} is missing")
        # A bool is an int to Python, but not to whoever reads a recording.
        if type(value) not in types and value is not default:
            raise _Wrong(f"the field {self._name(name)} can't be {value!r}")
        return value

    def object(self, name: str) -> _Fields:
        self.get(name, dict)
        return _Fields(self._values[name], self._name(name))

    def when(self, name: str, *, may_be_none: bool = False) -> datetime | None:
        text = self.get(name, str, *((type(None),) if may_be_none else ()))
        if text is None:
            return None
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise _Wrong(f"the field {self._name(name)} is not a date with a time zone: {text!r}")
        return instant

    def course(self) -> CourseData:
        course = self.object("course")
        text = course.get("course_key", str)
        try:
            key = CourseKey.from_string(text)
        except InvalidKeyError:
            raise _Wrong(f"{text!r} is not a course key") from None
        return CourseData(course_key=key, display_name=course.get("display_name", str, default=""))

    def user(self) -> UserData:
        return _user(self.object("user"))


def _user(user: _Fields) -> UserData:
    pii = user.object("pii")
    return UserData(
        id=user.get("id", int),
        is_active=user.get("is_active", bool),
        pii=UserPersonalData(
            **{name: pii.get(name, str) for name in ("username", "email", "name")}
        ),
    )


def _enrollment(data: _Fields) -> CourseEnrollmentData:
    return CourseEnrollmentData(
        user=data.user(),
        course=data.course(),
        mode=data.get("mode", str),
        is_active=data.get("is_active", bool),
        creation_date=data.when("creation_date"),
    )


def _grade(data: _Fields) -> PersistentCourseGradeData:
    return PersistentCourseGradeData(
        user_id=data.get("user_id", int),
        course=data.course(),
        course_edited_timestamp=data.when("course_edited_timestamp"),
        course_version=data.get("course_version", str),
        grading_policy_hash=data.get("grading_policy_hash", str),
        percent_grade=float(data.get("percent_grade", float, int)),
        letter_grade=data.get("letter_grade", str),
        passed_timestamp=data.when("passed_timestamp", may_be_none=True),
    )


def _passing_status(data: _Fields) -> CoursePassingStatusData:
    return CoursePassingStatusData(
        is_passing=data.get("is_passing", bool), course=data.course(), user=data.user()
    )


def _certificate(data: _Fields) -> CertificateData:
    texts = ("mode", "grade", "download_url", "name", "current_status", "previous_status")
    return CertificateData(
        user=data.user(), course=data.course(), **{name: data.get(name, str) for name in texts}
    )


_READERS: Mapping[type, Callable[[_Fields], Any]] = {
    UserData: _user,
    CourseEnrollmentData: _enrollment,
    PersistentCourseGradeData: _grade,
    CoursePassingStatusData: _passing_status,
    CertificateData: _certificate,
}

_SIGNALS: Mapping[str, OpenEdxPublicSignal] = {
    signal.event_type: signal
    for signal in (
        signals.STUDENT_REGISTRATION_COMPLETED,
        signals.COURSE_ENROLLMENT_CREATED,
        signals.COURSE_ENROLLMENT_CHANGED,
        signals.COURSE_UNENROLLMENT_COMPLETED,
        signals.PERSISTENT_GRADE_SUMMARY_CHANGED,
        signals.COURSE_PASSING_STATUS_UPDATED,
        signals.CERTIFICATE_CREATED,
        signals.CERTIFICATE_CHANGED,
        signals.CERTIFICATE_REVOKED,
    )
}


def _read(path: Path, line: int, seq: int, fields: _Fields) -> Row:
    event_type = fields.get("event_type", str)
    signal = _SIGNALS.get(event_type)
    if signal is None:
        raise _Wrong(f"{event_type!r} is not an event that the demo knows")
    ((argument, data_class),) = signal.init_data.items()
    sent_at = fields.when("sent_at")
    assert sent_at is not None
    return Row(
        path=path,
        line=line,
        seq=seq,
        sent_at=sent_at,
        in_transaction=fields.get("in_transaction", bool),
        signal=signal,
        argument=argument,
        data=_READERS[data_class](fields.object("data").object(argument)),
    )
