"""The promise of the product: whatever is killed, what was answered is counted, once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from shortener.backlog import backlog
from tests.end_to_end.databases import (
    Database,
    needs_services,
    postgresql,
    reported,
    sqlite,
    stored,
)
from tests.end_to_end.processes import Stack, family, is_alive, wait_until
from tests.end_to_end.visitors import Readers, Visitors, make_links

QUEUE = "grapevine"
READERS = 60
"""Times that a page with share buttons is read while one thing is done to the stack."""
UNLIMITED = {"VISITOR_RATE_LIMIT": "1000000", "SITE_RATE_LIMIT": "1000000"}
REQUESTS = 640
"""Requests that come while one thing is done to the stack; half of them before."""

Blow = Callable[[Stack, Database, Visitors], None]


def kill_and_wait(stack: Stack, name: str) -> None:
    """Kill -9 a process, and wait until the supervisor has started it again."""
    killed = stack.pids()[name]
    os.kill(killed, signal.SIGKILL)
    wait_until(
        lambda: (pid := stack.pids().get(name)) and pid != killed and is_alive(pid),
        what=f"a new {name} process",
    )
    wait_until(stack.answers, what="an answer of the web server")


def kill_granian_worker(stack: Stack, database: Database, visitors: Visitors) -> None:
    """Kill the process that answers, which is granian's to replace."""
    web = stack.pids()["web"]
    before = {pid for pid in family(stack, web) if pid != web}
    assert before
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: {*family(stack, web)} - before - {web}, what="a new worker of granian")
    wait_until(stack.answers, what="an answer of the web server")


def kill_web(stack: Stack, database: Database, visitors: Visitors) -> None:
    kill_and_wait(stack, "web")


def kill_shipper(stack: Stack, database: Database, visitors: Visitors) -> None:
    kill_and_wait(stack, "shipper")


def kill_worker(stack: Stack, database: Database, visitors: Visitors) -> None:
    """Kill the worker with segments in its hands, which the broker takes for delivered."""
    with database.held():
        before = in_hand(stack)
        visitors.open_until(lambda: in_hand(stack) - before, what="a segment in hand")
        kill_and_wait(stack, "worker")


def in_hand(stack: Stack) -> set[bytes | str]:
    """Return the messages that workers, dead ones included, took and did not acknowledge."""
    return {*stack.broker().hkeys("unacked")}


def kill_valkey(stack: Stack, database: Database, visitors: Visitors) -> None:
    kill_and_wait(stack, "valkey")


def flush_valkey(stack: Stack, database: Database, visitors: Visitors) -> None:
    """Empty the broker while segments wait in it."""
    worker = stack.pids()["worker"]
    os.kill(worker, signal.SIGSTOP)
    try:
        visitors.open_until(lambda: stack.broker().llen(QUEUE), what="a segment in the broker")
        stack.broker().flushall()
    finally:
        os.kill(worker, signal.SIGCONT)


def kill_everything(stack: Stack, database: Database, visitors: Visitors) -> None:
    """What a power cut leaves to the processes: nothing."""
    stack.kill_all()
    stack.start()


BLOWS: tuple[Blow, ...] = (
    kill_granian_worker,
    kill_worker,
    kill_shipper,
    kill_web,
    kill_everything,
    kill_valkey,
    flush_valkey,
    kill_worker,
)
"""A new shipper sends all it finds once more, so the last three come after it: what they
lose is only found because it does not arrive."""


def test_on_sqlite(tmp_path, capsys):
    strike(tmp_path / "data", sqlite(tmp_path / "data"), capsys)


@needs_services
def test_on_postgresql(tmp_path, capsys):
    with postgresql() as database:
        strike(tmp_path / "data", database, capsys)


def strike(directory, database, capsys):
    """Kill what can be killed while thousands come; hold the counts against them."""
    with Stack(directory, DEMO="false", **UNLIMITED, **database.environment) as stack:
        links = make_links(stack)
        visitors, readers = Visitors(stack, links), Readers(stack, links)
        with visitors.coming(), readers.coming():
            for blow in BLOWS:
                readers.allow(READERS)
                visitors.open(REQUESTS)
                blow(stack, database, visitors)
        answered, cut_off = visitors.answered, visitors.cut_off

        def is_settled():
            waits = backlog(stack.journals).segments
            return not waits and reported(database).total() >= len(answered)

        wait_until(is_settled, timeout=150, what="the count of all that was answered")
        counted, by_link = stored(database), reported(database)
        with capsys.disabled():
            sys.stdout.write(
                f"\n{len(answered):,} answered, {len(cut_off):,} cut off, "
                f"{counted.total():,} counted; {len(readers.answered):,} shared and reported.\n"
            )

        assert visitors.refused == []
        assert len(answered) + len(cut_off) >= 5_000
        assert counted.keys() >= answered.keys(), "an answered request was not counted"
        assert counted.keys() <= answered.keys() | cut_off.keys(), "nobody asked for that"
        assert set(counted.values()) == {1}, "a request was counted twice"
        assert by_link.total() == counted.total()
        assert by_link >= visitors.answered_by_link()
        assert "again: they were lost on the way" in stack.log, "nothing was ever lost"
        check_readers(readers, database)
        done = stack.manage("reconcile")
        assert done.returncode == 0, done.stderr


def check_readers(readers, database):
    """Expect each press, visit and conversion that was answered, once."""
    assert readers.refused == []
    assert len(readers.answered) >= READERS * len(BLOWS) // 2
    for query in (
        "SELECT placement, count(*) FROM analytics_share WHERE pressed IS NOT NULL GROUP BY 1",
        "SELECT language, count(*) FROM analytics_visit GROUP BY 1",
        "SELECT visit, count(*) FROM analytics_conversion GROUP BY 1",
    ):
        counted = dict(database.rows(query))
        assert counted.keys() >= readers.answered.keys(), query
        assert counted.keys() <= readers.answered.keys() | readers.cut_off.keys(), query
        assert set(counted.values()) == {1}, query
    reports = "sum(offers), sum(visits), sum(conversions)"
    [(offers, visits, conversions)] = database.rows(
        f"SELECT {reports} FROM analytics_dailycontent"
    )
    least, most = len(readers.answered), len(readers.answered) + len(readers.cut_off)
    assert readers.offers <= offers <= most
    assert least <= visits == conversions <= most
