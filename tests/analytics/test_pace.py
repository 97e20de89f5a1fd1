"""Presses that come too fast are kept and flagged, and not counted."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from analytics import ingest, pace
from analytics.models import Batch, DailyContent, Pace, Share
from tests.analytics.counts import NOON, counted, ledger
from tests.factories import make_link, make_site
from tests.facts import hit, lines, press, share_of, store, visit

pytestmark = pytest.mark.django_db

SLOT = pace.SLOT


@pytest.fixture
def link():
    return make_link()


def presses(link, number, first=5_000, **values):
    values.setdefault("time", NOON)
    return [press(link, share=share_of("whatsapp", first + n), **values) for n in range(number)]


def flags():
    return sorted(Share.objects.exclude(flag="").values_list("flag", flat=True))


def test_ten_presses_of_a_visitor_in_ten_seconds_are_counted(link):
    store(*presses(link, 10, visitor=7))
    assert flags() == []
    assert ledger() == {"presses": 10}


def test_more_than_that_are_faster_than_a_person(link):
    store(*presses(link, 13, visitor=7))
    assert flags() == ["fast"] * 3
    assert counted(link, "presses") == {"whatsapp": 10}
    assert ledger() == {"presses": 10, "flagged": 3}


def test_what_is_flagged_is_kept(link):
    store(*[fact | {"placement": "top"} for fact in presses(link, 11, visitor=7)])
    share = Share.objects.get(flag="fast")
    assert share.pressed
    assert share.placement == "top"


def test_a_share_that_was_opened_before_is_flagged_as_well(link):
    store(hit(link, share=share_of("whatsapp", 5_010)))
    store(*presses(link, 11, visitor=7))
    assert Share.objects.get(flag="fast").pk == share_of("whatsapp", 5_010)


def test_the_first_in_time_are_those_that_count(link):
    late = presses(link, 8, first=6_000, visitor=7, time=NOON + 9_000)
    store(*late, *presses(link, 8, visitor=7))
    flagged = Share.objects.filter(flag="fast").values_list("pk", flat=True)
    assert min(flagged) >= share_of("whatsapp", 6_000)
    assert len(flagged) == 6


def test_slots_add_up_over_segments(link):
    for n in range(4):
        store(*presses(link, 4, first=5_000 + 10 * n, visitor=7, time=NOON + n))
    assert flags() == ["fast"] * 6


def test_each_slot_begins_anew(link):
    store(*presses(link, 10, visitor=7, time=NOON + SLOT - 1))
    store(*presses(link, 10, first=6_000, visitor=7, time=NOON + SLOT))
    assert flags() == []


def test_each_visitor_has_a_pace_of_their_own(link):
    store(*presses(link, 10, visitor=7), *presses(link, 10, first=6_000, visitor=8))
    assert flags() == []


def test_without_a_visitor_nobody_is_too_fast(link):
    store(*presses(link, 40, visitor=None))
    assert flags() == []


def test_a_press_that_was_known_is_no_sign_of_haste(link):
    store(*presses(link, 5, visitor=7), *presses(link, 5, visitor=7))
    store(*presses(link, 5, visitor=7))
    store(*presses(link, 5, first=6_000, visitor=7))
    assert flags() == []
    assert ledger() == {"presses": 10, "ignored": 10}


def test_what_machines_press_is_no_sign_of_haste(link):
    store(*presses(link, 20, visitor=7, agent="Googlebot/2.1"))
    store(*presses(link, 10, visitor=7))
    assert flags() == []


def test_a_hundred_presses_of_a_site_in_a_slot_are_believed(link):
    other = make_link(site=link.site)
    store(*presses(link, 60), *presses(other, 40, first=6_000))
    assert flags() == []
    store(*presses(link, 5, first=7_000))
    assert flags() == ["flood"] * 5
    assert counted(link, "presses") == {"whatsapp": 60}
    assert ledger() == {"presses": 100, "flagged": 5}


def test_each_site_has_a_pace_of_its_own(link):
    store(*presses(link, 100), *presses(make_link(), 100, first=7_000))
    assert flags() == []


def test_one_hurried_visitor_does_not_use_up_what_the_others_are_allowed(link):
    store(*presses(link, 200, visitor=7), *presses(link, 90, first=7_000))
    assert flags() == ["fast"] * 190
    assert ledger() == {"presses": 100, "flagged": 190}


@pytest.mark.parametrize(
    ("days_ago", "limit"), [(0, 100), (1, 300), (7, 300), (8, 100)], ids="{}".format
)
def test_a_busy_site_is_believed_a_hundred_times_its_mean(link, days_ago, limit):
    """Three presses in each slot of a week, all of them on one of its days."""
    day = datetime.now(UTC).date() - timedelta(days=days_ago)
    DailyContent.objects.create(day=day, link=link, channel=1, presses=3 * 7 * 8_640)
    store(*presses(link, 310))
    assert flags() == ["flood"] * (310 - limit)


def test_a_quiet_site_is_believed_as_much_as_a_new_one(link):
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    DailyContent.objects.create(day=yesterday, link=link, channel=1, presses=5)
    store(*presses(link, 101))
    assert flags() == ["flood"]


def test_a_sites_limit_is_remembered(link, django_assert_num_queries):
    pace.limits.learn({link.site_id})
    with django_assert_num_queries(0):
        pace.limits.learn({link.site_id})
    assert pace.limits.of(link.site_id) == 100


def test_a_sites_limit_is_worked_out_anew_after_ten_minutes(
    link, monkeypatch, django_assert_num_queries
):
    pace.limits.learn({link.site_id})
    monkeypatch.setattr(pace.limits, "_expires", 0.0)
    with django_assert_num_queries(1):
        pace.limits.learn({link.site_id})


def test_arrivals_by_the_address_bar_have_no_pace(link):
    store(*(visit(link, share=share_of("addressbar", 5_000 + n)) for n in range(120)))
    assert flags() == []
    assert not Pace.objects.exists()
    assert counted(link, "presses") == {"addressbar": 120}


def test_a_segment_without_presses_asks_nothing_more(link, django_assert_max_num_queries):
    store(hit(link))
    with django_assert_max_num_queries(11) as captured:
        store(hit(link), visit(link))
    assert not any("analytics_pace" in query["sql"] for query in captured)


def test_a_segment_delivered_twice_is_no_sign_of_haste(link):
    body = lines(*presses(link, 10, visitor=7))
    ingest.store("writer-1", body)
    ingest.store("writer-1", body)
    assert [row.presses for row in Pace.objects.order_by("scope")] == [10, 10]


def test_slots_are_forgotten_after_two_days(link):
    store(*presses(link, 3, visitor=7))
    noon = datetime.fromtimestamp(NOON / 1000, UTC)
    assert pace.forget_slots(noon + timedelta(days=2)) == 0
    assert pace.forget_slots(noon + timedelta(days=2, seconds=10)) == 2
    assert not Pace.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs real concurrency")
@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_share_the_limits():
    """Twelve segments of two sites in the same slots, stored by four workers."""
    from concurrent.futures import ThreadPoolExecutor

    links = [make_link(site=make_site()) for _ in range(2)]
    segments = [
        [
            fact
            for place, link in enumerate(links)
            for visitor in range(3)
            for fact in presses(
                link,
                5,
                first=5_000 + 1_000 * number + 100 * place + 10 * visitor,
                visitor=1 + visitor + 10 * place,
                time=NOON + SLOT * (number % 2),
            )
        ]
        for number in range(12)
    ]

    def work(number):
        try:
            ingest.store(f"writer-{number}", lines(*segments[number]))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(12)))
    assert Batch.objects.count() == 12
    # Each of six visitors pressed thirty times in each of two slots.
    assert ledger() == {"presses": 6 * 2 * 10, "flagged": 6 * 2 * 20}
