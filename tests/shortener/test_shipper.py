import pytest

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
    monkeypatch.setattr(shippers.time, "monotonic", clock.monotonic)
    return clock


@pytest.fixture
def root(tmp_path):
    return tmp_path / "journals"


@pytest.fixture
def journal(root, now):
    journal = Journal(root)
    yield journal
    journal.close()


def make_shipper(journal, root, world):
    return Shipper(journal, root, send=world.send, committed=world.committed, queued=world.queued)


@pytest.fixture
def shipper(journal, root, world):
    return make_shipper(journal, root, world)


def record(journal, shipper, now):
    """Record a fact and let the shipper find it old enough."""
    journal.record({"kind": "hit", "time": 0})
    now.seconds += 0.3
    shipper.tick()


def files(journal):
    return sorted(path.name for path in journal.directory.glob("*.s*"))


def test_a_young_segment_waits(journal, shipper, world):
    journal.record({"kind": "hit", "time": 0})
    shipper.tick()
    assert world.sent == []


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


def test_a_backlog_makes_larger_segments_not_more(journal, shipper, world, now, monkeypatch):
    monkeypatch.setattr(shippers, "WINDOW", 2)
    for _ in range(5):
        record(journal, shipper, now)
    assert len(world.sent) == 2
    world.stored.update(world.sent)
    now.seconds += 1
    shipper.tick()
    shipper.tick()
    assert len(world.sent) == 3
    (path,) = journal.directory.glob("*.sent")
    assert len(path.read_text().splitlines()) == 3


def test_a_dead_process_is_adopted_and_its_segments_keep_their_ids(root, world, now):
    dead = Journal(root)
    dead.record({"kind": "hit", "time": 0})
    dead.close()
    living = Journal(root)
    shipper = make_shipper(living, root, world)
    shipper.tick()
    assert world.sent == [f"{dead.writer}-1"]
    world.stored.update(world.sent)
    for _ in range(2):
        now.seconds += 10
        shipper.tick()
    assert not dead.directory.exists()
    living.close()


def test_what_the_dead_process_got_committed_is_not_sent_again(root, world, now):
    dead = Journal(root)
    dead.record({"kind": "hit", "time": 0})
    path = dead.seal()
    path.rename(path.with_suffix(".sent"))
    dead.close()
    world.stored.add(f"{dead.writer}-1")
    living = Journal(root)
    make_shipper(living, root, world).tick()
    assert world.sent == []
    assert not dead.directory.exists()
    living.close()
