"""A page with nothing but parts of the editor, and the addresses of Studio around it."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from microcred_plugin.definitions.api import Fault, asked_by_readers, list_microcredentials
from microcred_plugin.pages.api import asset_url, page, page_context
from microcred_plugin.studio.pictures import sketched
from microcred_plugin.studio.showing import is_part, show_studio
from microcred_plugin.studio.skills_editor import (
    apply_skill_operation,
    present_skills,
    read_skills,
)
from tests.studio import urls

ORGANIZATION = "NordU"

_PAGE = """{% extends "microcred_plugin/studio/base.html" %}
{% block title %}Parts{% endblock %}
{% block content %}<h1>Parts of the editor</h1>
<form method="post">{% csrf_token %}
<button class="button" name="op" value="save">Save</button>
<div class="field"><label for="id_title">Title</label>
<input id="id_title" name="title" value="{{ title }}"></div>
{% include "microcred_plugin/studio/skills_editor.html" %}
</form>
<pre id="saved">{{ saved }}</pre>
{% include "microcred_plugin/studio/completeness.html" %}
{% if sketch %}{% include "microcred_plugin/studio/badge_preview.html" %}{% endif %}
{% endblock %}"""


@login_required
@page
def parts(request: HttpRequest) -> HttpResponse:
    """What the editor does with its parts: reads what was posted, applies, and shows."""
    operation = request.POST.get("op", "")
    skills = read_skills(request.POST)
    if operation.startswith("skills:"):
        skills = apply_skill_operation(skills, operation, request.POST, organization=ORGANIZATION)
    part = present_skills(
        skills,
        organization=ORGANIZATION,
        faults=[
            Fault(f"skills[{place}].url", "This is no address.")
            for place, skill in enumerate(skills)
            if not skill.get("url", "https:").startswith("https:")
        ],
        operation=operation,
        text=request.POST.get("skill-search", ""),
    )
    if is_part(request):
        return show_studio(request, "skills_editor.html", part=part)
    title = request.POST.get("title", "")
    made = next(iter(list_microcredentials()), None)
    context = {
        **page_context("studio"),
        "studio_css_url": asset_url("studio.css"),
        "studio_js_url": asset_url("studio.js"),
        "htmx_url": asset_url("htmx.min.js"),
        "part": part,
        "title": title,
        "saved": json.dumps(skills) if operation == "save" else "",
        "completeness": asked_by_readers({"title": title, "skills": skills, "level": "5"}),
        "sketch": made and sketched(made, title=title, level="5", level_framework="EQF"),
    }
    return HttpResponse(engines["django"].from_string(_PAGE).render(context, request))


urlpatterns = [*urls.urlpatterns, path("parts/", parts, name="parts")]
