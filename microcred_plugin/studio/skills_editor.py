"""
The skills of a definition, as a part of the editor's one form.

What is not saved yet is in the form itself, row by row, so that the server holds no state. Each
operation is a submit button `name="op" value="skills:<operation>[:<argument>]"` that posts the
whole form: without scripts the page comes back with it done, with them only this part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import ListedSkill, Rights
from microcred_plugin.definitions.api import TARGET_TYPES, Fault
from microcred_plugin.studio.access import for_everybody
from microcred_plugin.studio.showing import show_studio

Skill = dict[str, str]

FIELDS = ("name", "framework", "code", "url", "target_type")
PREFIX = "skills"
SEARCH = "skill-search"

MOST_ROWS = 200
MOST_FOUND = 20

_INPUT = re.compile(r"skill-([0-9]{1,4})-(" + "|".join(FIELDS) + ")")
_FAULT = re.compile(r"skills\[([0-9]{1,4})\](?:\.(\w+))?")


# --- the form ----------------------------------------------------------------------------------


def read_skills(post: Mapping[str, str]) -> list[Skill]:
    """The skills in a posted form, as a definition has them; rows without any text are none."""
    return [skill for _row, skill in _rows(post)]


def apply_skill_operation(
    skills: Sequence[Skill], operation: str, post: Mapping[str, str], *, organization: str
) -> list[Skill]:
    """
    The skills after "skills:add", "skills:pick:<id>", "skills:remove:<row>", "skills:up:<row>",
    "skills:down:<row>" or "skills:search".

    `skills` are those of `read_skills(post)`; what is picked is of the site's lists, or of the
    organisation's. What names nothing that is there changes nothing.
    """
    name, _colon, argument = operation.removeprefix(f"{PREFIX}:").partition(":")
    is_number = argument.isascii() and argument.isdecimal() and len(argument) < 18
    number = int(argument) if is_number else None
    changed = [dict(skill) for skill in skills]
    if name == "add" and len(changed) < MOST_ROWS:
        changed.append({})
    elif name == "pick" and number is not None and len(changed) < MOST_ROWS:
        picked = authoring.find_skill(number, organizations=[organization])
        if picked is not None and not any(_is_same(skill, picked) for skill in changed):
            changed.append(_as_written(picked))
    elif name in ("remove", "up", "down"):
        rows = [row for row, _skill in _rows(post)]
        if number in rows:
            _move(changed, rows.index(number), name)
    return changed


def _rows(post: Mapping[str, str]) -> list[tuple[int, Skill]]:
    """The rows that say anything, each with its number in the form."""
    rows: dict[int, Skill] = {}
    for key in post:
        match = _INPUT.fullmatch(key)
        if match is not None and (value := post[key].strip()):
            rows.setdefault(int(match[1]), {})[match[2]] = value
    return [
        (row, {name: rows[row][name] for name in FIELDS if name in rows[row]})
        for row in sorted(rows)[:MOST_ROWS]
    ]


def _move(skills: list[Skill], place: int, name: str) -> None:
    """Take a skill out, and unless that is all, put it in again before or after its neighbour."""
    skill = skills.pop(place)
    if name == "up":
        skills.insert(max(0, place - 1), skill)
    elif name == "down":
        skills.insert(place + 1, skill)


def _as_written(listed: ListedSkill) -> Skill:
    """A skill of a list as a definition has it."""
    return {name: value for name in FIELDS if (value := str(getattr(listed, name)))}


def _is_same(skill: Skill, listed: ListedSkill) -> bool:
    return (skill.get("framework"), skill.get("code")) == (listed.framework, listed.code)


# --- what is shown -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a row: `name` is the input's, `sentence` what is wrong with it, if anything."""

    name: str
    value: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Row:
    """A skill in the form; `number` counts from 1, as people do."""

    place: int
    number: int
    inputs: Mapping[str, Input]
    types: Sequence[tuple[str, str]]
    is_first: bool
    is_last: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a search in the loaded lists has found, or why there is nothing to show."""

    text: str
    skills: Sequence[ListedSkill] = ()
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class SkillsPart:
    """All that the template shows; `focus` is the id of what the reader goes on with, if any."""

    organization: str
    rows: Sequence[Row]
    sentences: Sequence[str]
    found: Found
    has_lists: bool
    is_full: bool
    focus: str


def present_skills(
    skills: Sequence[Skill],
    *,
    organization: str,
    faults: Iterable[Fault] = (),
    operation: str = "",
    text: str = "",
) -> SkillsPart:
    """
    The part of the editor; each fault stands at its field, as `definitions` gives them.

    `operation` is the one that was just done, and `text` what stood in the search field.
    """
    sentences: dict[tuple[int, str], list[str]] = {}
    about_all = []
    for fault in faults:
        match = _FAULT.fullmatch(fault.path)
        if match is not None and int(match[1]) < len(skills):
            field = match[2] if match[2] in FIELDS else "name"
            sentences.setdefault((int(match[1]), field), []).append(fault.sentence)
        elif match is not None or fault.path == PREFIX:
            about_all.append(fault.sentence)
    rows = [_row(skills, place, sentences) for place in range(len(skills))]
    is_search = operation == f"{PREFIX}:search"
    return SkillsPart(
        organization=organization,
        rows=rows,
        sentences=about_all,
        found=_found(text, organization) if is_search else Found(text.strip()),
        has_lists=bool(authoring.skill_lists(["", organization])),
        is_full=len(skills) >= MOST_ROWS,
        focus=_focus(operation, len(skills)),
    )


def _focus(operation: str, skills: int) -> str:
    """Where to go on: at the search, or in the row that came, moved, or came in another's place."""
    if not operation.startswith(f"{PREFIX}:"):
        return ""
    name, _colon, argument = operation.removeprefix(f"{PREFIX}:").partition(":")
    if name == "search":
        return f"id_{SEARCH}"
    place = skills - 1
    if name in ("remove", "up", "down") and argument.isdecimal():
        place = int(argument[:4]) + {"remove": 0, "up": -1, "down": 1}[name]
    place = max(0, min(place, skills - 1))
    return f"id_skill-{place}-name" if skills else f"id_{PREFIX}"


def _row(
    skills: Sequence[Skill], place: int, sentences: Mapping[tuple[int, str], Sequence[str]]
) -> Row:
    skill = skills[place]
    inputs = {
        name: Input(
            name=f"skill-{place}-{name}",
            value=skill.get(name, ""),
            sentence=" ".join(sentences.get((place, name), ())),
        )
        for name in FIELDS
    }
    return Row(
        place=place,
        number=place + 1,
        inputs=inputs,
        types=_types(skill.get("target_type", "")),
        is_first=place == 0,
        is_last=place == len(skills) - 1,
        is_open=not skill.get("name") or any(one.sentence for one in inputs.values()),
    )


def _types(value: str) -> list[tuple[str, str]]:
    """What can be chosen: also what is there already, though it is not one that readers know."""
    known = [(key, str(label)) for key, label in TARGET_TYPES.items()]
    return known if not value or value in TARGET_TYPES else [*known, (value, value)]


def _found(text: str, organization: str) -> Found:
    text = text.strip()
    if len(text) < authoring.SHORTEST_SEARCH:
        return Found(text, sentence=_("Write at least two letters of the skill."))
    skills = authoring.search_skills(text, organizations=[organization], limit=MOST_FOUND)
    if not skills:
        return Found(text, sentence=_("No skill in the lists fits. You can write it yourself."))
    return Found(text, skills)


@require_safe
@for_everybody
def search(request: HttpRequest, rights: Rights) -> HttpResponse:
    """The part with what a search in the lists has found, for those who write for somebody."""
    organization = request.GET.get("organization", "")
    if not organization or not rights.may_write(organization):
        raise Http404(_("There is no such organisation, or you don't write for it."))
    found = _found(request.GET.get(SEARCH, "")[:255], organization)
    return show_studio(request, "skills_found.html", found=found)
