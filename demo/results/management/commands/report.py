"""The command `report`."""

import shutil
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from demo.report import earned, table


class Command(BaseCommand):
    """Prints who earned what, and why."""

    help = "Print who earned what and why, as a table."

    def handle(self, *args: Any, **options: Any) -> None:
        lines = earned(now=now())
        for line in table(lines, width=shutil.get_terminal_size((120, 40)).columns):
            self.stdout.write(line)
        states = Counter(line.state_name.lower() for line in lines)
        learners = {line.learner.id for line in lines}
        counted = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        self.stdout.write("")
        self.stdout.write(
            f"{len(lines)} awards of {len(learners)} learners: {counted}."
            if lines
            else "Nobody has earned anything yet."
        )
