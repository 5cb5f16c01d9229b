"""The port's own few functions."""

import pytest
from opaque_keys import InvalidKeyError

from microcred_plugin.host.interface import CourseSelection, course_of


@pytest.mark.parametrize(
    ("run", "course"),
    [
        ("course-v1:NordU+DL101+2026_Spring", "NordU+DL101"),
        ("NordU/DL101/2012", "NordU+DL101"),
        ("ccx-v1:NordU+DL101+2026_Spring+ccx@7", None),
        ("library-v1:NordU+Problems", None),
    ],
)
def test_course_of_a_run(run: str, course: str | None) -> None:
    assert course_of(run) == course


def test_what_is_not_a_course_key_belongs_to_no_course() -> None:
    with pytest.raises(InvalidKeyError):
        course_of("NordU")


def test_ccx_run_is_selected_only_by_its_own_key() -> None:
    ccx = "ccx-v1:NordU+DL101+2026_Spring+ccx@7"
    assert not CourseSelection(courses=frozenset({"NordU+DL101"})).includes(ccx)
    assert CourseSelection(runs=frozenset({ccx})).includes(ccx)


def test_selections_join() -> None:
    joined = CourseSelection(runs=frozenset({"course-v1:A+B+C"})) | CourseSelection(
        courses=frozenset({"D+E"})
    )
    assert joined.includes("course-v1:A+B+C")
    assert joined.includes("course-v1:D+E+F")
    assert not CourseSelection()
