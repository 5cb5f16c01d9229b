"""What the schema says of an endpoint besides its answer, by the platform's tool for that."""

from __future__ import annotations

from typing import Any

import edx_api_doc_tools as apidocs

from microcred_plugin.rest_api import serializers

USERNAME = apidocs.query_parameter(
    "username", str, "Whose; without it the reader's own. Only staff of the site may name others."
)
PAGING = (
    apidocs.query_parameter("page", int, "Which page, from 1."),
    apidocs.query_parameter("page_size", int, "How many on a page: 10, or up to 100."),
)
FILTERS = (
    apidocs.query_parameter(
        "q", str, "Words that have to be in the title, description, organisation or a skill."
    ),
    apidocs.query_parameter("organization", str, "The short name of an organisation."),
    apidocs.query_parameter("skill", str, "The name of a skill."),
    apidocs.query_parameter("level", str, "A level, as the definition writes it."),
    apidocs.query_parameter("mine", str, "“1”: only what a course counts that the reader is in."),
)
MICROCREDENTIAL = apidocs.path_parameter("uuid", str, "The uuid of the microcredential.")
AWARD = apidocs.path_parameter("uuid", str, "The uuid of the award.")
COURSE_KEY = apidocs.path_parameter("course_key", str, "The key of a course run.")
COURSE_KEYS = apidocs.openapi.Parameter(
    "course_key",
    apidocs.openapi.IN_QUERY,
    description="The key of a course run; up to a hundred times.",
    required=True,
    type=apidocs.openapi.TYPE_ARRAY,
    items=apidocs.openapi.Items(apidocs.openapi.TYPE_STRING),
    collection_format="multi",
)

_ERRORS = {
    400: "Something in the address is not what it has to be.",
    401: "Nobody is logged in.",
    403: "The reader may not read this.",
    404: "There is no such thing, or it is not shown to the reader.",
    429: "Too many requests; the header Retry-After says for how many seconds to wait.",
    503: "The course records could not be read.",
}


def answers(answer: type[serializers.Shape], *errors: int, parameters: tuple[Any, ...] = ()) -> Any:
    """Describes a view's method: its answer, its parameters, and the errors beside 429."""
    responses = {200: apidocs.openapi.Response("What was asked for.", answer)}
    for status in sorted({*errors, 429}):
        responses[status] = apidocs.openapi.Response(_ERRORS[status], serializers.Error)
    return apidocs.schema(parameters=list(parameters), responses=responses)
