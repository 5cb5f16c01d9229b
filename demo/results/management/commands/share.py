"""The command `share`."""

from typing import Any

from django.core.management.base import BaseCommand

from demo.sharers import share


class Command(BaseCommand):
    """Has some learners share what they have earned."""

    help = "Share some of the badges that were earned, as their holders would."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{share()} badges are shared.")
