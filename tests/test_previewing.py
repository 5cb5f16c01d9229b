"""What a publication would change, asked of the real engine; and the learners of a course."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from microcred_plugin import previewing
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Preview, PreviewState
from microcred_plugin.awards.models import Award
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.previewing import Figures
from tests.factories import all_of, course
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

A, B, C = (f"course-v1:NordU+{name}+2026" for name in "ABC")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _runs(host: FakeHost) -> None:
    for run in (A, B, C):
        host.add_run(run)


def unpublished(slug: str, organization: str = "NordU") -> Microcredential:
    return definitions.create_microcredential(
        slug=slug, organization=organization, title=slug.title()
    )


def asked(
    microcredential: Microcredential,
    *,
    previous: str = "now",
    by_id: int | None = None,
    **content: Any,
) -> Preview:
    """Ask about a draft with this content."""
    draft = definitions.draft_of(microcredential) or definitions.create_draft(
        microcredential=microcredential, content={}
    )
    draft = definitions.change_draft(version=draft, content=content)
    return authoring.ask_preview(
        kind=Preview.Kind.PUBLICATION,
        microcredential_id=microcredential.pk,
        revision=draft.revision,
        content={"of": {"draft": definitions.deciding(draft)}, "previous": previous},
        by_id=by_id,
        now=NOW,
    )


def answered(preview: Preview) -> Preview:
    while previewing.advance(str(preview.uuid)):
        pass
    found = authoring.find_preview(preview.uuid)
    assert found is not None
    return found


def preview_of(microcredential: Microcredential, **options: Any) -> Figures:
    """What publishing a draft with this content would come to."""
    found = answered(asked(microcredential, **options))
    assert found.state == PreviewState.DONE
    return previewing.figures_of(found)["draft"]


def groups(figures: Figures) -> dict[str, int]:
    return {group.value: count for group, count in figures.learners.items()}


def changes(figures: Figures) -> dict[str, dict[str, int]]:
    slugs = {str(one.uuid): one.slug for one in definitions.list_microcredentials()}
    return {slugs[uuid]: dict(kinds) for uuid, kinds in figures.changes.items()}


# --- a first version -----------------------------------------------------------------------------


def test_those_who_meet_the_draft_would_be_awarded_and_those_a_step_away_are_close(
    host: FakeHost,
) -> None:
    host.pass_course(1, A)
    host.pass_course(1, B)
    host.pass_course(2, A)
    host.pass_course(3, A)
    host.fail_course(3, B)
    host.fail_course(4, A)
    host.enroll(5, A)
    figures = preview_of(unpublished("skill"), requirements=all_of(course(A), course(B)))
    assert groups(figures) == {"meets": 1, "awarded": 1, "awarded_anything": 1, "close": 2}
    assert changes(figures) == {"skill": {"earned": 1}}
    assert not Award.objects.exists()
