"""`manage.py lms microcred …`: what operators do from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from opaque_keys import InvalidKeyError
from tqdm import tqdm

from microcred_plugin import earning, tasks
from microcred_plugin.authoring import api as authoring
from microcred_plugin.awards import api as awards
from microcred_plugin.credentials.api import NotConfigured
from microcred_plugin.definitions import api as definitions
from microcred_plugin.explaining import Explained, ExplainedAward, explain, find_learner
from microcred_plugin.health import check_health
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import course_of
from microcred_plugin.management.credentials import CredentialCommands
from microcred_plugin.planning import HostFailed, Plan, ask

# What reads no grades and no certificates, and so runs in Studio as well.
_WITHOUT_RESULTS = ("import", "export", "skills", "keys", "issuer", "verify-served")


class Command(CredentialCommands):
    """One command with sub-commands, so that the platform's list of commands stays short."""

    help = (
        "Microcredentials: reconcile, explain, undo, import, export, switch, skills, sweep, "
        "health, keys, issuer, resign, verify-served."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

        add = commands.add_parser(
            "reconcile", help="restore every award that the platform's tables ask for"
        )
        add.add_argument(
            "--learner", action="append", help="user name, e-mail address or id; repeatable"
        )
        add.add_argument("--course", help="a course key: what counts this run, and who has it")
        add.add_argument("--microcredential", action="append", help="slug or uuid; repeatable")
        add.add_argument("--all", action="store_true", help="everybody and everything")
        add.add_argument("--dry-run", action="store_true", help="only say what would change")

        add = commands.add_parser("explain", help="say where a learner stands, and why")
        add.add_argument("--learner", required=True, help="user name, e-mail address or id")
        add.add_argument("--microcredential", required=True, help="slug or uuid")

        add = commands.add_parser("undo", help="take back everything that a publication caused")
        add.add_argument("--publication", required=True, help="the publication's uuid")

        add = commands.add_parser("import", help="read definitions from a YAML file")
        add.add_argument("files", nargs="+", type=Path)
        add.add_argument("--publish", action="store_true", help="publish what has changed")

        add = commands.add_parser("export", help="write definitions as YAML")
        add.add_argument("slugs", nargs="*", help="slugs or uuids; everything without any")
        add.add_argument("--output", type=Path, help="a file instead of standard output")

        add = commands.add_parser("switch", help="turn the evaluation of one on or off")
        add.add_argument("microcredential", help="slug or uuid")
        add.add_argument("switch", choices=definitions.Switch.values)

        add = commands.add_parser("skills", help="the lists of skills that authors pick from")
        skills = add.add_subparsers(dest="what", required=True, metavar="WHAT")
        one = skills.add_parser("load", help="load a CSV file, all of it or nothing")
        one.add_argument("file", type=Path)
        one.add_argument("--organization", default="", help="a short name; else for the whole site")
        one.add_argument("--framework", default="", help="for a file without such a column")
        skills.add_parser("list", help="say what is loaded")
        one = skills.add_parser("remove", help="remove a framework; definitions keep theirs")
        one.add_argument("framework")
        one.add_argument("--organization", default="", help="a short name; else the site's list")

        commands.add_parser("sweep", help="do now what the periodic task does: for cron")

        add = commands.add_parser("health", help="say whether everything works; exit code 1 if not")
        add.add_argument("--json", action="store_true", help="for machines")

        self.add_credential_arguments(commands)

    def handle(self, *args: Any, **options: Any) -> None:
        action = getattr(self, f"do_{options['action'].replace('-', '_')}")
        if options["action"] not in _WITHOUT_RESULTS and not settings.MICROCRED_EVALUATES:
            raise CommandError(
                f"“{options['action']}” reads grades and certificates, which are not installed "
                "here. Run it with the LMS's settings."
            )
        try:
            action(argparse.Namespace(**options))
        except (definitions.DefinitionRefused, definitions.NotFound) as error:
            raise CommandError(str(error)) from error
        except (HostFailed, ImproperlyConfigured, NotConfigured) as error:
            raise CommandError(f"{error} Run the command again when that is mended.") from error

    # --- the actions ---

    def do_reconcile(self, options: argparse.Namespace) -> None:
        ids = _chosen(options)
        learners = sorted({find_learner(name) for name in options.learner or []}) or None
        if not ids:
            self.stdout.write("No microcredential is concerned.")
            return
        plans = earning.reconcile(
            microcredential_ids=ids, learner_ids=learners, is_dry_run=options.dry_run
        )
        self._tell(plans, total=learners and len(learners), is_dry_run=options.dry_run)

    def do_explain(self, options: argparse.Namespace) -> None:
        found = definitions.find_microcredential(options.microcredential)
        explained = explain(find_learner(options.learner), found.id, now=timezone.now())
        for line in _in_words(explained):
            self.stdout.write(line)

    def do_undo(self, options: argparse.Namespace) -> None:
        publication = definitions.find_publication(options.publication)
        definitions.withdraw(publication=publication)
        changes = earning.run_publication(str(publication.uuid))
        tasks.announce.run()
        version = publication.version
        self.stdout.write(
            f"Version {version.number} of {version.microcredential.slug} is withdrawn: it counts "
            f"for nobody any more. Awards changed: {changes}."
        )

    def do_import(self, options: argparse.Namespace) -> None:
        for path in options.files:
            text = _read(path)
            try:
                imported = definitions.import_definitions(
                    text, and_publish=options.publish, folder=path.parent
                )
            except definitions.DefinitionRefused as error:
                faults = "\n".join(f"  {fault}" for fault in error.faults)
                raise CommandError(f"Nothing of {path} was imported:\n{faults}") from error
            for item in imported:
                result = item.result
                if item.publication:
                    result = f"{result}, published (publication {item.publication.uuid})"
                    tasks.send_publication(str(item.publication.uuid))
                self.stdout.write(f"{item.slug}: {result}")
            if not imported:
                self.stdout.write(f"{path} has no definitions.")

    def do_export(self, options: argparse.Namespace) -> None:
        chosen = [definitions.find_microcredential(name) for name in options.slugs]
        text = definitions.export_definitions(
            dict.fromkeys(chosen) or definitions.list_microcredentials()
        )
        if options.output is None:
            self.stdout.write(text, ending="")
            return
        try:
            options.output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(
                f"{options.output} can't be written: {error.strerror or error}."
            ) from error

    def do_switch(self, options: argparse.Namespace) -> None:
        found = definitions.find_microcredential(options.microcredential)
        definitions.set_switch(microcredential=found, switch=options.switch)
        self.stdout.write(f"{found.slug} is set to {options.switch}.")
        if definitions.Switch(settings.MICROCRED_SWITCH) != definitions.Switch.ON:
            self.stdout.write(
                f"The whole site is set to {settings.MICROCRED_SWITCH} by MICROCRED_SWITCH; the "
                "more cautious of the two holds."
            )
        if options.switch != definitions.Switch.OFF:
            self._tell(earning.reconcile(microcredential_ids=[found.id]))

    def do_skills(self, options: argparse.Namespace) -> None:
        getattr(self, f"_skills_{options.what}")(options)

    def _skills_load(self, options: argparse.Namespace) -> None:
        try:
            with options.file.open("rb") as file:
                content = file.read(authoring.MOST_BYTES_OF_SKILLS + 1)
        except OSError as error:
            raise CommandError(
                f"{options.file} can't be read: {error.strerror or error}."
            ) from error
        try:
            loaded = authoring.load_skills(
                content, organization=options.organization, framework=options.framework
            )
        except authoring.SkillsRefused as error:
            faults = "\n".join(f"  {fault}" for fault in error.faults)
            more = f"\n  … and {error.more} more" if error.more else ""
            raise CommandError(f"Nothing of {options.file} was loaded:\n{faults}{more}") from error
        self.stdout.write(
            f"New: {loaded.created}, changed: {loaded.changed}, as before: {loaded.unchanged}."
        )

    def _skills_list(self, _options: argparse.Namespace) -> None:
        lists = authoring.skill_lists()
        for found in lists:
            self.stdout.write(
                f"{found.skills:>7}  {found.framework}  {found.organization or '(the site)'}"
            )
        if not lists:
            self.stdout.write("No skills are loaded.")

    def _skills_remove(self, options: argparse.Namespace) -> None:
        removed = authoring.remove_skills(
            framework=options.framework, organization=options.organization
        )
        if not removed:
            raise CommandError(
                f"There are no skills of “{options.framework}” in that list; "
                "“skills list” says what there is."
            )
        self.stdout.write(f"Removed: {removed}. Definitions keep what they have.")

    def do_sweep(self, options: argparse.Namespace) -> None:
        tasks.sweep.run()

    def do_health(self, options: argparse.Namespace) -> None:
        health = check_health(now=timezone.now())
        if options.json:
            self.stdout.write(json.dumps(health.as_json(), indent=2))
        else:
            for check in health.checks:
                self.stdout.write(
                    f"{'ok' if check.is_healthy else 'WRONG':<6} {check.name:<14} {check.says}"
                )
                if check.remedy:
                    self.stdout.write(f"{'':<22}{check.remedy}")
        if health.wrong:
            names = ", ".join(check.name for check in health.wrong)
            raise CommandError(f"Wrong: {names}.")

    # --- what they print ---

    def _tell(
        self, plans: Iterable[Plan], *, total: int | None = None, is_dry_run: bool = False
    ) -> None:
        """
        Each change on a line as it happens, and in the end how many there were of each kind.

        Whoever watches sees a progress bar, too; it stays out of standard output.
        """
        slugs = {found.id: found.slug for found in definitions.list_microcredentials()}
        counts: Counter[str] = Counter()
        with tqdm(total=total, unit=" learners", file=sys.stderr, disable=None) as bar:
            for planned in plans:
                with bar.external_write_mode():
                    self._tell_changes(planned.changes, slugs)
                counts.update(item.change.kind.value for item in planned.changes)
                bar.update(planned.learners)
        summary = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
        begins = "Would change" if is_dry_run else "Changed"
        self.stdout.write(f"{begins}: {summary or 'nothing'}.")
        if not is_dry_run:
            tasks.announce.run()

    def _tell_changes(self, changes: Collection[awards.Recorded], slugs: dict[int, str]) -> None:
        if not changes:
            return
        learners = ask(get_host().learners, {item.learner_id for item in changes})
        for item in changes:
            learner = learners.get(item.learner_id)
            name = learner.username if learner else str(item.learner_id)
            seen = "  (observed only)" if item.is_observed else ""
            self.stdout.write(
                f"{item.change.kind.value:<10}  {name}  {slugs[item.microcredential_id]}{seen}"
            )


def _chosen(options: argparse.Namespace) -> list[int]:
    """The ids of the microcredentials that are to be reconciled."""
    if options.all and (options.learner or options.course or options.microcredential):
        raise CommandError("--all means everybody and everything: leave the other options out.")
    if options.course and options.microcredential:
        raise CommandError("Give either --course or --microcredential, and not both.")
    if options.microcredential:
        return [definitions.find_microcredential(name).id for name in options.microcredential]
    if options.course:
        return sorted(definitions.concerned_by([_course_key(options.course)]))
    if options.learner or options.all:
        return definitions.all_ids()
    raise CommandError("Say what to reconcile: --learner, --course, --microcredential, or --all.")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} can't be read: it is not a text in UTF-8.") from error


def _course_key(text: str) -> str:
    try:
        course_of(text)
    except InvalidKeyError as error:
        raise CommandError(
            f"“{text}” is not a course key. One looks like course-v1:Org+Course+Run."
        ) from error
    return text


def _in_words(explained: Explained) -> Iterable[str]:
    """The outcome tree with the facts, as lines of text."""
    yield f"{explained.title} ({explained.slug}), version {explained.version}"
    yield f"{explained.username} ({explained.learner_id}): {explained.summary}"
    yield from explained.notes
    yield ""
    for line in explained.lines:
        yield "  " * line.depth + f"{line.mark} {line.text}".lstrip()
        yield from (f"{'  ' * line.depth}    {name}: {value}" for name, value in line.facts)
    if explained.steps:
        first, *more = explained.steps
        yield ""
        yield f"Next: {first}"
        yield from (f"Then: {step}" for step in more)
    yield ""
    for decision in explained.decisions:
        by = f", {decision.by_id}" if decision.by_id is not None else ""
        reason = f": {decision.reason}" if decision.reason else ""
        yield f"Decided: {decision.kind.label} ({_instant(decision.at)}{by}){reason}"
    for due in explained.dues:
        yield f"Due: {_instant(due.at)}  {due.why.label}"
    for award in explained.awards:
        yield from _award_in_words(award)
    if not explained.awards:
        yield "No award yet."


def _award_in_words(award: ExplainedAward) -> Iterable[str]:
    until = f", until {_instant(award.expires_at)}" if award.expires_at else ""
    yield (
        f"{award.state.label}: version {award.version}, from {_instant(award.valid_from)}{until} "
        f"(award {award.uuid})"
    )
    for event in award.events:
        by = str(event.actor_id or "") if event.cause is awards.Cause.PERSON else ""
        cause = ", ".join(filter(None, [str(event.cause.label), by or event.cause_id]))
        reason = f": {event.reason}" if event.reason else ""
        mail = f"  [E-mail: {event.mail}]" if event.mail else ""
        yield f"  {_instant(event.at)}  {event.kind.label} ({cause}){reason}{mail}"


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
