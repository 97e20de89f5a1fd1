import time

from shortener.backlog import Backlog, backlog, first_time
from shortener.journal import seal


def fact():
    return {"kind": "hit", "time": int(time.time() * 1000)}


def sealed(journal):
    """Hand everything over and return the sealed files, as the shipper does."""
    journal._set_aside_open()
    journal.turn()
    paths = map(seal, sorted(journal.directory.glob("*.full")))
    return [path for path in paths if path]


def test_the_backlog_tells_the_age_of_the_oldest_fact(root, journal):
    assert backlog(root) == Backlog(0.0, 0, 0.0, 0, writable=True)
    journal.record(fact() | {"time": int((time.time() - 100) * 1000)})
    found = backlog(root)
    assert 100 <= found.lag < 110
    assert found.unshipped == found.lag
    assert found.segments == 1


def test_a_segment_that_was_sent_is_no_longer_unshipped(root, journal):
    journal.record(fact() | {"time": int((time.time() - 100) * 1000)})
    (path,) = sealed(journal)
    path.rename(path.with_suffix(".sent"))
    found = backlog(root)
    assert found.lag >= 100
    assert found.unshipped == 0


def test_a_segment_that_is_given_its_next_name_meanwhile_is_still_seen(journal):
    journal.record(fact())
    (path,) = sealed(journal)
    assert first_time(path.with_suffix(".open")) == first_time(path) is not None


def test_a_line_that_cannot_be_read_breaks_nothing(root, journal):
    (journal.directory / "00000009.sealed").write_text("nonsense\n")
    assert backlog(root).segments == 0
