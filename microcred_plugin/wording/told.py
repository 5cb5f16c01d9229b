"""
What a learner has met, told to somebody else: in a credential, and on the page that they share.

Only what is met is told. Whatever else a receipt holds is the learner's own affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from microcred_plugin.evaluation.message import Message
from microcred_plugin.wording.values import SUBJECTS, shown

TOLD: Mapping[str, Any] = {
    "course.met": _("Passed %(what)s on %(on)s."),
    "course.met_ungraded": _("Passed %(what)s on %(on)s."),
    "course.met_undated": _("Passed %(what)s."),
    "assessment.met": _("Reached the %(needed)s %% needed in a part of %(what)s."),
    "completion.met": _("Completed the %(needed)s %% needed of %(what)s."),
    "microcredential.met": _("Earned %(what)s on %(on)s."),
    "microcredential.met_undated": _("Earned %(what)s."),
    "program.met": _("Completed the program %(what)s on %(on)s."),
    "program.met_undated": _("Completed the program %(what)s."),
    "evidence.met": _("Handed in “%(what)s”, which was accepted on %(on)s."),
    "evidence.met_undated": _("Handed in “%(what)s”, which was accepted."),
    "attestation.met": _("“%(what)s” was confirmed on %(on)s."),
    "attestation.met_undated": _("“%(what)s” was confirmed."),
    "grant.met": _("“%(what)s” was granted on %(on)s."),
    "grant.met_undated": _("“%(what)s” was granted."),
    "group.all_of": _("Met all of these:"),
    "group.any_of": _("Met one or more of these:"),
    "group.at_least": ngettext_lazy(
        "Met at least %(needed)s of these:", "Met at least %(needed)s of these:", "needed"
    ),
    "group.credits": _("Earned at least %(needed)s credits with these:"),
}


def told(message: Message, names: Mapping[str, str]) -> str:
    """
    A message about something that is met, as somebody else reads it; grades are not in it.

    `names` as in `sentences.sentence`. Raises KeyError for what is not met.
    """
    values = {name: shown(name, value, names) for name, value in message.params.items()}
    values["what"] = next((values[name] for name in SUBJECTS if name in values), "")
    return str(TOLD[message.key] % values)
