"""The command `serve`."""

import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from microcred_plugin import tasks

STUDIO = "demo.settings.cms"


class Command(BaseCommand):
    """Serves the demo's LMS and its Studio, and does what the LMS's worker and beat would."""

    help = "Serve the LMS and Studio until Ctrl+C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lms-port", type=int, default=8000)
        parser.add_argument("--studio-port", type=int, default=8001)

    def handle(self, *args: Any, **options: Any) -> None:
        services = [
            self.start(options["lms_port"]),
            self.start(options["studio_port"], "--settings", STUDIO),
        ]
        try:
            while all(service.poll() is None for service in services):
                # What Studio asks for waits in the database, as it does where Studio has no queue
                # of the LMS to send to.
                tasks.sweep.run()
                time.sleep(1)
        except KeyboardInterrupt:
            pass
        finally:
            for service in services:
                service.terminate()
                service.wait()

    def start(self, port: int, *arguments: str) -> "subprocess.Popen[bytes]":
        manage = str(settings.DEMO_ROOT / "manage.py")
        command = [sys.executable, manage, "runserver", "--noreload", "--verbosity", "0", str(port)]
        environment = {**os.environ, "DJANGO_RUNSERVER_HIDE_WARNING": "true"}
        return subprocess.Popen([*command, *arguments], env=environment)
