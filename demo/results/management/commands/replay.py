"""The command `replay`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from demo.replay import CorruptRow, count_rows, load_people_and_courses, load_recording, replay
from demo.results.models import PersistentCourseGrade
from demo.rows import EVENTS
from demo.teachers import load_teachers


class Command(BaseCommand):
    """Plays the recording into the demo's tables, and sends its events."""

    help = "Play the recorded events of 24 learners into this site, as if they happened now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from-seq", type=int, help="Go on with the event of this number (`seq`)."
        )
        parser.add_argument(
            "--undisturbed",
            action="store_true",
            help="Keep the recorded dates, which lie within minutes of each other.",
        )
        parser.add_argument(
            "--recording", type=Path, default=EVENTS, help="Another file of recorded events."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        from_seq, path = options["from_seq"], options["recording"]
        if from_seq is None and PersistentCourseGrade.objects.exists():
            raise CommandError(
                "This site has results already, and a recording can only be played from its "
                "beginning into an empty one. Begin with a new database, or go on where you "
                "stopped with --from-seq."
            )
        load_people_and_courses()
        load_teachers()
        rows = load_recording(path, from_seq=from_seq or 0)
        try:
            total = count_rows(path) if from_seq is None else None
            with tqdm(rows, total=total, unit=" events", desc="Replaying") as progress:
                played = replay(progress, undisturbed=options["undisturbed"])
        except (CorruptRow, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{played} events replayed.")
