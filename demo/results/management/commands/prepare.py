"""The command `prepare`."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from demo.authors import load_writers
from demo.teachers import load_teachers
from demo.truth import load_people_and_courses


class Command(BaseCommand):
    """Puts everything in place that was there before the recording began."""

    help = "Load the people, the courses and the catalogue of microcredentials, and publish it."

    def handle(self, *args: Any, **options: Any) -> None:
        load_people_and_courses()
        load_teachers()
        load_writers()
        files = sorted((settings.DEMO_ROOT / "catalogue").glob("*.yaml"))
        call_command("microcred", "import", "--publish", *map(str, files), stdout=self.stdout)
