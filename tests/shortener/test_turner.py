from __future__ import annotations

import json
import time
from itertools import count

import pytest

from shortener import turner as turners
from shortener.journal import seal
from shortener.turner import Turner
from tests.end_to_end.processes import wait_until


@pytest.fixture
def turner(journal):
    turner = Turner(journal)
    yield turner
    turner.stop()


def record(journal, number=0):
    journal.record({"kind": "hit", "time": int(time.time() * 1000), "number": number})


def handed_over(journal):
    return sorted(journal.directory.glob("*.full"))


def wait_for_segment(journal, count=1):
    wait_until(lambda: len(handed_over(journal)) == count, timeout=5, what="a full segment")


def test_it_hands_over_a_segment_within_a_bounded_time(journal, turner):
    turner.start()
    recorded = time.monotonic()
    record(journal, 7)
    wait_for_segment(journal)
    # A quarter of a second to fill, and room for a machine that is busy with other tests.
    assert 0.2 < time.monotonic() - recorded < 2.0
    sealed = seal(*handed_over(journal))
    assert sealed
    assert json.loads(sealed.read_text())["number"] == 7


def test_it_has_the_next_segment_ready(journal, turner):
    turner.start()
    for number in range(1, 4):
        record(journal)
        wait_for_segment(journal, number)
    assert [path.stem for path in handed_over(journal)] == ["00000001", "00000002", "00000003"]
    assert journal.lost == 0


def test_it_leaves_an_empty_segment_alone(journal, turner, monkeypatch):
    turns = count()
    turn = journal.turn
    monkeypatch.setattr(journal, "turn", lambda: (turn(), next(turns)))
    monkeypatch.setattr(turners, "INTERVAL", 0.001)
    turner.start()
    wait_until(lambda: next(turns) > 500, what="hundreds of turns")
    assert handed_over(journal) == []


@pytest.mark.parametrize("step", ["prepare", "turn"])
def test_it_survives_an_exception(journal, turner, monkeypatch, caplog, step):
    work = getattr(journal, step)
    failures = iter([OSError("The disk is on fire."), ValueError("So is the roof.")])

    def fail_twice():
        if error := next(failures, None):
            raise error
        work()

    monkeypatch.setattr(journal, step, fail_twice)
    turner.start()
    record(journal)
    wait_for_segment(journal)
    assert caplog.text.count("A segment could not be handed over; trying again.") == 2
    assert "The disk is on fire." in caplog.text


def test_it_stops_when_told(journal, turner):
    turner.start()
    turner.stop()
    assert not turner.is_alive()
