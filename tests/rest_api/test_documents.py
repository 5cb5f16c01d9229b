"""The schema has every endpoint, and says of each what it takes and what it answers."""

from __future__ import annotations

import json
from typing import Any

import edx_api_doc_tools as apidocs
import pytest
from django.test import Client

from microcred_plugin.urls import api
from tests.factories import all_of, course, publish
from tests.learner.conftest import A, Someone, settle
from tests.rest_api.conftest import ROOT, ask, read

PARAMETERS = {
    "/overview/": {"username"},
    "/awards/": {"username", "page", "page_size"},
    "/awards/{uuid}/": {"uuid", "username"},
    "/progress/": {"username", "page", "page_size"},
    "/courses/": {"course_key"},
    "/courses/{course_key}/": {"course_key"},
    "/microcredentials/": {"q", "organization", "skill", "level", "mine", "page", "page_size"},
    "/microcredentials/{uuid}/": {"uuid"},
}


@pytest.fixture
def schema(visitor: Client, db: None) -> dict[str, Any]:
    response = visitor.get(f"{ROOT}docs/", {"format": "openapi"})
    assert response.status_code == 200
    found: dict[str, Any] = json.loads(response.content)
    return found


def test_every_endpoint_is_in_it(schema: dict[str, Any]) -> None:
    assert schema["basePath"] == ROOT.rstrip("/")
    assert set(schema["paths"]) == set(PARAMETERS)
    assert len(schema["paths"]) == len(api.endpoints)


@pytest.mark.parametrize("path", PARAMETERS)
def test_endpoint_says_what_it_takes_and_what_it_answers(schema: dict[str, Any], path: str) -> None:
    item = schema["paths"][path]
    operation = item["get"]
    assert set(item) <= {"get", "parameters"}
    assert operation["summary"]
    parameters = [*operation["parameters"], *item["parameters"]]
    assert {one["name"] for one in parameters} == PARAMETERS[path]
    assert all(one["description"] for one in operation["parameters"])
    responses = operation["responses"]
    assert {"200", "429"} <= set(responses)
    assert all("$ref" in response["schema"] for response in responses.values())
    assert ("401" in responses) is ("username" in PARAMETERS[path])


def test_shapes_have_names_that_no_other_api_has(schema: dict[str, Any]) -> None:
    assert schema["definitions"]
    assert all(name.startswith("Microcred") for name in schema["definitions"])


def _fields(schema: dict[str, Any], shape: dict[str, Any], value: Any, where: str) -> None:
    """The value has the fields that its shape has, all the way down."""
    if "$ref" in shape:
        shape = schema["definitions"][shape["$ref"].removeprefix("#/definitions/")]
    if value is None:
        assert shape.get("x-nullable") or "properties" in shape, where
    elif isinstance(value, list):
        for one in value:
            _fields(schema, shape["items"], one, f"{where}[]")
    elif isinstance(value, dict) and "properties" in shape:
        assert set(value) == set(shape["properties"]), where
        for name, one in value.items():
            _fields(schema, shape["properties"][name], one, f"{where}.{name}")


def test_answers_are_as_the_schema_says(schema: dict[str, Any], ada: Someone) -> None:
    skill = dict.fromkeys(("name", "framework", "code"), "x") | {"target_type": "CTDL"}
    made = publish(
        "literacy", course(A), policy="suspend",
        skills=[{**skill, "url": "https://skills.example.org/x"}],
    )  # fmt: skip
    publish("series", all_of(course(A), course("course-v1:NordU+B+1")))
    ada.passes(A)
    settle()
    ada.host.fail_course(ada.id, A)
    settle()
    for path in PARAMETERS:
        filled = path.replace("{course_key}", A).lstrip("/")
        uuid = ada.award(made).uuid if "awards" in path else made.uuid
        query = {"course_key": A} if path == "/courses/" else {}
        value = read(ada.client, filled.replace("{uuid}", str(uuid)), **query)
        answer = schema["paths"][path]["get"]["responses"]["200"]["schema"]
        _fields(schema, answer, value, path)
    error = ask(ada.client, "courses/").json()  # type: ignore[attr-defined]
    answer = schema["paths"]["/courses/"]["get"]["responses"]["400"]["schema"]
    _fields(schema, answer, error, "error")


def test_documents_can_be_looked_at(visitor: Client, db: None) -> None:
    response = visitor.get(f"{ROOT}docs/", headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert b"swagger-ui" in response.content


def test_documents_of_the_site_itself_are_not_disturbed() -> None:
    """They enumerate every address there is, and then leave out what is not below /api/."""
    info = apidocs.openapi.Info(title="Open edX API", default_version="v1")
    found = apidocs.ApiSchemaGenerator(info).get_schema(public=True)
    assert found["paths"] == {}
