"""A site with one page on it: a form with the three builders of a draft, and a button to save."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import engines
from django.urls import include, path

from microcred_plugin.definitions import api as definitions
from microcred_plugin.evaluation.requirements import read_tree
from microcred_plugin.pages import serving
from microcred_plugin.pages.api import page
from microcred_plugin.pages.views import asset
from microcred_plugin.studio import builder
from microcred_plugin.studio.builder_page import present
from microcred_plugin.studio.searching import builder_search

PAGE = """{% load i18n %}{% get_current_language_bidi as is_rtl %}<!doctype html>
<html lang="en" dir="{% if is_rtl %}rtl{% else %}ltr{% endif %}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Draft</title><link rel="icon" href="data:,">
<meta name="htmx-config" content='{"allowEval": false, "allowScriptTags": false,
"includeIndicatorStyles": false, "selfRequestsOnly": true, "historyEnabled": false}'>
{% for url in styles %}<link rel="stylesheet" href="{{ url }}">{% endfor %}
{% for url in scripts %}<script src="{{ url }}" defer></script>{% endfor %}
</head><body><main><h1>Draft</h1>
<form method="post" novalidate>{% csrf_token %}
<button class="unseen" name="op" value="look" tabindex="-1" aria-hidden="true">Look</button>
{% for one in builders %}<section><h2>{{ one.prefix }}</h2>
{% include "microcred_plugin/studio/builder/builder.html" with builder=one %}</section>{% endfor %}
<p><button class="button" name="op" value="save">Save</button></p></form></main>
{% include "microcred_plugin/parts/icons.html" %}
{% include "microcred_plugin/studio/builder/icons.html" %}</body></html>"""


@page
def draft(request: HttpRequest) -> HttpResponse:
    """The page, as the editor of a draft has the builders in it."""
    op = request.POST.get("op", "")
    touched = None
    states = {}
    for prefix in definitions.TREES:
        if request.method == "POST":
            state = builder.read(request.POST, prefix)
        else:
            state = builder.start(prefix, read_tree(_given(request, prefix), path=prefix))
        operation = builder.parse(op, prefix)
        if operation is not None:
            state, touched = builder.apply(state, operation), prefix
        states[prefix] = builder.settle(state) if op == "save" else state
    own = [fault for state in states.values() for fault in state.faults]
    if op == "save" and not own:
        return JsonResponse({prefix: state.data for prefix, state in states.items()})
    shown = [states[touched]] if touched and "HX-Request" in request.headers else states.values()
    faults = [definitions.Fault(*fault) for fault in json.loads(request.GET.get("faults", "[]"))]
    builders = present(shown, faults=faults, organizations=["NordU"])
    if touched and "HX-Request" in request.headers:
        context = {"builder": builders[touched]}
        return render(request, "microcred_plugin/studio/builder/part.html", context)
    urls = {name: f"/microcredentials/assets/{serving.digest_of(name)}/{name}" for name in ASSETS}
    template = engines["django"].from_string(PAGE)
    context = {
        "builders": builders.values(),
        "styles": [url for name, url in urls.items() if name.endswith(".css")],
        "scripts": [url for name, url in urls.items() if name.endswith(".js")],
    }
    return HttpResponse(template.render(context, request))


def search(request: HttpRequest) -> HttpResponse:
    """What the search field of a builder asks."""
    return builder_search(request, organizations=["NordU"])


def _given(request: HttpRequest, prefix: str) -> Any:
    return json.loads(request.GET.get(prefix, "null"))


ASSETS = ("microcred.css", "studio.css", "htmx.min.js", "studio.js")

pages = [
    path("draft/", draft, name="draft"),
    path("builder/search/", search, name="builder_search"),
    path("assets/<str:digest>/<str:name>", asset, name="asset"),
]

urlpatterns = [path("microcredentials/", include((pages, "microcred")))]
