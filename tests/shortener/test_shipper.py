import pytest

from shortener import journal as journals
from shortener import shipper as shippers
from shortener.journal import Journal
from shortener.shipper import Shipper


class World:
    """A broker and a database that fail and forget as told."""

    def __init__(self):
        self.sent = []
        self.stored = set()
        self.waiting = 0
        self.broker_is_away = self.database_is_away = False

    def send(self, segment, lines):
        if self.broker_is_away:
            raise ConnectionError
        self.sent.append(segment)

    def committed(self, segments):
        if self.database_is_away:
            raise ConnectionError
        return self.stored & set(segments)

    def queued(self):
        return self.waiting


@pytest.fixture
def world():
    return World()


@pytest.fixture
def now(monkeypatch):
    """A clock that only tests move."""

    class Clock:
        seconds = 1_000.0

        def monotonic(self):
            return self.seconds

    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock.monotonic)
    return clock


@pytest.fixture
def journal(root, now):
    journal = Journal(root)
    yield journal
    journal.close()


def make_shipper(root, world):
    return Shipper(root, send=world.send, committed=world.committed, queued=world.queued)


@pytest.fixture
def shipper(root, world):
    return make_shipper(root, world)


def record(journal, shipper, now):
    """Record a fact, let it grow old enough to be handed over, and ship it."""
    journal.record({"kind": "hit", "time": 0})
    now.seconds += 0.3
    journal.turn()
    journal.prepare()
    shipper.tick()


def files(journal):
    return sorted(path.name for path in journal.directory.glob("*.s*"))


def test_a_segment_is_sent_and_kept(journal, shipper, world, now):
    record(journal, shipper, now)
    assert world.sent == [f"{journal.writer}-1"]
    assert files(journal) == ["00000001.sent"]


def test_a_committed_segment_is_deleted(journal, shipper, world, now):
    record(journal, shipper, now)
    world.stored.update(world.sent)
    now.seconds += 1
    shipper.tick()
    assert files(journal) == []


def test_a_segment_lost_on_the_way_is_sent_again(journal, shipper, world, now):
    record(journal, shipper, now)
    now.seconds += 31
    shipper.tick()
    assert world.sent == [f"{journal.writer}-1"] * 2


def test_a_segment_that_may_still_wait_in_the_queue_is_not_sent_again(
    journal, shipper, world, now
):
    record(journal, shipper, now)
    world.waiting = 1
    now.seconds += 31
    shipper.tick()
    assert len(world.sent) == 1


def test_a_broker_that_is_away_loses_nothing(journal, shipper, world, now):
    world.broker_is_away = True
    record(journal, shipper, now)
    assert files(journal) == ["00000001.sealed"]
    world.broker_is_away = False
    now.seconds += 2
    shipper.tick()
    assert world.sent == [f"{journal.writer}-1"]


def test_a_database_that_is_away_deletes_nothing(journal, shipper, world, now):
    record(journal, shipper, now)
    world.database_is_away = True
    now.seconds += 5
    shipper.tick()
    assert files(journal) == ["00000001.sent"]
    world.database_is_away = False
    world.stored.update(world.sent)
    now.seconds += 5
    shipper.tick()
    assert files(journal) == []


def test_only_so_many_segments_are_under_way(journal, shipper, world, now, monkeypatch):
    monkeypatch.setattr(shippers, "WINDOW", 2)
    for _ in range(3):
        record(journal, shipper, now)
    assert len(world.sent) == 2
    assert files(journal) == ["00000001.sent", "00000002.sent", "00000003.sealed"]
    world.stored.update(world.sent)
    now.seconds += 1
    shipper.tick()
    shipper.tick()
    assert len(world.sent) == 3


def test_a_backlog_makes_larger_segments_not_more(journal, shipper, world, now, monkeypatch):
    monkeypatch.setattr(journals, "WINDOW", 2)
    for _ in range(5):
        record(journal, shipper, now)
    assert len(world.sent) == 2
    world.stored.update(world.sent)
    now.seconds += 1
    shipper.tick()
    journal.turn()
    shipper.tick()
    assert len(world.sent) == 3
    (path,) = journal.directory.glob("*.sent")
    assert len(path.read_text().splitlines()) == 3


def test_a_dead_process_is_adopted_and_its_segments_keep_their_ids(root, world, now):
    dead = Journal(root)
    dead.record({"kind": "hit", "time": 0})
    dead.close()
    shipper = make_shipper(root, world)
    shipper.tick()
    assert world.sent == [f"{dead.writer}-1"]
    world.stored.update(world.sent)
    for _ in range(2):
        now.seconds += 10
        shipper.tick()
    assert not dead.directory.exists()


def test_a_new_shipper_goes_on_with_what_the_last_one_sent(journal, root, shipper, world, now):
    record(journal, shipper, now)
    make_shipper(root, world).tick()
    assert world.sent == [f"{journal.writer}-1"] * 2


def test_a_living_process_keeps_its_directory(journal, shipper, world, now):
    for _ in range(3):
        now.seconds += 10
        shipper.tick()
    assert journal.directory.exists()
    record(journal, shipper, now)
    assert len(world.sent) == 1
