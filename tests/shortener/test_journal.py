import errno
import json
import os
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

from shortener import journal as journals
from shortener.backlog import backlog
from shortener.journal import Journal


def fact(number=0):
    return {"kind": "hit", "time": int(time.time() * 1000), "number": number}


def sealed(journal):
    """Hand everything over and return the sealed files, as the shipper does."""
    journal._set_aside_open()
    journal.turn()
    journal.prepare()
    paths = map(journals.seal, sorted(journal.directory.glob("*.full")))
    return [path for path in paths if path]


def numbers(path):
    return [json.loads(line)["number"] for line in path.read_text().splitlines()]


def full_disk(*args):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_sealed_facts_are_lines_in_their_order(journal):
    for number in range(3):
        journal.record(fact(number))
    (path,) = sealed(journal)
    assert path.name == "00000001.sealed"
    assert numbers(path) == [0, 1, 2]


def test_an_empty_journal_seals_nothing(journal):
    assert sealed(journal) == []


def test_segments_are_numbered_without_gaps(journal):
    names = []
    for _ in range(4):
        journal.record(fact())
        names += [path.name for path in sealed(journal)]
    assert names == [f"0000000{n}.sealed" for n in (1, 2, 3, 4)]


def test_a_young_segment_is_not_handed_over(journal, monkeypatch):
    journal.record(fact())
    journal.turn()
    assert not list(journal.directory.glob("*.full"))
    monkeypatch.setattr(journals, "SEAL_AGE", 0.0)
    journal.turn()
    assert len(list(journal.directory.glob("*.full"))) == 1


def test_many_threads_lose_and_mix_nothing(journal, monkeypatch):
    monkeypatch.setattr(journals, "SEGMENT_FACTS", 100)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: journal.record(fact(number)), range(2_000)))
    found = [number for path in sealed(journal) for number in numbers(path)]
    assert sorted(found) == list(range(2_000))
    assert journal.lost == 0


def test_a_full_segment_makes_room_for_the_next(journal, monkeypatch):
    monkeypatch.setattr(journals, "SEGMENT_FACTS", 2)
    for number in range(5):
        journal.record(fact(number))
    assert [numbers(path) for path in sealed(journal)] == [[0, 1], [2, 3], [4]]


def test_a_full_disk_is_counted_and_never_raised(root, journal, monkeypatch, caplog):
    journal.record(fact())
    monkeypatch.setattr(os, "write", full_disk)
    monkeypatch.setattr(journals, "SEGMENT_FACTS", 2)
    for number in range(7):  # 1 + 3 fit into the open segment and its spare.
        journal.record(fact(number))
    assert journal.lost == 4
    assert backlog(root).lost == 4
    assert "No space left on device" in caplog.text


def test_it_goes_on_once_the_disk_has_room_again(root, journal, monkeypatch):
    monkeypatch.setattr(journals, "SEGMENT_FACTS", 1)
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", full_disk)
        for number in range(4):
            journal.record(fact(number))
        assert not backlog(root).writable
    assert journal.lost == 2
    journal.prepare()
    journal.record(fact(9))
    assert journal.lost == 2
    assert backlog(root).writable
    assert [numbers(path) for path in sealed(journal)] == [[0], [1], [9]]


def test_what_cannot_be_written_as_json_is_counted(journal):
    journal.record({"kind": object()})
    assert journal.lost == 1


KILLED = """
    import os, signal, sys, time
    from pathlib import Path
    from shortener.journal import Journal
    journal = Journal(Path(sys.argv[1]))
    for number in range(1000):
        journal.record({"kind": "hit", "time": int(time.time() * 1000), "number": number})
    segment = journal._segment
    segment.buffer[segment.end : segment.end + 8] = b'{"kind":'
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_loses_nothing_that_was_recorded(root):
    """And a line that it was just writing is cut."""
    subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), str(root)], check=False)
    (directory,) = root.iterdir()
    descriptor = journals.adopt(directory)
    assert descriptor is not None
    os.close(descriptor)
    paths = [path for full in directory.glob("*.full") if (path := journals.seal(full))]
    assert numbers(*paths) == list(range(1000))
    assert not list(directory.glob("*.open"))


def test_a_living_process_is_not_adopted(journal):
    assert journals.adopt(journal.directory) is None


def test_an_adopted_directory_is_not_adopted_twice(root):
    journal = Journal(root)
    journal.close()
    descriptor = journals.adopt(journal.directory)
    assert descriptor is not None
    assert journals.adopt(journal.directory) is None
    os.close(descriptor)
