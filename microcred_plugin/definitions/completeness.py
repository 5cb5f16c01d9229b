"""
What a reader of a definition would still ask: somebody who hires, who recognises, who learns.

The questions are the elements of the Council Recommendation on a European approach to
micro-credentials (2022/C 243/02, Annex I), as far as an author answers them, and what Open Badges
3.0 has a field for. None of them is asked where it means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Content = Mapping[str, Any]

# Less says the title again, and not what somebody can do.
_SHORTEST_DESCRIPTION = 60


class Reader(Enum):
    """Who reads definitions."""

    EMPLOYER = "employer"
    REGISTRAR = "registrar"
    LEARNER = "learner"

    @property
    def label(self) -> str:
        return str(_LABELS[self])


_LABELS = {
    Reader.EMPLOYER: _("Employers"),
    Reader.REGISTRAR: _("Other schools"),
    Reader.LEARNER: _("Learners"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question in a reader's words, translated; `field` is the one whose value answers it."""

    key: str
    field: str
    sentence: str
    asked_by: tuple[Reader, ...]
    weight: int
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of what readers ask is answered, in percent by weight; and what they ask."""

    share: int
    questions: tuple[Question, ...]

    @property
    def open(self) -> list[Question]:
        """What is still to be answered, what matters most first."""
        return sorted(
            (one for one in self.questions if not one.is_answered), key=lambda one: -one.weight
        )

    @property
    def answered(self) -> list[Question]:
        """What nobody has to ask any more."""
        return [one for one in self.questions if one.is_answered]


def asked_by_readers(content: Content) -> Completeness:
    """
    What readers would ask of a content, as `content_of` gives it; it need not be one to be saved.
    """
    questions = tuple(
        Question(
            asked.key,
            asked.field,
            str(asked.sentence),
            asked.asked_by,
            asked.weight,
            is_answered=asked.is_answered(content),
        )
        for asked in _ASKED
        if asked.applies(content)
    )
    whole = sum(one.weight for one in questions)
    answered = sum(one.weight for one in questions if one.is_answered)
    return Completeness(share=100 * answered // whole, questions=questions)


# --- whether it is answered --------------------------------------------------------------------


def _has(*names: str) -> Callable[[Content], bool]:
    """Whether all of these fields say anything."""
    return lambda content: all(_says(content.get(name)) for name in names)


def _has_any(*names: str) -> Callable[[Content], bool]:
    return lambda content: any(_says(content.get(name)) for name in names)


def _says(value: Any) -> bool:
    return bool(value.strip() if isinstance(value, str) else value)


def _is_described(content: Content) -> bool:
    return len(str(content.get("description") or "").strip()) >= _SHORTEST_DESCRIPTION


def _skills(content: Content) -> list[Mapping[str, Any]]:
    skills = content.get("skills")
    rows = skills if isinstance(skills, Sequence) and not isinstance(skills, str) else ()
    return [one for one in rows if isinstance(one, Mapping) and _says(one.get("name"))]


def _has_skills(content: Content) -> bool:
    return bool(_skills(content))


def _are_skills_linked(content: Content) -> bool:
    return all(_says(skill.get("url")) for skill in _skills(content))


def _has_requirements(content: Content) -> bool:
    return any(True for _leaf in _leaves(content.get("requirements")))


def _leaves(node: Any) -> Iterator[Any]:
    """The requirements in a tree that nobody has checked yet."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            below = one.get("of")
            if isinstance(below, list):
                waiting += below
            else:
                yield one


def _always(_content: Content) -> bool:
    return True


# --- the questions -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, when it is asked, and what answers it."""

    key: str
    field: str
    sentence: Promise
    asked_by: tuple[Reader, ...]
    is_answered: Callable[[Content], bool]
    weight: int = 1
    applies: Callable[[Content], bool] = _always


_ASKED = (
    _Asked(
        "meaning", "description", _("What can somebody do who holds this?"),
        (Reader.EMPLOYER, Reader.LEARNER), _is_described, weight=3,
    ),
    _Asked(
        "requirements", "requirements", _("What has to be done to earn it?"),
        (Reader.LEARNER, Reader.EMPLOYER), _has_requirements, weight=3,
    ),
    _Asked(
        "skills", "skills", _("Which skills does it show?"),
        (Reader.EMPLOYER,), _has_skills, weight=3,
    ),
    _Asked(
        "skills_linked", "skills", _("Where is it written what each of these skills means?"),
        (Reader.EMPLOYER, Reader.REGISTRAR), _are_skills_linked, applies=_has_skills,
    ),
    _Asked(
        "workload", "workload_hours", _("How many hours does it take?"),
        (Reader.LEARNER, Reader.REGISTRAR), _has_any("workload_hours", "credit_value"), weight=2,
    ),
    _Asked(
        "credit_value", "credit_value", _("How much credit is it worth?"),
        (Reader.REGISTRAR,), _has("credit_value"), applies=_has("credit_kind"),
    ),
    _Asked(
        "credit_kind", "credit_kind", _("What kind of credit is that?"),
        (Reader.REGISTRAR,), _has("credit_kind"), applies=_has("credit_value"),
    ),
    _Asked(
        "level", "level", _("How advanced is it?"),
        (Reader.REGISTRAR, Reader.EMPLOYER), _has("level"), weight=2,
    ),
    _Asked(
        "level_framework", "level_framework", _("On which scale is that level?"),
        (Reader.REGISTRAR,), _has("level_framework"), applies=_has("level"),
    ),
    _Asked(
        "assessment", "assessment_type", _("How was it assessed?"),
        (Reader.REGISTRAR, Reader.EMPLOYER), _has("assessment_type"), weight=2,
    ),
    _Asked(
        "supervision", "supervision", _("How is it known that the work was the learner's own?"),
        (Reader.REGISTRAR, Reader.EMPLOYER), _has("supervision"),
    ),
    _Asked(
        "participation", "participation", _("Does one learn online, on site, or both?"),
        (Reader.LEARNER,), _has("participation"),
    ),
    _Asked(
        "quality", "quality_assurance", _("Who vouches for its quality?"),
        (Reader.REGISTRAR,), _has("quality_assurance"), weight=2,
    ),
    _Asked(
        "prerequisites", "prerequisites", _("What does one need beforehand?"),
        (Reader.LEARNER,), _has_any("prerequisites", "eligibility"),
    ),
)  # fmt: skip
