"""Pages of a list, as in the platform's APIs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from edx_rest_framework_extensions.paginators import DefaultPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from microcred_plugin.rest_api.addresses import absolute


class Pages(DefaultPagination):
    """Ten on a page, or as many as `page_size` says, up to a hundred."""

    page_size = 10
    max_page_size = 100
    invalid_page_message = _(
        "There is no page “{page_number}” of this list. Begin with page 1 and follow “next”."
    )

    def get_next_link(self) -> str | None:
        return self._link(self.page.next_page_number()) if self.page.has_next() else None

    def get_previous_link(self) -> str | None:
        return self._link(self.page.previous_page_number()) if self.page.has_previous() else None

    def _link(self, number: int) -> str:
        """The public address, where a request may have come through a proxy."""
        here = absolute(self.request.get_full_path())
        return str(replace_query_param(here, self.page_query_param, number))


def page_of(
    items: Sequence[Any] | QuerySet[Any],
    request: Request,
    shown: Callable[[list[Any]], Any],
    **more: Any,
) -> Response:
    """The page that is asked for, `shown` making JSON of what is on it; `more` stands beside it."""
    pages = Pages()
    on_page = pages.paginate_queryset(items, request)
    response = pages.get_paginated_response(shown(list(on_page)))
    response.data.update(more)
    return response
