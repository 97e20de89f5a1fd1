"""An import goes on where a killed worker left it, and each of its lines is done once."""

from __future__ import annotations

import os
import signal

from django.core.files.base import ContentFile

from shortener.imports.models import Import, State
from shortener.imports.reading import read
from tests.end_to_end.databases import sqlite
from tests.end_to_end.processes import Stack, is_alive, wait_until
from tests.factories import make_site

LINES = 12_000
STATE = "SELECT state, position FROM shortener_import"
LINKS = "SELECT count(*), count(DISTINCT slug) FROM shortener_link"


def upload() -> None:
    """Bring a file; runs in Django beside the stack."""
    rows = (f"https://example.com/{number},s{number}\n" for number in range(LINES))
    content = ("destination,slug\n" + "".join(rows)).encode()
    contents = read(content)
    Import.objects.create(
        site=make_site(),
        language="en",
        name="links.csv",
        file=ContentFile(content, "links"),
        columns=contents.columns,
        last=contents.last,
    )


def make() -> None:
    Import.objects.update(state=State.MAKING)


def test_a_killed_worker_leaves_nothing_undone_or_done_twice(tmp_path):
    with Stack(tmp_path / "data", DEMO="false") as stack:
        database = sqlite(tmp_path / "data")

        def has_come(state: State, beyond: int) -> bool:
            [(now, position)] = database.rows(STATE)
            return bool(now != state or position > beyond)

        stack.python(f"from {__name__} import upload; upload()")
        kill_worker_once(stack, lambda: has_come(State.READING, 0))
        wait_until(lambda: database.rows(STATE) == [("read", 0)], what="the end of reading")

        stack.python(f"from {__name__} import make; make()")
        for beyond in (0, LINES // 3):
            kill_worker_once(stack, lambda beyond=beyond: has_come(State.MAKING, beyond))
        wait_until(lambda: database.rows(STATE)[0][0] == "done", what="the end of making")
        assert database.rows(LINKS) == [(LINES, LINES)]
        assert database.rows("SELECT count(DISTINCT link_id) FROM shortener_importline") == [
            (LINES,)
        ]


def kill_worker_once(stack, is_time) -> None:
    wait_until(is_time, what="the middle of the import")
    worker = stack.pids()["worker"]
    os.kill(worker, signal.SIGKILL)
    wait_until(
        lambda: (pid := stack.pids().get("worker")) and pid != worker and is_alive(pid),
        what="a new worker",
    )
