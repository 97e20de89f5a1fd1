"""Starting the whole product in a directory of its own, and watching its processes."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import redis

from config.sockets import socket_path

PROJECT = Path(__file__).resolve().parents[2]
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
"""All that a stack inherits: settings of the test run must not become its own."""

Found = TypeVar("Found")


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Found], *, timeout: float = 60.0, what: str = "") -> Found:
    """Return the condition's first true value; fail where there is none in time."""
    deadline = time.monotonic() + timeout
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {timeout:.0f} s in vain for: {what or condition}")
        time.sleep(0.02)


def processes_of(directory: Path) -> dict[int, str]:
    """Return the living processes that name the directory, with their command lines."""
    name = os.fsencode(directory)
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if name in command or name in (process / "environ").read_bytes():
                found[int(process.name)] = command.replace(b"\0", b" ").decode()
    return found


def family(stack: Stack, pid: int) -> list[int]:
    """Return a process and its children, which share its group."""
    found = []
    for member in processes_of(stack.directory):
        with suppress(ProcessLookupError):
            if os.getpgid(member) == pid:
                found.append(member)
    return found


def is_alive(pid: int) -> bool:
    """Say whether the process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Stack:
    """``manage.py up`` on a free port, with its data in a directory."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self.directory = directory
        self.port = int(environment.get("PORT") or free_port())
        self.base = f"http://localhost:{self.port}"
        self.log_file = directory.with_name(f"{directory.name}.log")
        self.environment = (
            {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
            | {"DATA_DIR": str(directory), "PORT": str(self.port)}
            | environment
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._said_before = 0

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.kill_all()
            raise

    def __exit__(self, *error: Any) -> None:
        try:
            self.stop()
        finally:
            self.kill_all()

    def start(self) -> Self:
        """Start, and wait until everything runs."""
        self._said_before = len(self.log)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(PROJECT / "manage.py"), "up"],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_until(self._has_started, timeout=120, what="the start")
        except AssertionError as error:
            raise AssertionError(f"{error}\nIt said:\n{self.said}") from error
        return self

    def _has_started(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"It ended with {self.process.returncode}.")
        return "Ctrl-C stops it." in self.said

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The supervisor of the last start."""
        assert self._process is not None
        return self._process

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the supervisor a signal and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)

    def kill(self) -> None:
        """Kill the supervisor, and leave its processes to themselves."""
        self.process.kill()
        self.process.wait(10)

    def kill_all(self) -> None:
        """Leave nothing running, whatever went wrong."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        while found := processes_of(self.directory):
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    @property
    def log(self) -> str:
        return self.log_file.read_text() if self.log_file.exists() else ""

    @property
    def said(self) -> str:
        """What was said since the last start."""
        return self.log[self._said_before :]

    def pids(self) -> dict[str, int]:
        """Return the process ids of what runs: ``valkey``, ``worker``, ``shipper`` and ``web``."""
        found = {}
        for file in (self.directory / "run").glob("*.pid"):
            with suppress(OSError, ValueError):  # It is being written, or has just been removed.
                found[file.stem] = int(file.read_text())
        return found

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command beside the stack, with the stack's settings."""
        return subprocess.run(
            [sys.executable, str(PROJECT / "manage.py"), *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def python(self, code: str) -> str:
        """Run Python code in Django beside the stack; return what it printed."""
        done = self.manage("shell", "--no-imports", "--command", code)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def journals(self) -> Path:
        return Path(self.environment.get("JOURNAL_DIR", self.directory / "journal"))

    def broker(self) -> redis.Redis:
        """Return a client of the embedded Valkey."""
        return redis.Redis(unix_socket_path=str(socket_path(self.directory, "valkey.sock")))

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Response:
        """Ask for a path, without following where it leads. Underscores in headers are -."""
        return self._send(method, path, None, headers)

    def post(self, path: str, content: bytes, **headers: str) -> Response:
        """Send a body to a path."""
        return self._send("POST", path, content, headers)

    def _send(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        sent = {"Host": f"localhost:{self.port}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, content, sent)
            answer = connection.getresponse()
            return Response(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read(),
            )
        finally:
            connection.close()

    def answers(self) -> bool:
        """Say whether the web server answers."""
        try:
            return self.get("/robots.txt").status == 200
        except (OSError, http.client.HTTPException):
            return False
