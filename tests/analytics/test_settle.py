"""Settling: what shares came to, and the rollups of it."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from analytics import audience
from analytics.models import (
    Cascade,
    DailyDelay,
    DailyForward,
    DailyOutcome,
    DailySiteDelay,
    DailySiteOutcome,
    Delays,
    Outcome,
    Unsettled,
)
from analytics.outcomes import COUNTS, bucket
from analytics.settle import FEW, GATHERED, is_due, settle
from shortener.channels import BY_NAME, BY_NUMBER
from tests.analytics.counts import DAY, NOON
from tests.factories import make_link
from tests.facts import PERSON, WHATSAPP, conversion, hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db

TELEGRAM = "TelegramBot (like TwitterBot)"
FIRST, SECOND, THIRD = (share_of("whatsapp", 5_000 + n) for n in range(3))
COPY, ADDRESSBAR = share_of("copy"), share_of("addressbar")
MINUTE = 60_000


@pytest.fixture
def link():
    return make_link()


def cells(rows):
    """Return rollups of outcomes: day, declared, observed, placement, generation; no zeros."""
    found = {}
    for row in rows:
        declared, observed = BY_NUMBER[row.channel].name, BY_NUMBER[row.observed].name
        key = str(row.day), declared, observed, row.placement, row.generation
        counts = {name: getattr(row, name) for name in COUNTS if getattr(row, name)}
        if counts:
            found[key] = counts
    return found


def of_link(link):
    return cells(DailyOutcome.objects.filter(link=link))


def delays(link, measure):
    rows = DailyDelay.objects.filter(link=link, measure=measure, number__gt=0)
    return {(str(row.day), row.bucket): row.number for row in rows}


def test_a_share_is_counted_on_the_day_it_was_pressed(link):
    store(press(link, share=COPY, time=NOON, placement="top"))
    store(
        hit(link, share=COPY, time=NOON + 5_000, agent=TELEGRAM),
        hit(link, share=COPY, time=NOON + DAY),
        visit(link, share=COPY, time=NOON + DAY),
        conversion(link, share=COPY, time=NOON + 2 * DAY),
    )
    assert settle() == 2

    counts = {
        "shares": 1,
        "pressed": 1,
        "pasted": 1,
        "opened": 1,
        "converted": 1,
        "clicks": 1,
        "visits": 1,
        "conversions": 1,
    }
    expected = {("2026-03-05", "copy", "telegram", "top", 0): counts}
    assert of_link(link) == expected
    assert cells(DailySiteOutcome.objects.filter(site=link.site)) == expected
    assert delays(link, Delays.Measure.PASTE) == {("2026-03-05", bucket(5)): 1}
    assert delays(link, Delays.Measure.OPEN) == {("2026-03-05", bucket(DAY / 1000)): 1}
    assert delays(link, Delays.Measure.CLICK) == {("2026-03-05", bucket(DAY / 1000)): 1}
    assert DailySiteDelay.objects.filter(site=link.site).count() == 3
    assert not Unsettled.objects.exists()


def test_a_press_told_late_moves_what_its_share_came_to(link):
    store(hit(link, share=FIRST, time=NOON), hit(link, share=FIRST, time=NOON + MINUTE))
    settle()
    assert of_link(link) == {
        ("2026-03-05", "whatsapp", "link", "", 0): {"shares": 1, "opened": 1, "clicks": 2}
    }
    assert delays(link, Delays.Measure.CLICK) == {
        ("2026-03-05", 0): 1,
        ("2026-03-05", bucket(60)): 1,
    }

    store(press(link, share=FIRST, time=NOON - DAY, placement="end"))
    store(hit(link, share=FIRST, time=NOON))
    settle()
    assert of_link(link) == {
        ("2026-03-04", "whatsapp", "link", "end", 0): {
            "shares": 1,
            "pressed": 1,
            "opened": 1,
            "clicks": 3,
        }
    }
    day = bucket(DAY / 1000)
    assert delays(link, Delays.Measure.CLICK) == {("2026-03-04", day): 3}
    assert delays(link, Delays.Measure.OPEN) == {("2026-03-04", day): 1}


def test_evidence_that_comes_late_moves_a_share_to_its_observed_channel(link):
    store(press(link, share=COPY, time=NOON), hit(link, share=COPY, time=NOON))
    settle()
    store(hit(link, share=COPY, time=NOON + 1_000, agent=WHATSAPP))
    settle()

    assert [key[2] for key in of_link(link)] == ["whatsapp"]


def test_a_share_seen_in_another_app_was_forwarded(link):
    store(
        press(link, share=FIRST, time=NOON),
        hit(link, share=FIRST, time=NOON + 1_000, agent=WHATSAPP),
        hit(link, share=FIRST, time=NOON + 2_000, agent=TELEGRAM),
    )
    settle()

    forward = DailyForward.objects.get()
    assert (forward.channel, forward.seen_in, forward.shares) == (
        BY_NAME["whatsapp"].number,
        BY_NAME["telegram"].number,
        1,
    )


def test_generations_and_children(link):
    store(press(link, share=FIRST, time=NOON), hit(link, share=FIRST, time=NOON + 1))
    store(press(link, share=SECOND, time=NOON + MINUTE, parent=FIRST))
    store(press(link, share=THIRD, time=NOON + 8 * DAY, parent=FIRST))
    settle()

    found = {key[4]: counts for key, counts in of_link(link).items() if key[0] == "2026-03-05"}
    assert found[0] == {
        "shares": 1,
        "pressed": 1,
        "opened": 1,
        "passed_on": 1,
        "clicks": 1,
        "children": 2,
        "prompt_children": 1,
        "prompt_children_squared": 1,
    }
    assert found[1] == {"shares": 1, "pressed": 1}
    cascade = Cascade.objects.get()
    assert (cascade.root, cascade.size, cascade.depth, cascade.clicks) == (FIRST, 3, 1, 1)


def test_a_parent_may_be_told_of_after_its_children(link):
    store(press(link, share=SECOND, time=NOON + MINUTE, parent=FIRST))
    settle()
    assert Outcome.objects.get(pk=SECOND).generation == 0
    store(press(link, share=THIRD, time=NOON + 2 * MINUTE, parent=SECOND))
    settle()
    store(press(link, share=FIRST, time=NOON))
    settle()

    lineage = Outcome.objects.order_by("pk").values_list("parent", "root", "generation")
    assert list(lineage) == [(None, FIRST, 0), (FIRST, FIRST, 1), (SECOND, FIRST, 2)]
    assert Cascade.objects.get().depth == 2


def test_a_flagged_press_has_no_outcome_and_makes_no_child(link):
    store(press(link, share=FIRST, time=NOON, visitor=None))
    burst = [
        press(link, share=share_of("copy", 6_000 + n), time=NOON + n, visitor=1, parent=FIRST)
        for n in range(12)
    ]
    store(*burst)
    settle()

    assert Outcome.objects.get(pk=FIRST).children == 10
    assert Outcome.objects.count() == 11


def test_what_only_machines_opened_out_of_the_address_bar_counts_with_the_first_person(link):
    store(
        visit(link, share=ADDRESSBAR, time=NOON, automated=True),
        hit(link, share=ADDRESSBAR, time=NOON + MINUTE),
    )
    settle()
    assert of_link(link) == {}
    assert delays(link, Delays.Measure.CLICK) == {}

    store(visit(link, share=ADDRESSBAR, time=NOON + 2 * MINUTE))
    settle()
    assert [counts["clicks"] for counts in of_link(link).values()] == [1]
    assert delays(link, Delays.Measure.CLICK) == {("2026-03-05", bucket(60)): 1}


def test_what_machines_alone_asked_for_is_no_share(link):
    store(hit(link, share=COPY, agent="Googlebot/2.1"))
    settle()
    assert not Outcome.objects.exists()


def test_segments_are_settled_oldest_first_and_some_at_once(link):
    for number in range(3):
        store(press(link, share=share_of("copy", 7_000 + number)))
    assert [settle(2), settle(2), settle(2)] == [2, 1, 0]
    assert Outcome.objects.count() == 3


def test_many_segments_gather_for_some_seconds(link):
    for number in range(FEW):
        store(press(link, share=share_of("copy", 7_000 + number)))
    assert is_due(timezone.now())
    store(press(link, share=COPY))
    assert not is_due(timezone.now())
    assert is_due(timezone.now() + GATHERED)
    settle()
    assert not is_due(timezone.now() + GATHERED)


def test_what_fails_is_settled_again_and_counted_once(link, monkeypatch):
    store(press(link, share=COPY, time=NOON), hit(link, share=COPY, time=NOON))

    def fail(batches):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(audience, "count", fail)
        with pytest.raises(RuntimeError):
            settle()
    assert of_link(link) == {}
    assert settle() == 1
    assert [counts["clicks"] for counts in of_link(link).values()] == [1]


def test_queries_do_not_grow_with_the_segments(link, django_assert_max_num_queries):
    shares = [share_of("copy", 8_000 + n) for n in range(400)]
    for share in shares:
        store(press(link, share=share), hit(link, share=share, agent=PERSON))
    with django_assert_max_num_queries(40):
        assert settle(1_000) == 400


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer anyway")
@pytest.mark.django_db(transaction=True)
def test_only_one_process_settles_at_a_time(monkeypatch):
    store(press(make_link(), share=COPY))
    found = []

    def elsewhere():
        found.append(settle())
        connection.close()

    def count(batches):
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()

    monkeypatch.setattr(audience, "count", count)
    assert settle() == 1
    assert found == [0]
