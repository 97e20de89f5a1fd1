"""What fails around the product: redirects go on, and everything is counted afterwards."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shortener.backlog import backlog
from tests.end_to_end.databases import needs_services, postgresql, reported, sqlite, stored
from tests.end_to_end.processes import Stack, wait_until
from tests.end_to_end.visitors import Visitors, make_links, visit


@pytest.fixture
def stack(tmp_path, database):
    """A running product on that database."""
    with Stack(tmp_path / "data", DEMO="false", **database.environment) as stack:
        yield stack


def open_all(visitors, count):
    """Let that many people come, one after the other's answer, and expect all redirected."""
    visitors.allow(count)
    wait_until(visitors.done, timeout=60, what=f"{count} answers")
    assert visitors.refused == []
    assert not visitors.cut_off


def settle(stack, database, visitors, *, lost=0, timeout=150.0):
    """Wait until nothing is left to count, and hold the counts against the answers.

    What a broker had handed over and nobody took comes again after half a minute, if need be
    more than once.
    """

    def is_settled() -> bool:
        left = backlog(stack.journals).segments
        return not left and reported(database).total() + lost >= len(visitors.answered)

    try:
        wait_until(is_settled, timeout=timeout, what="the count of all that was answered")
    except AssertionError as error:
        left, total = backlog(stack.journals).segments, reported(database).total()
        error.add_note(f"{left} segments left; {total} of {len(visitors.answered)} counted.")
        error.add_note(stack.log[-4000:])
        raise
    counted = stored(database)
    assert counted.total() + lost == len(visitors.answered)
    assert counted.keys() <= visitors.answered.keys()
    assert reported(database).total() == counted.total()
    assert lost or reported(database) == visitors.answered_by_link()


def ready(stack):
    answer = stack.get("/readyz")
    return answer.status, json.loads(answer.body)


@needs_services
def test_a_database_that_is_away(tmp_path):
    with (
        postgresql() as database,
        Stack(tmp_path / "data", DEMO="false", **database.environment) as stack,
    ):
        visitors = Visitors(stack, make_links(stack))
        unknown = stack.python("from shortener import codes; print(codes.encode(999))").strip()
        with visitors.coming():
            # Each link under each of its names, so that the web process knows them all.
            open_all(visitors, 100)
            with database.away():
                complaints = (
                    "The database is away; known links go on",
                    "Shipping: asking what is committed failed",
                    "could not be stored and will come again",
                )
                wait_until(
                    lambda: open_all(visitors, 50) or all(map(stack.log.count, complaints)),
                    what="all that complain",
                )
                open_all(visitors, 1_000)
                answer = visit(stack, unknown)
                assert answer.status == 503
                assert int(answer.headers["retry-after"]) > 0
                status, checks = ready(stack)
                assert status == 503
                assert not checks["database"]["ok"]
            wait_until(lambda: visit(stack, unknown).status == 404, what="the database's return")
            open_all(visitors, 100)
        settle(stack, database, visitors)
        wait_until(lambda: ready(stack)[0] == 200, what="readiness")


def test_a_database_that_lets_nobody_write(stack, database):
    visitors = Visitors(stack, make_links(stack))
    with visitors.coming():
        open_all(visitors, 100)
        with database.held():
            counted = reported(database)
            wait_until(lambda: open_all(visitors, 50) or backlog(stack.journals).lag > 3)
            assert len(visitors.answered) > 500
            assert reported(database) == counted
        open_all(visitors, 100)
    settle(stack, database, visitors)


def test_a_broker_that_hangs(stack, database):
    visitors = Visitors(stack, make_links(stack))
    with visitors.coming():
        open_all(visitors, 100)
        valkey = stack.pids()["valkey"]
        os.kill(valkey, signal.SIGSTOP)
        try:
            open_all(visitors, 1_000)
            assert ready(stack)[0] == 503
            wait_until(
                lambda: "Shipping: sending failed" in stack.log, what="the shipper's complaint"
            )
            open_all(visitors, 1_000)
        finally:
            os.kill(valkey, signal.SIGCONT)
        open_all(visitors, 100)
    settle(stack, database, visitors)
    wait_until(lambda: ready(stack)[0] == 200, what="readiness")


def test_an_operator_who_stops_it_at_once(stack, database):
    visitors = Visitors(stack, make_links(stack))
    with visitors.coming():
        open_all(visitors, 100)
        assert stack.stop(signal.SIGTERM) == 0
    stack.start()
    settle(stack, database, visitors)


@contextmanager
def small_disk(directory: Path) -> Iterator[Path]:
    """Mount a disk of 24 MB, where the system lets us."""
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(directory)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("needs the right to mount a small disk")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=True, timeout=10)


class Filler(threading.Thread):
    """Somebody else's file on a disk: takes all room that there is, and what becomes free."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.path = directory / "somebody elses file"
        self.is_done = threading.Event()

    def run(self) -> None:
        with self.path.open("ab", buffering=0) as file:
            while not self.is_done.is_set():
                try:
                    file.write(bytes(4096))
                except OSError:
                    self.is_done.wait(0.002)


@contextmanager
def filled(directory: Path) -> Iterator[Filler]:
    """Fill a disk, until it is told to be done, and make room at the end."""
    filler = Filler(directory)
    filler.start()
    try:
        yield filler
    finally:
        filler.is_done.set()
        filler.join(10)
        filler.path.unlink()


def lost(stack: Stack) -> int:
    """Return how many facts the stack says it has lost."""
    found = re.search(rb"^grapevine_facts_lost_total (\S+)", stack.get("/metrics").body, re.M)
    assert found
    return int(float(found[1]))


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        yield disk


def test_a_full_disk(tmp_path, disk):
    database = sqlite(tmp_path / "data")
    with Stack(tmp_path / "data", DEMO="false", JOURNAL_DIR=str(disk / "journal")) as stack:
        visitors = Visitors(stack, make_links(stack))
        with visitors.coming():
            open_all(visitors, 1_000)
            assert lost(stack) == 0
            with filled(disk):
                wait_until(lambda: open_all(visitors, 50) or lost(stack), what="a loss")
                open_all(visitors, 1_000)
                status, checks = ready(stack)
                assert status == 503
                assert not checks["journal"]["ok"]
                assert checks["journal"]["lost"] > 0
                assert "The journal cannot be written" in stack.log
                assert "No space left on device" in stack.log
            wait_until(lambda: ready(stack)[0] == 200, what="readiness")
            lost_in_all = lost(stack)
            open_all(visitors, 1_000)
        settle(stack, database, visitors, lost=lost_in_all)
        assert lost(stack) == lost_in_all


def test_a_disk_that_is_full_but_takes_nothing_from_the_journal(tmp_path, disk):
    """What is counted makes room for what comes, so nothing is lost."""
    database = sqlite(tmp_path / "data")
    with Stack(tmp_path / "data", DEMO="false", JOURNAL_DIR=str(disk / "journal")) as stack:
        visitors = Visitors(stack, make_links(stack))
        with visitors.coming():
            with filled(disk) as filler:
                wait_until(lambda: not os.statvfs(disk).f_bavail, what="a full disk")
                filler.is_done.set()
                for _ in range(30):
                    open_all(visitors, 100)
                assert lost(stack) == 0
            open_all(visitors, 100)
        settle(stack, database, visitors)
        assert lost(stack) == 0
