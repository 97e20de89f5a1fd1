"""The supervisor: starts processes, starts them again when they die, and stops them in order."""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

MARK = "GRAPEVINE_UP"
"""Stands in the environment of every process that a supervisor started, with its DATA_DIR."""

POLL = 0.1
FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
PROVEN = 60.0
"""Seconds after which a process counts as well: its next death is a first one again."""

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class StartError(Exception):
    """A process that could not be started, in a sentence for the operator."""


@dataclass
class Child:
    """A process to keep running."""

    name: str
    command: list[str]
    patience: float
    """Seconds that it gets to stop by itself."""
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    """How often it has died in a row, before it had proven itself."""
    restart_at: float = 0.0


class Supervisor:
    """Keeps processes running until it is told to stop.

    Each gets a session of its own: Ctrl-C in a terminal then reaches the supervisor alone,
    which stops them in order, and a whole family can be ended by its group.
    """

    def __init__(self, data_directory: Path, *, python_path: Path) -> None:
        self._run_directory = data_directory / "run"
        self._run_directory.mkdir(parents=True, exist_ok=True)
        self._environment = os.environ | {
            MARK: str(data_directory),
            # The processes keep the operator's working directory, from which relative paths
            # in the settings count, so they need another way to find the project.
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(python_path), os.environ.get("PYTHONPATH", "")])
            ),
        }
        self._children: list[Child] = []
        self.is_stopping = False

    def stop_on_signals(self) -> None:
        """Let Ctrl-C, SIGTERM and a closed terminal lead to a clean stop."""
        signal.signal(signal.SIGINT, self._note_signal)
        signal.signal(signal.SIGTERM, self._note_signal)
        # Under nohup, a closed terminal is meant to be ignored.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._note_signal)

    def start(
        self, child: Child, *, is_ready: Callable[[], bool] = lambda: True, within: float = 60.0
    ) -> None:
        """Start a process and wait until it is ready; StartError where it is not."""
        if self.is_stopping:
            return
        self._children.append(child)
        self._spawn(child)
        deadline = time.monotonic() + within
        while not is_ready() and not self.is_stopping:
            if child.process and (status := child.process.poll()) is not None:
                raise StartError(f"The {child.name} process ended at once, with {status}.")
            if time.monotonic() > deadline:
                raise StartError(f"The {child.name} process was not ready in {within:.0f} s.")
            time.sleep(POLL)

    def run(self) -> None:
        """Look after the processes until told to stop."""
        while not self.is_stopping:
            for child in self._children:
                self._tend(child)
            time.sleep(POLL)

    def stop(self) -> None:
        """Stop all processes, the youngest first, and leave nothing of them running."""
        for child in reversed(self._children):
            if child.process and child.process.poll() is None:
                child.process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(child.patience)
            self._bury(child)

    def _note_signal(self, number: int, frame: Any) -> None:
        self.is_stopping = True

    def _spawn(self, child: Child) -> None:
        parent = os.getpid()
        child.process = subprocess.Popen(  # noqa: S603 - commands of our own
            child.command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: _stop_with(parent),
        )
        child.started = time.monotonic()
        self._pid_file(child).write_text(f"{child.process.pid}\n")

    def _tend(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.restart_at:
                self._spawn(child)
        elif (status := child.process.poll()) is not None:
            child.deaths = 1 if now - child.started >= PROVEN else child.deaths + 1
            delay = restart_delay(child.deaths)
            child.restart_at = now + delay
            logger.error(
                "The %s process ended with %d; starting it again in %.1f s.",
                child.name,
                status,
                delay,
            )
            self._bury(child)

    def _bury(self, child: Child) -> None:
        """End what is left of a process and its own children, and forget it."""
        if child.process is None:
            return
        # A group keeps its number for as long as it has a member, so this hits no stranger.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
        child.process = None
        self._pid_file(child).unlink(missing_ok=True)

    def _pid_file(self, child: Child) -> Path:
        return self._run_directory / f"{child.name}.pid"


def restart_delay(deaths: int) -> float:
    """Return how long to wait after that many deaths in a row."""
    return min(FIRST_DELAY * 2.0 ** min(deaths - 1, 10), LONGEST_DELAY)


def _stop_with(parent: int) -> None:
    """Have the kernel end this process when the supervisor goes; runs before the program.

    A supervisor that is killed with -9 cannot stop anything any more. Without this its
    processes would stay, and hold the port and the broker's files against the next start.
    """
    if LIBC is None:
        return
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # It went before the kernel was asked.
        os._exit(1)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file; StartError where another process holds it."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise StartError(
                f"Grapevine is already running on {path.parent} (process {file.read().strip()}). "
                "Stop it first, or give this one a DATA_DIR of its own."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def end_leftovers(data_directory: Path, *, patience: float = 5.0) -> None:
    """Wait for processes of an earlier supervisor that was killed, and end those that stay.

    Call it with the lock held: then nothing that carries the mark is wanted any more.
    """
    deadline = time.monotonic() + patience
    while found := leftovers(data_directory):
        if time.monotonic() > deadline:
            logger.warning("Ending %d processes of an earlier start.", len(found))
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            deadline += patience
        time.sleep(POLL)


def leftovers(data_directory: Path) -> list[int]:
    """Return the processes that a supervisor of the directory started. Linux only, else none."""
    mark = f"{MARK}={data_directory}".encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # It has ended, or it is somebody else's.
            if mark in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
    return found
