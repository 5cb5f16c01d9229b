"""The demo as a site to open in a browser: made in a folder, with more learners, and served."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

if TYPE_CHECKING:
    from playwright.sync_api import APIRequestContext, Playwright

ROOT = Path(__file__).resolve().parent.parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS_TO_START = 60
# Of every user of the demo; and who it is that can't be chosen on its front page.
PASSWORD, STAFF = "demo", "admin"

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
_ADD = "from tests.browser.more_learners import add; add({known!r})"


@dataclass(frozen=True)
class Site:
    """
    A demo that is being served: its LMS at `url`, its Studio at `studio_url`.

    `awards` has their uuids by learner and slug, `microcredentials` and `publications` theirs by
    slug; `states` the numbers of the first and the last line of a history; `preview` and `offer`
    are uuids; `profiles` has the identifiers of public profiles by learner.
    """

    url: str
    studio_url: str
    awards: Mapping[str, Mapping[str, str]]
    microcredentials: Mapping[str, str]
    publications: Mapping[str, str]
    states: Mapping[str, tuple[int, int]]
    preview: str
    offer: str
    profiles: Mapping[str, str]

    def award(self, learner: str, slug: str) -> str:
        """The path of a learner's award."""
        return f"/microcredentials/awards/{self.awards[learner][slug]}"

    def profile(self, learner: str) -> str:
        """The path of a learner's public profile."""
        return f"/microcredentials/people/{self.profiles[learner]}/"

    def microcredential(self, slug: str, number: int | None = None) -> str:
        """The path of a microcredential, or of one of its versions."""
        path = f"/microcredentials/m/{self.microcredentials[slug]}/"
        return path if number is None else f"{path}{number}/"


def find_browser() -> str | None:
    """Where Chromium is, if it is on the PATH."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def demo(folder: Path, *, port: int | None = None) -> Iterator[Site]:
    """Make the demo with all its learners in this folder, and serve it on the loopback."""
    known = folder / "known.json"
    making = (
        ["prepare"],
        ["replay"],
        ["share"],
        ["shell", "--command", _ADD.format(known=str(known))],
    )
    with served(folder, making, port=port) as (url, studio_url, _manage):
        yield Site(url, studio_url, **json.loads(known.read_text(encoding="utf-8")))


@contextmanager
def served(
    folder: Path, making: Iterable[list[str]], *, port: int | None = None
) -> Iterator[tuple[str, str, Callable[..., str]]]:
    """
    Make a demo in this folder by these commands, and serve it.

    Gives the addresses of its LMS and of its Studio, and what runs a command of `manage.py`.
    """
    ports = {"lms": port or _unused_port(), "cms": _unused_port()}
    url, studio_url = (f"http://127.0.0.1:{port}" for port in ports.values())
    environment = {
        **os.environ,
        "DEMO_DATABASE": str(folder / "demo.sqlite3"),
        "DEMO_MAILS": str(folder / "mails"),
        "DEMO_LMS_ROOT_URL": url,
        "DEMO_CMS_ROOT_URL": studio_url,
    }

    def manage(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, "demo/manage.py", *command],
            cwd=ROOT, env={**environment, "DJANGO_SETTINGS_MODULE": "demo.settings.lms"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"The demo could not do this: {command[0]}\n{done.stderr}")
        return done.stdout

    for command in (["migrate", "--verbosity", "0"], *making):
        manage(*command)
    with ExitStack() as servers:
        for service, own in ports.items():
            servers.enter_context(_serving(folder, service, own, environment))
        yield url, studio_url, manage


@contextmanager
def _serving(
    folder: Path, service: str, port: int, environment: Mapping[str, str]
) -> Iterator[None]:
    """One of the two services of a demo, until the end."""
    command = [
        sys.executable, "demo/manage.py", "runserver", "--noreload", "--verbosity", "0", str(port),
        "--settings", f"demo.settings.{service}",
    ]  # fmt: skip
    with (folder / f"{service}.log").open("w+") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}", server, log)
            yield
        finally:
            server.terminate()
            server.wait()


def cookies_of(playwright: Playwright, url: str, username: str) -> Any:
    """
    What a browser keeps of whoever has chosen to be this person, on the front page of a service.

    Staff, whom nobody can choose to be, logs in.
    """
    client: APIRequestContext = playwright.request.new_context(base_url=url)
    is_staff = username == STAFF
    try:
        token = _TOKEN.search(client.get("/login/" if is_staff else "/").text())
        assert token is not None
        form = {"csrfmiddlewaretoken": token[1]}
        if is_staff:
            form |= {"username": username, "password": PASSWORD}
        answer = client.post("/login/" if is_staff else f"/as/{username}/", form=form)
        assert answer.ok, f"one can't be {username}: {answer.status}"
        return client.storage_state()
    finally:
        client.dispose()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Any) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < end:
        try:
            urlopen(f"{url}/login/").close()
            return
        except URLError:
            time.sleep(0.2)
    log.seek(0)
    raise RuntimeError(f"The demo does not answer at {url}:\n{log.read()}")


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
