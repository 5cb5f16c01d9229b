"""
Runs a command beside a database server of its own: `with_database.py mysql|postgres COMMAND …`.

The server is MariaDB or PostgreSQL. It keeps its data in a temporary folder, listens on an unused
port of the loopback interface, and ends with the command; tests/settings.py finds it by the
variables MICROCRED_TEST_DATABASE…. The exit code is the command's, or 77 if this machine has no
such server.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOT_HERE = 77
SECONDS_TO_START = 60
NOBODY = 65534
READY = re.compile(rb"ready (for|to accept) connections")


def main() -> int:
    """Start the server, run the command, stop the server."""
    # So that the server ends when this script is told to.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    kinds = {"mysql": _mariadb, "postgres": _postgres}
    if len(sys.argv) < 3 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    kind, command = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix=f"{kind}-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            # Database servers refuse to be run by root.
            shutil.chown(folder, NOBODY, NOBODY)
        port = _unused_port()
        with kinds[kind](folder, port) as user:
            print(f"{kind} listens at 127.0.0.1:{port}.", flush=True)
            variables = {"": kind, "_HOST": "127.0.0.1", "_PORT": str(port), "_USER": user}
            names = {f"MICROCRED_TEST_DATABASE{key}": value for key, value in variables.items()}
            return subprocess.run(command, check=False, env=os.environ | names).returncode


@contextmanager
def _mariadb(folder: Path, port: int) -> Iterator[str]:
    install, server = _find("mariadb-install-db"), _find("mariadbd")
    data = folder / "data"
    _quietly(
        [install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"],
        folder,
    )
    options = [
        "--no-defaults",
        f"--datadir={data}",
        f"--socket={folder / 'socket'}",
        "--bind-address=127.0.0.1",
        f"--port={port}",
        # As the platform's.
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_unicode_ci",
        # What is lost with the machine does not matter.
        "--innodb-flush-log-at-trx-commit=0",
    ]
    with _running([server, *options], folder):
        yield "root"


@contextmanager
def _postgres(folder: Path, port: int) -> Iterator[str]:
    initdb, server = _find("initdb"), _find("postgres")
    data = folder / "data"
    _quietly(
        [initdb, f"--pgdata={data}", "--username=postgres", "--auth=trust", "--encoding=UTF8"],
        folder,
    )
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        # What is lost with the machine does not matter.
        "fsync": "off",
        "synchronous_commit": "off",
    }
    pairs = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with _running([server, "-D", data, *pairs], folder):
        yield "postgres"


@contextmanager
def _running(command: list[str | Path], folder: Path) -> Iterator[None]:
    """The server, from when it says that it is ready."""
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, **_as_nobody(folder))
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while not READY.search(log.read_bytes()):
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"The server did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.2)
        yield
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _quietly(command: list[str | Path], folder: Path) -> None:
    """Run a command, and show what it says only if it fails."""
    result = subprocess.run(
        command,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **_as_nobody(folder),
    )
    if result.returncode:
        sys.exit(f"{command[0]} failed:\n{result.stdout}")


def _as_nobody(folder: Path) -> dict[str, Any]:
    options: dict[str, Any] = {"cwd": folder, "env": {**os.environ, "LC_ALL": "C"}}
    if os.geteuid() == 0:
        options |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return options


def _find(name: str) -> str:
    """A program of a server, which may lie beside the PATH; of several versions the newest."""
    beside = [Path("/usr/sbin") / name, *sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    for path in (shutil.which(name), *reversed(beside)):
        if path and os.access(path, os.X_OK):
            return str(path)
    print(f"There is no {name} on this machine.", flush=True)
    sys.exit(NOT_HERE)


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
