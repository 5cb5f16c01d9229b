"""`manage.py lms microcred …`: what operators do from the command line."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from opaque_keys import InvalidKeyError
from tqdm import tqdm

from microcred_plugin import earning, tasks
from microcred_plugin.awards import api as awards
from microcred_plugin.definitions import api as definitions
from microcred_plugin.explaining import Explained, explain
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import course_of
from microcred_plugin.planning import HostFailed, Plan


class Command(BaseCommand):
    """One command with sub-commands, so that the platform's list of commands stays short."""

    help = "Microcredentials: reconcile, explain, undo, import, export, switch, sweep."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

        add = commands.add_parser(
            "reconcile", help="restore every award that the platform's tables ask for"
        )
        add.add_argument("--learner", action="append", help="user name or id; may be repeated")
        add.add_argument("--course", help="a course key: what counts this run, and who has it")
        add.add_argument("--microcredential", action="append", help="slug or uuid; repeatable")
        add.add_argument("--all", action="store_true", help="everybody and everything")
        add.add_argument("--dry-run", action="store_true", help="only say what would change")

        add = commands.add_parser("explain", help="say where a learner stands, and why")
        add.add_argument("--learner", required=True, help="user name or id")
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

        commands.add_parser("sweep", help="do now what the periodic task does: for cron")

    def handle(self, *args: Any, **options: Any) -> None:
        action = getattr(self, f"do_{options['action']}")
        try:
            action(argparse.Namespace(**options))
        except (definitions.DefinitionRefused, definitions.NotFound, HostFailed) as error:
            raise CommandError(str(error)) from error

    # --- the actions ---

    def do_reconcile(self, options: argparse.Namespace) -> None:
        chosen = [options.learner, options.course, options.microcredential, options.all]
        if not any(chosen):
            raise CommandError(
                "Say what to reconcile: --learner, --course, --microcredential, or --all."
            )
        if options.microcredential:
            ids = [definitions.find_microcredential(name).id for name in options.microcredential]
        elif options.course:
            ids = sorted(definitions.concerned_by([_course_key(options.course)]))
        else:
            ids = definitions.all_ids()
        learners = [_learner_id(name) for name in options.learner or []] or None
        plans = earning.reconcile(
            microcredential_ids=ids, learner_ids=learners, is_dry_run=options.dry_run
        )
        changes = [
            change
            for planned in self._watched(plans, total=len(learners) if learners else None)
            for change in planned.changes
        ]
        self._tell(changes, is_dry_run=options.dry_run)
        if not options.dry_run:
            tasks.announce.run()

    def do_explain(self, options: argparse.Namespace) -> None:
        found = definitions.find_microcredential(options.microcredential)
        explained = explain(_learner_id(options.learner), found.id, now=timezone.now())
        for line in _in_words(explained):
            self.stdout.write(line)

    def do_undo(self, options: argparse.Namespace) -> None:
        publication = definitions.find_publication(options.publication)
        definitions.withdraw(publication=publication)
        earning.run_publication(str(publication.uuid))
        tasks.announce.run()
        version = publication.version
        self.stdout.write(
            f"Version {version.number} of {version.microcredential.slug} is withdrawn, and every "
            "award that its publication led to has been taken back."
        )

    def do_import(self, options: argparse.Namespace) -> None:
        for path in options.files:
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"{path} can't be read: {error}") from error
            try:
                imported = definitions.import_definitions(text, and_publish=options.publish)
            except definitions.DefinitionRefused as error:
                faults = "\n".join(f"  {fault}" for fault in error.faults)
                raise CommandError(f"{path} was not imported:\n{faults}") from error
            for item in imported:
                published = f", publication {item.publication.uuid}" if item.publication else ""
                self.stdout.write(f"{item.slug}: {item.result}{published}")
                if item.publication:
                    tasks.send_publication(str(item.publication.uuid))

    def do_export(self, options: argparse.Namespace) -> None:
        chosen = [definitions.find_microcredential(name) for name in options.slugs]
        text = definitions.export_definitions(chosen or definitions.list_microcredentials())
        if options.output:
            options.output.write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")

    def do_switch(self, options: argparse.Namespace) -> None:
        found = definitions.find_microcredential(options.microcredential)
        definitions.set_switch(microcredential=found, switch=options.switch)
        self.stdout.write(f"{found.slug} is {options.switch}.")
        if options.switch != definitions.Switch.OFF:
            plans = earning.reconcile(microcredential_ids=[found.id])
            changes = [change for planned in self._watched(plans) for change in planned.changes]
            self._tell(changes, is_dry_run=False)
            tasks.announce.run()

    def do_sweep(self, options: argparse.Namespace) -> None:
        tasks.sweep.run()

    # --- what they print ---

    def _watched(self, plans: Iterable[Plan], total: int | None = None) -> Iterable[Plan]:
        """The batches, with a progress bar for whoever watches."""
        with tqdm(total=total, unit=" learners", file=sys.stderr, disable=None) as bar:
            for planned in plans:
                yield planned
                bar.update(planned.learners)

    def _tell(self, changes: list[awards.Recorded], *, is_dry_run: bool) -> None:
        """Each change on a line, and how many there were of each kind."""
        slugs = {found.id: found.slug for found in definitions.list_microcredentials()}
        learners = get_host().learners({item.learner_id for item in changes})
        for item in changes:
            learner = learners.get(item.learner_id)
            name = learner.username if learner else item.learner_id
            seen = "(observed) " if item.is_observed else ""
            self.stdout.write(
                f"{item.change.kind.value:<11}{seen}{name}  {slugs[item.microcredential_id]}"
            )
        counts = Counter(item.change.kind.value for item in changes)
        summary = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
        begins = "Would change" if is_dry_run else "Changed"
        self.stdout.write(f"{begins}: {summary or 'nothing'}.")


def _learner_id(name: str) -> int:
    """The id behind a user name, or an id. Raises `CommandError`, naming it."""
    host = get_host()
    found = host.learner_ids_by_username([name]).get(name)
    if found is None and name.isdigit() and int(name) in host.learners([int(name)]):
        found = int(name)
    if found is None:
        raise CommandError(f"There is no user “{name}”: give a user name or an id.")
    return found


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
    yield f"Learner {explained.username} ({explained.learner_id}): {explained.summary}"
    yield ""
    for line in explained.lines:
        yield f"{'  ' * line.depth}{line.mark} {line.text}"
        for fact in line.facts:
            yield f"{'  ' * line.depth}      {fact}"
    if explained.steps:
        yield ""
        yield f"Next: {explained.steps[0]}"
        yield from (f"then: {step}" for step in explained.steps[1:])
    yield ""
    yield from explained.history or ["No award yet."]
