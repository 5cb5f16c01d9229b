"""Lists of skills: what a CSV file may look like, what is refused by line, and what is found."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring import skills as reading
from microcred_plugin.authoring.api import ListedSkill, Loaded, SkillList, SkillsRefused

pytestmark = pytest.mark.django_db

HEADER = "framework,code,name,url,target_type\n"
ONE = "O*NET,2.A.1.a,Reading Comprehension,https://www.onetonline.org/x,ceasn:Competency\n"
ESCO = """conceptType,conceptUri,skillType,preferredLabel,altLabels,status
KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/0005c151,skill,lead bands,"direct staff
coordinate staff",released
"""


def load(text: str, **options: str) -> Loaded:
    return authoring.load_skills(text.encode(), **options)


def refused(content: bytes, **options: str) -> SkillsRefused:
    with pytest.raises(SkillsRefused) as caught:
        authoring.load_skills(content, **options)
    assert not ListedSkill.objects.exists()
    return caught.value


def listed() -> list[tuple[str, ...]]:
    fields = ("organization", "framework", "code", "name", "url", "target_type")
    return list(ListedSkill.objects.order_by("code").values_list(*fields))


def table(numbers: Iterable[int], name: str = "Skill") -> str:
    return HEADER + "".join(f"Own,{number},{name} {number},,\n" for number in numbers)


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + ONE).encode(),
        b"\xef\xbb\xbf" + (HEADER + ONE).encode(),
        (HEADER + ONE).replace(",", ";").encode(),
        (HEADER + ONE).replace("\n", "\r\n").encode(),
        (HEADER.upper().replace("TARGET_TYPE", " Target Type ") + ONE).encode(),
        (HEADER + "\n,,,,\n" + ONE + "\n").encode(),
        b"notes,name,url,code,targetType,framework\n"
        b"mine,Reading Comprehension, https://www.onetonline.org/x ,2.A.1.a,"
        b"ceasn:Competency,O*NET\n",
    ],
    ids=["comma", "mark", "semicolon", "windows", "capitals", "empty lines", "any order"],
)
def test_file_is_read_however_it_was_written(content: bytes) -> None:
    assert authoring.load_skills(content) == Loaded(1, 0, 0)
    url = "https://www.onetonline.org/x"
    assert listed() == [("", "O*NET", "2.A.1.a", "Reading Comprehension", url, "ceasn:Competency")]


def test_file_of_esco_is_read_as_it_is() -> None:
    assert load(ESCO) == Loaded(1, 0, 0)
    url = "http://data.europa.eu/esco/skill/0005c151"
    assert listed() == [("", "ESCO", "0005c151", "lead bands", url, "ceasn:Competency")]


def test_framework_may_be_said_for_a_whole_file() -> None:
    load("code,name\n1,Welding\n", framework="House list", organization="NordU")
    assert listed() == [("NordU", "House list", "1", "Welding", "", "")]


def test_loading_twice_is_loading_once() -> None:
    load(table(range(5)))
    before = listed()
    assert load(table(range(5))) == Loaded(0, 0, 5)
    assert listed() == before


def test_skill_that_is_there_is_brought_to_what_the_file_says() -> None:
    load(table(range(3)))
    assert load(table([1], name="Renamed") + "Own,9,New,,\n") == Loaded(1, 1, 0)
    assert [row[3] for row in listed()] == ["Skill 0", "Renamed 1", "Skill 2", "New"]


def test_lists_of_two_organizations_are_two() -> None:
    load(table([1]), organization="NordU")
    assert load(table([1], name="Other"), organization="Harbor") == Loaded(1, 0, 0)
    assert sorted(row[:4] for row in listed()) == [
        ("Harbor", "Own", "1", "Other 1"),
        ("NordU", "Own", "1", "Skill 1"),
    ]


@pytest.mark.parametrize(
    ("row", "line", "sentence"),
    [
        (",1,Welding,,", 2, "“framework” is empty"),
        ("Own,,Welding,,", 2, "“code” is empty"),
        ("Own,1, ,https://a.example,", 2, "“name” is empty"),
        (f"Own,1,{'x' * 256},,", 2, "“name” has 256 characters, and may have 255"),
        (f"{'x' * 65},1,Welding,,", 2, "“framework” has 65 characters, and may have 64"),
        ("Own,1,Welding,javascript:alert(1),", 2, "is no address in the web"),
        ("Own,1,Welding,ftp://a.example/x,", 2, "is no address in the web"),
        ("Own,1,Welding,,Skill", 2, "“Skill” is no target type"),
        ("Own,1,Wel\x07ding,,", 2, "a control character in “name”"),
        ('Own,1,"Wel\nding",,', 3, "a line break or a control character in “name”"),
        ("Own,a,Welding,,\nOwn,A,Soldering,,", 3, "“A” of Own stands in line 2 already"),
    ],
)
def test_line_that_is_wrong_is_named_with_the_reason(row: str, line: int, sentence: str) -> None:
    (fault,) = refused((HEADER + row + "\n").encode()).faults
    assert fault.line == line
    assert sentence in fault.sentence
    assert str(fault).startswith(f"Line {line}: ")


@pytest.mark.parametrize(
    ("content", "line", "sentence"),
    [
        (b"", 1, "There is no column “name”"),
        (b"framework,title\nOwn,x\n", 1, "There is no column “name”"),
        (b"framework,name\nOwn,x\n", 1, "There is no column “code”"),
        (HEADER.encode(), 1, "There is no skill in this file"),
        (HEADER.encode() + b"Own,1,Fr\xe4sen,,\n", 2, "This is not UTF-8"),
        (b"PK\x03\x04 a spreadsheet", 1, "There is no column “name”"),
        (b'name,code,framework\n"' + b"x" * 200_000 + b'",1,Own\n', 2, "can't be read as CSV"),
    ],
)
def test_file_that_is_no_table_of_skills_is_refused(
    content: bytes, line: int, sentence: str
) -> None:
    (fault,) = refused(content).faults
    assert sentence in fault.sentence
    assert fault.line == line


def test_one_wrong_line_keeps_all_of_a_file_out() -> None:
    refused((table(range(1500)) + "Own,,Nothing,,\n").encode())


def test_twenty_faults_are_named_and_the_others_counted() -> None:
    error = refused((HEADER + "Own,,x,,\n" * 30).encode())
    assert [fault.line for fault in error.faults] == list(range(2, 22))
    assert error.more == 10


def test_file_that_is_too_large_is_not_read() -> None:
    assert "larger than 20 MB" in str(refused(b"x" * 20_000_001))


def test_file_with_too_many_skills_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINES", 3)
    assert "more than 3 skills" in str(refused(table(range(4)).encode()))
    assert load(table(range(3))) == Loaded(3, 0, 0)


def test_queries_grow_with_thousands_of_lines_and_not_with_lines() -> None:
    def queries(numbers: range) -> int:
        with CaptureQueriesContext(connection) as captured:
            load(table(numbers))
        return len(captured)

    few, thousand, three_thousand = queries(range(10)), queries(range(1000)), queries(range(3000))
    assert few <= 6
    assert thousand <= 12
    assert three_thousand <= 3 * thousand


# --- asking ------------------------------------------------------------------------------------


def names(text: str, *organizations: str, limit: int = 10) -> list[str]:
    found = authoring.search_skills(text, organizations=organizations, limit=limit)
    return [skill.name for skill in found]


@pytest.fixture
def _lists() -> None:
    load(
        HEADER
        + "".join(
            f"Own,{code},{name},,\n"
            for code, name in [
                ("w1", "weld pipes"),
                ("w2", "Welding"),
                ("w3", "inspect welding seams"),
                ("w4", "underwater welding"),
                ("p1", "lay pipes"),
                ("weld", "join metals"),
                ("x", "read 100 % of_it"),
            ]
        )
    )
    load(table([1], name="Weld for NordU"), organization="NordU")


@pytest.mark.usefixtures("_lists")
def test_code_comes_first_then_what_begins_so_then_what_has_the_words() -> None:
    assert names("weld") == [
        "join metals",
        "Welding",
        "weld pipes",
        "inspect welding seams",
        "underwater welding",
    ]
    assert names("WELD") == names("weld")
    assert names("seams  weld") == ["inspect welding seams"]
    assert names("weld", limit=3) == ["join metals", "Welding", "weld pipes"]


def test_code_is_found_among_many_names_that_begin_like_it() -> None:
    load(table(range(60)) + "Own,skill,A thing with a name that is long and begins otherwise,,\n")
    assert names("skill", limit=5)[0].startswith("A thing")


@pytest.mark.usefixtures("_lists")
def test_list_of_an_organization_is_for_that_one_alone() -> None:
    assert "Weld for NordU 1" in names("weld", "NordU")
    assert "Weld for NordU 1" not in names("weld", "Harbor")
    assert "Weld for NordU 1" not in names("weld", "nordu")
    skill = ListedSkill.objects.get(organization="NordU")
    assert authoring.find_skill(skill.pk, organizations=["NordU"]) == skill
    assert authoring.find_skill(skill.pk, organizations=["Harbor"]) is None
    assert authoring.find_skill(skill.pk + 1000, organizations=["NordU"]) is None


@pytest.mark.usefixtures("_lists")
@pytest.mark.parametrize("text", ["", "w", "  ", "\x00we", "zzz", "x" * 5000])
def test_search_for_nothing_finds_nothing(text: str) -> None:
    assert names(text) == []


@pytest.mark.usefixtures("_lists")
def test_signs_of_the_database_are_letters_like_others() -> None:
    assert names("100 %") == ["read 100 % of_it"]
    assert names("%%") == []
    assert names("__") == []


@pytest.mark.usefixtures("_lists")
def test_search_takes_two_queries() -> None:
    with CaptureQueriesContext(connection) as captured:
        names("welding seams and much more of what somebody may write there", "NordU")
    assert len(captured) == 2


@pytest.mark.usefixtures("_lists")
def test_what_is_loaded_is_counted_by_list_and_framework() -> None:
    assert authoring.skill_lists() == [SkillList("", "Own", 7), SkillList("NordU", "Own", 1)]
    assert authoring.skill_lists(["NordU"]) == [SkillList("NordU", "Own", 1)]
    assert authoring.skill_lists([]) == []


@pytest.mark.usefixtures("_lists")
def test_framework_is_removed_from_one_list_alone() -> None:
    assert authoring.remove_skills(framework="Own") == 7
    assert authoring.skill_lists() == [SkillList("NordU", "Own", 1)]
    assert authoring.remove_skills(framework="Own") == 0
