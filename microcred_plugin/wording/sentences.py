"""
The sentences for what the evaluation has to say to a learner or an author.

`SENTENCES` has one for each message key. Its placeholders are the message's parameters, with
keys replaced by the titles that people know; `%(what)s` is whatever the message is about: a run,
a course, a microcredential, a program, or something with a name of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from microcred_plugin.evaluation.explain import Line
from microcred_plugin.evaluation.message import Message, Param
from microcred_plugin.evaluation.requirements import Problem
from microcred_plugin.wording.values import SUBJECTS, shown

SENTENCES: Mapping[str, Any] = {
    # --- course runs -------------------------------------------------------------------------
    "course.not_started": _("You have not started %(what)s."),
    "course.unknown": _(
        "Your result in %(what)s could not be read just now. It will be looked up again."
    ),
    "course.enrolled": _("You are enrolled in %(what)s and have no grade yet."),
    "course.left": _("You have not passed %(what)s, and you are not enrolled in it now."),
    "course.below_pass_mark": _(
        "You have %(percent)s %% in %(what)s, which is not enough to pass."
    ),
    "course.below_minimum": _(
        "You have passed %(what)s with %(percent)s %%; %(needed)s %% are needed."
    ),
    "course.no_grade": _(
        "You have passed %(what)s, but have no grade in it; %(needed)s %% are needed."
    ),
    "course.no_mode": _("You have passed %(what)s, but have no enrollment in it that counts."),
    "course.mode_not_accepted": _(
        "You have passed %(what)s, but your enrollment mode (%(modes)s) does not count here; "
        "%(accepted)s does."
    ),
    "course.audit_not_accepted": _(
        "You have passed %(what)s, but you audited it, and that does not count here."
    ),
    "course.no_certificate": _("You have passed %(what)s, but have no certificate for it yet."),
    "course.certificate_invalidated": _("Your certificate for %(what)s was declared invalid."),
    "course.undated": _(
        "You have passed %(what)s, but it is not known when, and here the date matters."
    ),
    "course.deadline_passed": _("%(what)s had to be passed by %(day)s."),
    "course.too_early": _(
        "You passed %(what)s on %(on)s; here it counts only if it was passed on %(day)s or later."
    ),
    "course.too_late": _("You passed %(what)s on %(on)s; the last day was %(day)s."),
    "course.met": _("You passed %(what)s on %(on)s; your grade is %(percent)s %%."),
    "course.met_ungraded": _("You passed %(what)s on %(on)s."),
    "course.met_undated": _("You have passed %(what)s."),
    "assessment.missing": _(
        "You have no result in this part of %(what)s yet; %(needed)s %% are needed."
    ),
    "assessment.below": _(
        "You have %(percent)s %% in this part of %(what)s; %(needed)s %% are needed."
    ),
    "assessment.met": _(
        "You have %(percent)s %% in this part of %(what)s; %(needed)s %% were needed."
    ),
    "completion.missing": _(
        "You have not completed any of %(what)s yet; %(needed)s %% are needed."
    ),
    "completion.unknown": _(
        "How much of %(what)s you have completed could not be read just now. "
        "It will be looked up again."
    ),
    "completion.below": _(
        "You have completed %(percent)s %% of %(what)s; %(needed)s %% are needed."
    ),
    "completion.met": _(
        "You have completed %(percent)s %% of %(what)s; %(needed)s %% were needed."
    ),
    # --- other microcredentials --------------------------------------------------------------
    "microcredential.missing": _("You do not have %(what)s yet."),
    "microcredential.unknown": _(
        "Whether you have %(what)s could not be read just now. It will be looked up again."
    ),
    "microcredential.held": _("%(what)s is waiting for somebody to approve it."),
    "microcredential.suspended": _("Your %(what)s is suspended at present."),
    "microcredential.declined": _("%(what)s was not approved."),
    "microcredential.revoked": _("Your %(what)s was revoked."),
    "microcredential.expired": _("Your %(what)s has expired."),
    "microcredential.met": _("You earned %(what)s on %(on)s."),
    "microcredential.met_undated": _("You have %(what)s."),
    # --- what people hand in, confirm and grant ----------------------------------------------
    "program.missing": _("You have not completed the program %(what)s yet."),
    "program.unknown": _(
        "Whether you have completed the program %(what)s could not be read just now. "
        "It will be looked up again."
    ),
    "program.not_yet": _("Your certificate of the program %(what)s counts from %(on)s."),
    "program.ended": _("Your certificate of the program %(what)s counted until %(on)s."),
    "program.met": _("You completed the program %(what)s on %(on)s."),
    "program.met_undated": _("You have completed the program %(what)s."),
    "evidence.missing": _("“%(what)s” has not been handed in and accepted yet."),
    "evidence.unknown": _(
        "Whether “%(what)s” has been accepted could not be read just now. "
        "It will be looked up again."
    ),
    "evidence.not_yet": _("“%(what)s” has been accepted and counts from %(on)s."),
    "evidence.ended": _("“%(what)s” was accepted, but counted only until %(on)s."),
    "evidence.met": _("“%(what)s” was accepted on %(on)s."),
    "evidence.met_undated": _("“%(what)s” has been accepted."),
    "attestation.missing": _("Nobody has confirmed “%(what)s” yet."),
    "attestation.unknown": _(
        "Whether “%(what)s” has been confirmed could not be read just now. "
        "It will be looked up again."
    ),
    "attestation.not_yet": _("“%(what)s” has been confirmed and counts from %(on)s."),
    "attestation.ended": _("“%(what)s” was confirmed, but only until %(on)s."),
    "attestation.met": _("“%(what)s” was confirmed on %(on)s."),
    "attestation.met_undated": _("“%(what)s” has been confirmed."),
    "grant.missing": _("“%(what)s” has not been granted to you yet."),
    "grant.unknown": _(
        "Whether “%(what)s” has been granted to you could not be read just now. "
        "It will be looked up again."
    ),
    "grant.not_yet": _("“%(what)s” has been granted to you from %(on)s on."),
    "grant.ended": _("“%(what)s” was granted to you until %(on)s."),
    "grant.met": _("“%(what)s” was granted to you on %(on)s."),
    "grant.met_undated": _("“%(what)s” has been granted to you."),
    # --- windows and groups ------------------------------------------------------------------
    "window.outside": _(
        "You met “%(what)s” on %(on)s, outside the time in which all of this has to be done."
    ),
    "window.undated": _(
        "It is not known when you met “%(what)s”, and all of this has to be done in a limited time."
    ),
    "group.all_of": ngettext_lazy(
        "%(met)s of %(needed)s requirement met.",
        "%(met)s of %(needed)s requirements met.",
        "needed",
    ),
    "group.any_of": ngettext_lazy(
        "One of these is enough; %(met)s is met.",
        "One of these is enough; %(met)s are met.",
        "met",
    ),
    "group.at_least": ngettext_lazy(
        "At least %(needed)s of these %(of)s is needed; met so far: %(met)s.",
        "At least %(needed)s of these %(of)s are needed; met so far: %(met)s.",
        "needed",
    ),
    "group.credits": _("Credits: %(earned)s of %(needed)s."),
    # --- the whole tree ----------------------------------------------------------------------
    "verdict.met": _("You met everything that is asked for on %(on)s."),
    "verdict.met_undated": _("You have met everything that is asked for."),
    "verdict.not_met": ngettext_lazy(
        "%(remaining)s step to go.",
        "%(remaining)s steps to go.",
        "remaining",
    ),
    "verdict.unknown": _(
        "Not everything could be read just now. Nothing is lost; it will be looked up again."
    ),
    "verdict.no_way": _(
        "What is asked for can no longer be met. If you think that this is a mistake, ask those "
        "who offer it."
    ),
    "verdict.empty": _("This can't be earned yet, because it does not say what is asked for."),
    # --- what to do next ---------------------------------------------------------------------
    "step.wait": _("Wait a little: %(what)s will be looked up again."),
    "step.wait_until": _("Wait until %(on)s, when “%(what)s” begins to count."),
    "step.wait_for_approval": _("Wait until somebody approves %(what)s."),
    "step.get_certificate": _("Get your certificate for %(what)s."),
    "step.change_mode": _("Change your enrollment in %(what)s to %(accepted)s."),
    "step.leave_audit": _("Upgrade your enrollment in %(what)s: auditing does not count here."),
    "step.enroll": _(
        "Enroll in %(what)s: you have passed it, but it counts only with an enrollment."
    ),
    "step.raise_grade": _(
        "Raise your grade in %(what)s: you have %(percent)s %%, %(needed)s %% are needed."
    ),
    "step.get_grade": _("Get a grade in %(what)s: %(needed)s %% are needed."),
    "step.raise_assessment": _(
        "Raise your result in this part of %(what)s: you have %(percent)s %%, "
        "%(needed)s %% are needed."
    ),
    "step.take_assessment": _("Do this part of %(what)s: %(needed)s %% are needed."),
    "step.complete": _(
        "Complete more of %(what)s: you have done %(percent)s %%, %(needed)s %% are needed."
    ),
    "step.take_course": _("Work through %(what)s: %(needed)s %% are needed."),
    "step.pass_course_from": _("Pass %(what)s: you have %(percent)s %% so far."),
    "step.pass_course": _("Pass %(what)s: you are enrolled and have no grade yet."),
    "step.enroll_and_pass": _("Enroll in %(what)s and pass it."),
    "step.another_run": _(
        "Do %(what)s again in another run: what you have lies outside the time that counts."
    ),
    "step.ask_course_team": _(
        "Ask the course team of %(what)s about your certificate, which was declared invalid."
    ),
    "step.earn_microcredential": _("Earn %(what)s."),
    "step.restore_microcredential": _(
        "Get %(what)s back: look there why it is suspended, and what is missing."
    ),
    "step.earn_program": _("Complete the program %(what)s."),
    "step.hand_in": _("Hand in “%(what)s” for a reviewer to accept."),
    "step.ask_attestation": _("Ask somebody who can to confirm “%(what)s”."),
    "step.ask_grant": _("Ask those who offer this to grant you “%(what)s”."),
    # --- what is wrong with a definition: for authors ----------------------------------------
    "tree.empty": _("There is no requirement yet. Add at least one."),
    "tree.empty_group": _(
        "This group is empty, and nobody can meet it. Put a requirement into it, or remove it."
    ),
    "tree.too_few": ngettext_lazy(
        "This group asks for %(n)s of its requirements, but has only %(of)s. "
        "Ask for fewer, or add requirements.",
        "This group asks for %(n)s of its requirements, but has only %(of)s. "
        "Ask for fewer, or add requirements.",
        "of",
    ),
    "tree.too_few_credits": _(
        "This group asks for %(needed)s credits, but what is in it is worth only %(worth)s. "
        "Ask for fewer, or give its requirements more credits."
    ),
    "tree.dates_crossed": _(
        "The first day that counts, %(first)s, is after the last one, %(last)s. Change one of them."
    ),
    "tree.impossible": _(
        "Nobody can meet this: the days on which the courses may be passed do not fit into the "
        "months that a group around them allows. Change the days, or allow more months."
    ),
    "tree.too_many_nodes": ngettext_lazy(
        "There may be at most %(most)s requirement. Make a microcredential of some of them, and "
        "ask for that.",
        "There may be at most %(most)s requirements, groups included. Make a microcredential of "
        "some of them, and ask for that.",
        "most",
    ),
    "tree.too_deep": ngettext_lazy(
        "Groups may be nested at most %(most)s level deep. Take a group out of another.",
        "Groups may be nested at most %(most)s levels deep. Take a group out of another.",
        "most",
    ),
    "tree.not_a_node": _(
        "This must be a requirement, with a kind and its fields; it is %(value)s."
    ),
    "tree.unknown_kind": _("%(value)s is no kind of requirement. Use %(known)s."),
    "tree.unknown_kind_near": _("%(value)s is no kind of requirement. Did you mean %(near)s?"),
    "tree.unknown_field": _("The kind %(kind)s has no such field. Use %(known)s."),
    "tree.unknown_field_near": _("The kind %(kind)s has no such field. Did you mean %(near)s?"),
    "tree.missing_field": _("The kind %(kind)s needs the field %(field)s. Add it."),
    "tree.runs_or_course": _("Name either the runs or the course: one of them, and not both."),
    "tree.not_text": _("This must be a text, and not an empty one; it is %(value)s."),
    "tree.not_a_list": _("This must be a list, and not an empty one; it is %(value)s."),
    "tree.not_a_flag": _("This must be true or false; it is %(value)s."),
    "tree.not_whole": _(
        "This must be a whole number from %(lowest)s to %(highest)s; it is %(value)s."
    ),
    "tree.not_an_amount": _(
        "This must be a number above 0 and up to 10000, with at most two decimals; it is %(value)s."
    ),
    "tree.not_a_day": _("This must be a day, written like 2026-05-31; it is %(value)s."),
    # --- what can't be done with a tree: for authors ------------------------------------------
    "edit.no_such_node": _(
        "This requirement is not there any more. Look at the list below, and try again with what "
        "is there now."
    ),
    "edit.not_a_group": _(
        "Only a group can hold other requirements. Put this one into a group first."
    ),
    "edit.into_itself": _("A group can't be moved into itself. Choose a place outside of it."),
    "edit.first_already": _("It is the first in its group already."),
    "edit.last_already": _("It is the last in its group already."),
    "edit.no_group_before": _(
        "There is no group right before it that it could move into. Move it below a group first."
    ),
    "edit.outermost_already": _("It is at the outermost level already."),
    "edit.many_at_the_top": _(
        "This group holds everything together, so that it has to stay as long as there are several "
        "requirements in it."
    ),
}

_TITLED = _("%(title)s: %(sentence)s")
_WITHIN = ngettext_lazy(
    "Within %(months)s month: %(sentence)s",
    "Within %(months)s months: %(sentence)s",
    "months",
)
_TITLED_WITHIN = ngettext_lazy(
    "%(title)s, within %(months)s month: %(sentence)s",
    "%(title)s, within %(months)s months: %(sentence)s",
    "months",
)


def sentence(message: Message, names: Mapping[str, str]) -> str:
    """
    The message as a sentence in the active language.

    `names` has the titles of course runs, courses, microcredentials and programs, by their keys;
    where it has none, the key stands for itself. Raises KeyError for a key that has no sentence.
    """
    values = {name: shown(name, value, names) for name, value in message.params.items()}
    values["what"] = next((values[name] for name in SUBJECTS if name in values), "")
    return str(SENTENCES[message.key] % values)


def line(line: Line, names: Mapping[str, str]) -> str:
    """One node of an explanation: its title, the window of a group, and its sentence."""
    # A title that the sentence itself is about need not be said twice.
    title = "" if line.title == line.message.params.get("name") else line.title
    values = {
        "title": title,
        "months": line.within_months,
        "sentence": sentence(line.message, names),
    }
    if line.within_months is not None:
        return str((_TITLED_WITHIN if title else _WITHIN) % values)
    return str(_TITLED % values) if title else str(values["sentence"])


def problem(problem: Problem, names: Mapping[str, str]) -> str:
    """What is wrong with a definition, after the path of the place: `requirements.of[1]: …`."""
    return str(_TITLED % {"title": problem.path, "sentence": sentence(problem.message, names)})


def restored(data: Mapping[str, Any]) -> Message:
    """The message that a receipt keeps as JSON: what `Message.to_json` wrote."""
    return Message(
        data["key"], {name: _restored(name, value) for name, value in data["params"].items()}
    )


# JSON has neither days nor decimal numbers: the names of the parameters that hold them.
_INSTANTS = frozenset({"on"})
_DAYS = frozenset({"day", "first", "last"})
_AMOUNTS = frozenset({"earned", "needed", "worth"})


def _restored(name: str, value: list[str] | str | int) -> Param:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, str):
        if name in _INSTANTS:
            return datetime.fromisoformat(value)
        if name in _DAYS:
            return date.fromisoformat(value)
        if name in _AMOUNTS:
            return Decimal(value)
    return value
