"""
More learners for the demo, with as few badges and as many as there may be.

`add` has to be run with the demo's settings, on a demo in which the recording has been replayed.
Course runs, grades and enrollments are written as the platform would, and the plugin's own engine
awards.

- `nobody` is in no course.
- `one` has one badge.
- One with a long name is in a course that counts towards microcredentials with long names. The
  demo's teacher teaches it, and another one that counts towards nothing.
- `hundreds` has 300: short titles and long ones, in several scripts; some in stacks, two of which
  are six deep, and a third has no room on a map. Others are under way, and one waits for approval.
  All are on a public profile; `nobody` has an empty one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from demo import lms
from demo.courses.models import CourseAccessRole, CourseOverview, UserProfile
from demo.who_shares import SHARING
from microcred_plugin import earning, previewing
from microcred_plugin.authoring import api as authoring
from microcred_plugin.awards import api as awards
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import NameChoice, Shared
from microcred_plugin.definitions import api as definitions
from tests.browser.places import (
    APPROVED,
    ARABIC,
    AUTHOR,
    DRAFTED,
    HUNDREDS,
    LONG,
    LONG_NAMES,
    NOBODY,
    NOTHING,
    ONE,
    TEACHER,
    TWICE,
)
from tests.factories import all_of, any_of, any_run, at_least, course, holds, publish

ACTIVE = 300
ORGANIZATION = "Atlas"
LONG_NAME = "long_name_of_somebody_with_a_user_name_that_has_no_end"
NAMES = {
    NOBODY: "Nia Newcomer",
    ONE: "Otto Once",
    HUNDREDS: "Hana Hundredfold",
    LONG_NAME: "Hubert Wolfeschlegelsteinhausenbergerdorffvoralternwarengewissenhaftschaferswessen",
}

_BEGAN = datetime(2026, 1, 10, 12, tzinfo=UTC)
_PASSED = 0.84

# As authors write them: in their language, as long as they like, with signs that HTML knows too.
_TITLES = (
    ("Applied Quantitative Risk Assessment for Cross-Border Renewable Energy Infrastructure "
     "Projects in Coastal Regions", "en"),
    ("Donaudampfschifffahrtsgesellschaftskapitänsprüfungsvorbereitung", "de"),
    ("أساسيات تحليل البيانات واتخاذ القرار", "ar"),
    ("السلامة والصحة المهنية في أماكن العمل للمشرفين والعمال الجدد", "ar"),
    ("数据分析与可视化基础", "zh-cn"),
    ("データ分析と可視化の基礎から実践まで学ぶ総合講座", "ja"),
    ("데이터 분석 기초", "ko"),
    ("यादृच्छिक प्रतिदर्श और आँकड़ों का विश्लेषण", "hi"),
    ("การวิเคราะห์ข้อมูลเบื้องต้นสำหรับผู้เริ่มต้น", "th"),
    ("יסודות ניתוח נתונים", "he"),
    ('R&D <basics>, or "how to begin"', "en"),
    ("Pneumonoultramicroscopicsilicovolcanoconiosis Awareness", "en"),
)  # fmt: skip
_SLUGS = {_TITLES[1][0]: LONG, _TITLES[3][0]: ARABIC, "Reading Maps": TWICE}
_DOING = (
    "Reading", "Describing", "Measuring", "Comparing", "Planning with", "Explaining", "Checking",
    "Drawing", "Teaching", "Translating",
)  # fmt: skip
_THINGS = (
    "Maps", "Budgets", "Contracts", "Soil Samples", "Sensor Data", "Recipes", "Interviews",
    "Blueprints", "Weather Reports", "Timetables", "Ledgers", "Circuits", "Prescriptions",
    "Statutes", "Star Charts", "Tide Tables", "Patents", "Surveys", "Scores", "Invoices",
    "Field Notes", "Flood Plans", "Energy Bills", "Test Plans", "Safety Data",
)  # fmt: skip


@transaction.atomic
def add(known: str) -> None:
    """
    Add them all, and write to the file `known`, as JSON, what a browser has to know.

    That is the uuid of each award by learner and slug, and of each microcredential and its first
    publication by slug; and the first and the last line in the history of what has a draft.
    """
    ids = _people()
    _study_one(ids[ONE])
    _study_hundreds(ids[HUNDREDS])
    _teach(ids[LONG_NAME])
    for learner_id in ids.values():
        for _plan in earning.reconcile(
            microcredential_ids=definitions.all_ids(), learner_ids=[learner_id]
        ):
            pass
    held = awards.awards_of(learner_ids=[ids[HUNDREDS]])
    active = sum(award.state == awards.State.ACTIVE for award in held)
    assert active == ACTIVE, f"{HUNDREDS} should have {ACTIVE} badges, not {active}"
    found = {
        "awards": _awards(),
        "microcredentials": _microcredentials(),
        "publications": _publications(),
        "states": {DRAFTED: _write_a_draft()},
        "preview": _preview(),
        "offer": _offer(),
        "profiles": _profiles(),
    }
    Path(known).write_text(json.dumps(found), encoding="utf-8")


def _write_a_draft() -> list[int]:
    """Somebody begins the next version of one, and changes it: another tree, level and skill."""
    found = definitions.find_microcredential(DRAFTED)
    author = get_user_model().objects.get(username=AUTHOR)
    content = definitions.content_of(definitions.versions_of(found)[0])
    draft = definitions.create_draft(microcredential=found, content=content, by_id=author.pk)
    tree = content["requirements"]
    changed = {
        **content,
        "level": "7",
        "description": f"{content['description']}\n\nTells a story with what was found.",
        "requirements": all_of(
            {**tree, "title": "What it asked for so far"},
            at_least(
                1,
                course("course-v1:NordU+SQ110+2026_Summer", minimum_grade=70),
                any_run("NordU+ST201", title="Statistics, in any run"),
                title="One of these besides",
            ),
        ),
    }
    definitions.change_draft(version=draft, content=changed, by_id=author.pk)
    changes = [change.pk for change in definitions.changes_of(found) if change.number]
    return [changes[-1], changes[0]]


def _preview() -> str:
    """Somebody looks whom the draft would concern, and the LMS works it out."""
    found = definitions.find_microcredential(DRAFTED)
    draft = definitions.draft_of(found)
    assert draft is not None
    asked = authoring.ask_preview(
        kind=authoring.Preview.Kind.PUBLICATION,
        microcredential_id=found.pk,
        revision=draft.revision,
        content={"of": {"draft": definitions.deciding(draft)}, "previous": "now"},
        by_id=get_user_model().objects.get(username=AUTHOR).pk,
        now=timezone.now(),
    )
    while previewing.advance(str(asked.uuid)):
        pass
    return str(asked.uuid)


def _offer() -> str:
    """Whoever teaches a course of another organisation offers it, and waits."""
    instructor = get_user_model().objects.get(username="lucie_bernard")
    made = authoring.propose(
        microcredential=definitions.find_microcredential(DRAFTED),
        requirement=course("course-v1:Harbor+FA120+T2_2026", minimum_grade=60),
        by=authoring.rights_of(instructor),
        note="Data of accidents is what this course is about.",
    )
    return str(made.uuid)


def _publications() -> dict[str, str]:
    return {
        found.slug: str(made[-1].uuid)
        for found in definitions.list_microcredentials()
        if (made := definitions.publications_of(found))
    }


def _people() -> dict[str, int]:
    ids = {}
    for username, name in NAMES.items():
        user = get_user_model().objects.create(username=username, email=f"{username}@example.org")
        UserProfile.objects.create(user=user, name=name, language="en")
        ids[username] = user.pk
    return ids


def _study_one(learner_id: int) -> None:
    key = "course-v1:NordU+DL101+2026_Spring"
    lms.enroll(learner_id, key, mode="honor", created=_BEGAN)
    _grade(learner_id, key, _BEGAN)
    lms.certify(
        learner_id, key, status="downloadable", mode="honor", grade="Pass", name=NAMES[ONE],
        created=_BEGAN,
    )  # fmt: skip


def _study_hundreds(learner_id: int) -> None:
    titles = _titles()
    runs = _runs(learner_id)

    def make(title: str, language: str, requirements: Any, **content: Any) -> Any:
        number = next(numbers)
        return publish(
            _SLUGS.get(title, f"atlas-{number}"),
            requirements,
            organization=ORGANIZATION,
            title=title,
            language=language,
            description=f"The holder can do what “{title}” says, and has shown it in a course.",
            skills=[{"name": title.split()[0]}, {"name": f"Skill {number % 20 + 1}"}],
            level=str(number % 4 + 3),
            **content,
        )

    numbers = iter(range(1, 10_000))
    made = 0

    # Six levels of the same thing, each on the one before; and a seventh that is under way.
    level = None
    for number in range(1, 7):
        tree = course(next(runs))
        level = make(f"Weaving {number}", "en", all_of(holds(level), tree) if level else tree)
        made += 1
    make("Weaving 7", "en", all_of(holds(level), course(next(runs)), course(_run(learner_id, 0))))

    # Six rows, wider from each to the next, with the titles that are hardest to place.
    row = [make(*next(titles), course(next(runs))) for _place in range(6)]
    made += len(row)
    while len(row) > 1:
        row = [
            make(*next(titles), all_of(holds(left), holds(right))) for left, right in pairwise(row)
        ]
        made += len(row)

    # More than a map has room for.
    parts = [make(*next(titles), course(next(runs))) for _place in range(44)]
    make("Generalist", "en", at_least(10, *map(holds, parts)), validity_months=24)
    made += len(parts) + 1

    for _place in range(made, ACTIVE):
        months = {"validity_months": 36} if _place % 7 == 0 else {}
        make(*next(titles), course(next(runs)), **months)

    for place in range(15):
        tree = all_of(course(next(runs)), course(_run(learner_id, place + 1)))
        make(f"Half-way {place + 1}", "en", tree)
    publish(
        APPROVED, course(next(runs)), organization=ORGANIZATION, title="Waiting for a Signature",
        description="Somebody approves each award of this one.", needs_approval=True,
    )  # fmt: skip
    publish(
        TWICE, any_of(course(next(runs)), course(next(runs))), organization=ORGANIZATION,
        title="Reading Maps and Charts", description="What it asks for has changed since.",
        now=datetime(2026, 10, 1, tzinfo=UTC),
    )  # fmt: skip


def _teach(learner_id: int) -> None:
    """Two courses of the demo's teacher; the learner has passed the first."""
    teacher = get_user_model().objects.get(username=TEACHER)
    next_ones = tuple(f"course-v1:{ORGANIZATION}+Next{number}+2026" for number in (1, 2))
    titles = (_TITLES[0][0], "Nothing at All", _TITLES[1][0], "Afterwards")
    for key, title in zip((LONG_NAMES, NOTHING, *next_ones), titles, strict=True):
        CourseOverview.objects.create(id=key, org=ORGANIZATION, display_name=title, start=_BEGAN)
    for key in (LONG_NAMES, NOTHING):
        CourseAccessRole.objects.create(user=teacher, course_id=key, role="staff")
        lms.enroll(learner_id, key, mode="honor", created=_BEGAN)
    _grade(learner_id, LONG_NAMES, _BEGAN)
    for number, (title, language) in enumerate(_TITLES, start=1):
        steps = (LONG_NAMES, *next_ones[: 1 + number % 2])
        publish(
            f"long-names-{number}", all_of(*map(course, steps)),
            organization=ORGANIZATION, title=f"{title}: {number}", language=language,
            description="One of many that a course counts towards.",
        )  # fmt: skip


def _titles() -> Iterator[tuple[str, str]]:
    yield from _TITLES
    for thing, doing in product(_THINGS, _DOING):
        yield f"{doing} {thing}", "en"
    for number in range(1, 1_000):
        yield f"Elective {number}", "en"


def _runs(learner_id: int) -> Iterator[str]:
    """Course runs that the learner has passed, one a day."""
    for number in range(1, 1_000):
        key = _run(learner_id, 1_000 + number)
        _grade(learner_id, key, _BEGAN + timedelta(days=number % 250))
        yield key


def _run(learner_id: int, number: int) -> str:
    """A course run that the learner is in."""
    key = f"course-v1:{ORGANIZATION}+C{number}+2026"
    CourseOverview.objects.get_or_create(
        id=key, defaults={"org": ORGANIZATION, "display_name": f"Course {number}", "start": _BEGAN}
    )
    lms.enroll(learner_id, key, mode="honor", created=_BEGAN)
    return key


def _grade(learner_id: int, key: str, passed: datetime) -> None:
    lms.grade(
        learner_id, key, percent_grade=_PASSED, letter_grade="Pass", passed_timestamp=passed,
        modified=passed,
    )  # fmt: skip


def _awards() -> dict[str, dict[str, str]]:
    names = dict(get_user_model().objects.values_list("pk", "username"))
    found: dict[str, dict[str, str]] = {}
    for award in awards.awards_of():
        of_learner = found.setdefault(names[award.learner_id], {})
        of_learner[award.microcredential.slug] = str(award.uuid)
    return found


def _profiles() -> dict[str, str]:
    """Somebody shows 300 badges, somebody none; and those of the demo."""
    found = {}
    for username in (*SHARING, HUNDREDS, NOBODY):
        learner_id = get_user_model().objects.get(username=username).pk
        if username in (HUNDREDS, NOBODY):
            credentials.choose_name(
                learner_id, name_choice=NameChoice.FULL_NAME, is_profile_public=True,
                may_be_indexed=False,
            )  # fmt: skip
        for award in awards.awards_of(learner_ids=[learner_id]) if username == HUNDREDS else ():
            credentials.choose(
                award.uuid, learner_id=learner_id, now=timezone.now(), state=Shared.SHARED,
                is_on_profile=True,
            )  # fmt: skip
        found[username] = str(credentials.holder_of(learner_id).share_id)
    return found


def _microcredentials() -> dict[str, str]:
    return {one.slug: str(one.uuid) for one in definitions.list_microcredentials()}
