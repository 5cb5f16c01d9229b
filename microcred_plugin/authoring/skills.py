"""Lists of skills that authors pick from: loaded from CSV, searched, and removed again."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import connection, transaction
from django.db.models import Case, Count, Q, QuerySet, When
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from microcred_plugin.authoring.models import ListedSkill
from microcred_plugin.definitions.api import TARGET_TYPES, is_target_type

MOST_BYTES = 20_000_000
MOST_LINES = 50_000
MOST_NAMED = 20
SHORTEST_SEARCH, LONGEST_SEARCH = 2, 100

COLUMNS = ("framework", "code", "name", "url", "target_type")
_KEY = ("organization", "framework", "code")
_REST = ("name", "url", "target_type")
_CHUNK = 1_000
_MOST_WORDS = 6

# How ESCO names the same in the files that it publishes.
_ESCO = {"concepturi": "url", "preferredlabel": "name"}
_ESCO_FRAMEWORK, _ESCO_TYPE = "ESCO", "ceasn:Competency"

_LONGEST = {
    name: ListedSkill._meta.get_field(name).max_length or 0  # type: ignore[union-attr]
    for name in COLUMNS
}
_is_web_address = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class LineFault:
    """Something wrong in a file: the line, counted from 1, and a sentence that says what to do."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return _("Line {line}: {sentence}").format(line=self.line, sentence=self.sentence)


class SkillsRefused(Exception):
    """
    A file of skills that can't be loaded; nothing of it was.

    `faults` are the first of them, and `more` says how many there are besides.
    """

    def __init__(self, faults: Iterable[LineFault], more: int = 0) -> None:
        self.faults = tuple(faults)
        self.more = more
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of the skills of a file."""

    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class SkillList:
    """How many skills of a framework are loaded, and for whom; "" is for the whole site."""

    organization: str
    framework: str
    skills: int


# --- reading a file ----------------------------------------------------------------------------


def load_skills(content: bytes, *, organization: str = "", framework: str = "") -> Loaded:
    """
    Load a CSV file for an organisation, or for the site; all of it or, if a line is wrong, nothing.

    The columns are `COLUMNS` in any order, or those of ESCO's own files; `framework` is for a file
    without that column. A skill that is there, by framework and code, is brought to what the file
    says, so loading twice is loading once. Raises `SkillsRefused`.
    """
    rows = _checked(_rows(_text(content)), framework.strip())
    created = changed = 0
    with transaction.atomic():
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            there = {
                (skill.framework, skill.code): skill
                for skill in ListedSkill.objects.filter(
                    organization=organization,
                    framework__in={row["framework"] for row in chunk},
                    code__in=[row["code"] for row in chunk],
                )
            }
            wanted = [ListedSkill(organization=organization, **row) for row in chunk]
            new = [skill for skill in wanted if (skill.framework, skill.code) not in there]
            differing = [
                skill
                for skill in wanted
                if (before := there.get((skill.framework, skill.code))) is not None
                and any(getattr(before, name) != getattr(skill, name) for name in _REST)
            ]
            _put(new + differing)
            created, changed = created + len(new), changed + len(differing)
    return Loaded(created, changed, len(rows) - created - changed)


def _put(skills: list[ListedSkill]) -> None:
    """Insert them, or update what somebody else has loaded meanwhile."""
    # MySQL goes by every unique key, and doesn't want to be told which.
    names_its_key = connection.features.supports_update_conflicts_with_target
    ListedSkill.objects.bulk_create(
        skills,
        update_conflicts=True,
        update_fields=_REST,
        unique_fields=_KEY if names_its_key else None,
    )


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise too_large()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        sentence = _("This is not UTF-8. Save the file as “CSV UTF-8” and load it again.")
        raise SkillsRefused([LineFault(line, sentence)]) from error


def too_large() -> SkillsRefused:
    """The refusal of a file that is larger than any that is read."""
    sentence = _("This file is larger than {most} MB. Split it into several.")
    return SkillsRefused([LineFault(1, sentence.format(most=MOST_BYTES // 1_000_000))])


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines that say anything, by column, each with its number."""
    header, separator = _header(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        next(reader)
        for cells in reader:
            # A line with fewer cells says nothing in the others; with more, nobody knows what.
            values = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
            if any(values.values()):
                yield reader.line_num, values
    except csv.Error as error:
        sentence = _("This can't be read as CSV. Save the file as CSV again.")
        raise SkillsRefused([LineFault(reader.line_num, sentence)]) from error


def _header(text: str) -> tuple[list[str], str]:
    """The column that each cell is, "" for one that says nothing here; and the separator."""
    found: list[str] = []
    separator = ","
    first = text.partition("\n")[0]
    for candidate in (",", ";", "\t"):
        names = [_column(cell) for cell in next(csv.reader([first], delimiter=candidate), [])]
        if len(set(names)) > len(set(found)):
            found, separator = names, candidate
    missing = [name for name in ("name", "code") if name not in found]
    if "name" not in found or ("code" not in found and "url" not in found):
        sentence = _(
            "There is no column “{name}”. The first line names the columns: {columns}; or load "
            "a file that ESCO publishes as it is."
        ).format(name=missing[0], columns=", ".join(COLUMNS))
        raise SkillsRefused([LineFault(1, sentence)])
    return found, separator


def _column(cell: str) -> str:
    name = cell.strip().lower().replace(" ", "_")
    name = {"targettype": "target_type", **_ESCO}.get(name, name)
    return name if name in COLUMNS else ""


def _checked(rows: Iterable[tuple[int, dict[str, str]]], framework: str) -> list[dict[str, str]]:
    """The rows as they are kept. Raises `SkillsRefused` with the faults of all lines."""
    checked: list[dict[str, str]] = []
    faults: list[LineFault] = []
    lines: dict[tuple[str, str], int] = {}
    for line, values in rows:
        if len(checked) >= MOST_LINES:
            sentence = _("There are more than {most} skills in this file. Split it into several.")
            raise SkillsRefused([LineFault(line, sentence.format(most=MOST_LINES))])
        row = _completed(values, framework)
        wrong = list(_faults(row))
        # Not every database tells "a1" from "A1".
        key = row["framework"].lower(), row["code"].lower()
        if not wrong and key in lines:
            sentence = _("“{code}” of {framework} stands in line {line} already. Take one out.")
            wrong = [sentence.format(code=row["code"], framework=row["framework"], line=lines[key])]
        lines.setdefault(key, line)
        faults += (LineFault(line, sentence) for sentence in wrong)
        checked.append(row)
    if faults:
        raise SkillsRefused(faults[:MOST_NAMED], max(0, len(faults) - MOST_NAMED))
    if not checked:
        raise SkillsRefused([LineFault(1, _("There is no skill in this file."))])
    return checked


def _completed(values: dict[str, str], framework: str) -> dict[str, str]:
    """A row with all columns; what ESCO's files leave unsaid is said."""
    row = {name: values.get(name, "") for name in COLUMNS}
    is_esco = row["url"].startswith("http://data.europa.eu/esco/")
    row["framework"] = row["framework"] or framework or (_ESCO_FRAMEWORK if is_esco else "")
    if is_esco:
        row["code"] = row["code"] or row["url"].rpartition("/")[2]
        row["target_type"] = row["target_type"] or _ESCO_TYPE
    return row


def _faults(row: dict[str, str]) -> Iterator[str]:
    for name in ("framework", "code", "name"):
        if not row[name]:
            yield _("“{column}” is empty.").format(column=name)
    for name, value in row.items():
        if len(value) > _LONGEST[name]:
            yield _("“{column}” has {length} characters, and may have {most} at most.").format(
                column=name, length=len(value), most=_LONGEST[name]
            )
        elif not value.isprintable():
            yield _("There is a line break or a control character in “{column}”.").format(
                column=name
            )
    if row["url"] and not _leads_somewhere(row["url"]):
        yield _("“{url}” is no address in the web. It begins with https://.").format(
            url=row["url"][:200]
        )
    if row["target_type"] and not is_target_type(row["target_type"]):
        yield _("“{value}” is no target type. Leave it empty, or write one of {known}.").format(
            value=row["target_type"][:80], known=", ".join(TARGET_TYPES)
        )


def _leads_somewhere(url: str) -> bool:
    try:
        _is_web_address(url)
    except ValidationError:
        return False
    return True


# --- asking ------------------------------------------------------------------------------------


def search_skills(text: str, *, organizations: Collection[str], limit: int) -> list[ListedSkill]:
    """
    The skills that somebody may mean, of the site's lists and of these organisations'.

    A code comes first, then names that begin so, then those that have every word in them. At most
    two queries.
    """
    text = " ".join(text[:LONGEST_SEARCH].split())
    if len(text) < SHORTEST_SEARCH or not text.isprintable():
        return []
    lists = {"", *organizations}
    is_code = Q(code__iexact=text)
    begin = _of(lists, is_code | Q(name__istartswith=text)).order_by(
        Case(When(is_code, then=0), default=1), Length("name"), "name", "pk"
    )
    # A database may have compared organisations without regard to case.
    found = [skill for skill in begin[: 2 * limit] if skill.organization in lists][:limit]
    if len(found) < limit:
        words = Q()
        for word in text.split()[:_MOST_WORDS]:
            words &= Q(name__icontains=word)
        others = _of(lists, words).exclude(pk__in=[skill.pk for skill in found])
        found += (skill for skill in others[:limit] if skill.organization in lists)
    return found[:limit]


def find_skill(skill_id: int, *, organizations: Collection[str]) -> ListedSkill | None:
    """A listed skill, if it is of the site's lists or of these organisations'. One query."""
    found = ListedSkill.objects.filter(pk=skill_id).first()
    return found if found is not None and found.organization in {"", *organizations} else None


def skill_lists(organizations: Collection[str] | None = None) -> list[SkillList]:
    """What is loaded for these organisations, "" for the site; for everybody with None."""
    found = ListedSkill.objects.order_by("organization", "framework")
    if organizations is not None:
        found = found.filter(organization__in=organizations)
    counted: Any = found.values_list("organization", "framework").annotate(skills=Count("pk"))
    return [SkillList(*row) for row in counted]


def remove_skills(*, framework: str, organization: str = "") -> int:
    """
    Remove a framework from a list; how many skills that were. Definitions keep what they have.
    """
    found = ListedSkill.objects.filter(framework=framework, organization=organization)
    removed, _by_model = found.delete()
    return removed


def _of(lists: Collection[str], condition: Q) -> QuerySet[ListedSkill]:
    return ListedSkill.objects.filter(condition, organization__in=lists).order_by("name", "pk")
