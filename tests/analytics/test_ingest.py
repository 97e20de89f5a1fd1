"""Facts in, rows and rollups out; each counted once, in whatever order they come."""

import random
from datetime import UTC, datetime

import pytest
from django.db import DataError, OperationalError, connection

from analytics import ingest, tables, tally
from analytics.models import (
    Agent,
    Batch,
    DailyContent,
    DailyVisitor,
    Hit,
    Quarantine,
    Share,
    Unsettled,
)
from shortener.channels import BY_NAME
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP, hit, lines, offer, press, share_of, store, visit

pytestmark = pytest.mark.django_db

NOON = int(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp() * 1000)
EVENING = int(datetime(2026, 3, 5, 20, tzinfo=UTC).timestamp() * 1000)
WHATSAPP_NUMBER = BY_NAME["whatsapp"].number


@pytest.fixture
def link():
    return make_link()


def contents(link, *columns):
    """Return the rollup as {channel number: values}, days added up."""
    found: dict[int, list[int]] = {}
    for row in DailyContent.objects.filter(link=link):
        values = [getattr(row, column) for column in columns]
        before = found.get(row.channel, [0] * len(columns))
        found[row.channel] = [a + b for a, b in zip(before, values, strict=True)]
    return found


def test_a_click_becomes_a_hit_a_share_and_a_count(link):
    share = share_of("whatsapp")
    store(hit(link, share=share, time=NOON, referrer="t.me", visitor=-5))
    row = Hit.objects.select_related("agent").get()
    assert row.at == datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert (row.link_id, row.share_id, row.channel) == (link.pk, share, WHATSAPP_NUMBER)
    assert (row.get_kind_display(), row.rule) == ("click", "referrer:telegram")
    assert row.observed == BY_NAME["telegram"].number
    assert (row.country, row.language, row.visitor) == ("DE", "en", -5)
    assert row.agent.user_agent.startswith("Mozilla/5.0 (iPhone")
    assert Share.objects.get().pressed is None
    assert contents(link, "clicks", "visitors") == {WHATSAPP_NUMBER: [1, 1]}


def test_a_segment_delivered_twice_counts_once(link):
    assert ingest.store("writer-1", lines(hit(link)))
    assert not ingest.store("writer-1", lines(hit(link)))
    assert Hit.objects.count() == Batch.objects.count() == 1
    assert contents(link, "clicks") == {0: [1]}


def test_a_failure_leaves_nothing_behind(link, monkeypatch):
    def break_down(*args):
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as broken:
        broken.setattr(tables, "append", break_down)
        with pytest.raises(OperationalError):
            ingest.store("writer-1", lines(hit(link), press(link)))
    for model in (Batch, Hit, Share, DailyContent, DailyVisitor):
        assert not model.objects.exists()
    assert ingest.store("writer-1", lines(hit(link), press(link)))
    assert contents(link, "clicks", "presses") == {0: [1, 0], WHATSAPP_NUMBER: [0, 1]}


def test_every_kind_of_hit_has_its_count(link):
    share = share_of("whatsapp")
    store(
        hit(link, share=share),
        hit(link, share=share, agent=WHATSAPP),
        hit(link, share=share, signals="GET https\nsec-purpose: prefetch;prerender"),
        hit(link, share=share, signals="HEAD https"),
        hit(link, share=share, agent="curl/8.0"),
    )
    columns = ("clicks", "previews", "prefetches", "scanners", "bots")
    assert contents(link, *columns) == {WHATSAPP_NUMBER: [1] * 5}
    batch = Batch.objects.get()
    assert [getattr(batch, column) for column in columns] == [1] * 5
    assert batch.received == 5


def test_a_preview_keeps_neither_visitor_nor_country(link):
    """Most messengers fetch it from the sharer's own device."""
    store(hit(link, share=share_of("whatsapp"), agent=WHATSAPP))
    row = Hit.objects.get()
    assert (row.visitor, row.country) == (None, "")
    assert not DailyVisitor.objects.exists()


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_facts_changes_nothing(link, seed):
    share, child = share_of("whatsapp"), share_of("telegram", 6_000)
    facts = [
        press(link, share=share, placement="top", time=NOON),
        press(link, share=child, parent=share, time=NOON + 9),
        hit(link, share=share, time=NOON + 2),
        hit(link, share=share, agent=WHATSAPP, time=NOON + 1),
        hit(link, share=child, time=NOON + 12),
        visit(link, share=share, time=NOON + 3),
    ]
    random.Random(seed).shuffle(facts)
    for fact in facts:
        store(fact)
    first, second = Share.objects.order_by("pk")
    assert (first.placement, first.parent) == ("top", None)
    assert second.parent == share
    assert first.pressed == datetime.fromtimestamp(NOON / 1000, UTC)
    columns = ("presses", "previews", "clicks", "visits")
    assert contents(link, *columns) == {
        WHATSAPP_NUMBER: [1, 1, 1, 1],
        BY_NAME["telegram"].number: [1, 0, 1, 0],
    }


def test_a_press_counts_once_however_often_it_is_told(link):
    store(press(link, placement="top"), press(link))
    store(press(link, placement="end"))
    assert contents(link, "presses") == {WHATSAPP_NUMBER: [1]}
    assert Share.objects.get().placement == "top"
    assert [batch.ignored for batch in Batch.objects.order_by("pk")] == [1, 1]


def test_a_machine_presses_nothing(link):
    store(press(link, agent="Googlebot/2.1"), visit(link, agent="Googlebot/2.1"))
    assert contents(link, "presses", "visits") == {}
    assert Batch.objects.get().ignored == 2
    assert not Share.objects.exists()


def test_offers_only_add_up(link):
    store(offer(link), offer(link))
    store(offer(link))
    assert contents(link, "offers") == {0: [3]}
    assert sum(batch.offers for batch in Batch.objects.all()) == 3


def test_a_day_is_one_of_the_sites_time_zone():
    india = make_link(site=make_site(time_zone="Asia/Kolkata"))
    chicago = make_link(site=make_site(time_zone="America/Chicago"))
    store(hit(india, time=EVENING), hit(chicago, time=EVENING))
    days = dict(Hit.objects.values_list("link_id", "day"))
    assert str(days[india.pk]) == "2026-03-06"
    assert str(days[chicago.pk]) == "2026-03-05"
    assert str(DailyContent.objects.get(link=india).day) == "2026-03-06"


def test_a_visitor_counts_once_a_day_and_channel(link):
    whatsapp, telegram = share_of("whatsapp"), share_of("telegram")
    store(hit(link, share=whatsapp, visitor=7), hit(link, share=whatsapp, visitor=7))
    store(hit(link, share=whatsapp, visitor=7), hit(link, share=whatsapp, visitor=8))
    store(hit(link, share=telegram, visitor=7), hit(link, share=telegram, visitor=None))
    found = contents(link, "clicks", "visitors", "new_visitors")
    assert found == {WHATSAPP_NUMBER: [4, 2, 2], BY_NAME["telegram"].number: [2, 1, 0]}


def test_a_visitor_of_two_channels_at_once_is_one_of_the_link(link):
    store(
        hit(link, share=share_of("whatsapp"), visitor=7),
        hit(link, share=share_of("telegram"), visitor=7),
    )
    found = contents(link, "visitors", "new_visitors")
    assert sum(visitors for visitors, _ in found.values()) == 2
    assert sum(new for _, new in found.values()) == 1


def test_visitors_of_past_days_are_forgotten(link):
    store(hit(link, time=NOON))
    assert ingest.forget_visitors(datetime(2026, 3, 13, tzinfo=UTC)) == 0
    assert ingest.forget_visitors(datetime(2026, 3, 14, tzinfo=UTC)) == 1
    assert contents(link, "visitors") == {0: [1]}


def test_agents_are_kept_once(link):
    store(hit(link), hit(link), hit(link, agent=WHATSAPP))
    store(hit(link), hit(link, signals="HEAD https"))
    assert Agent.objects.count() == 3


def test_the_name_of_an_app_is_kept_only_where_it_tells_a_channel(link):
    known, unknown = "x-requested-with: org.telegram.messenger", "x-requested-with: com.rare.app"
    store(
        hit(link, signals=f"GET https\n{known}\nsec-fetch-mode: navigate"),
        hit(link, signals=f"GET https\n{unknown}\nsec-fetch-mode: navigate"),
    )
    assert sorted(Agent.objects.values_list("signals", flat=True)) == [
        "GET https\nsec-fetch-mode: navigate",
        f"GET https\n{known}\nsec-fetch-mode: navigate",
    ]


BROKEN = {
    "not JSON": '{"kind":',
    "a list": "[1]",
    "no kind": '{"version": 1}',
    "another version": '{"version": 2, "kind": "hit"}',
    "an unknown kind": '{"version": 1, "kind": "jump"}',
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN)
def test_a_line_that_cannot_be_understood_blocks_nothing(link, line):
    store(hit(link), line, hit(link))
    quarantined = Quarantine.objects.get()
    assert quarantined.line == line
    assert quarantined.reason
    assert contents(link, "clicks") == {0: [2]}
    batch = Batch.objects.get()
    assert (batch.received, batch.quarantined) == (3, 1)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"time": 0}, "Time out of range"),
        ({"time": 10**15}, "Time out of range"),
        ({"time": "noon"}, "TypeError"),
        ({"link": 999_999}, "There is no link 999999"),
        ({"link": -1}, "Link out of range"),
        ({"link": 2**63}, "Link out of range"),
        ({"link": "1"}, "TypeError"),
        ({"share": -1}, "Share out of range"),
        ({"share": share_of("whatsapp") - 1 + 61}, "Share out of range"),
        ({"agent": None}, "Agent or signals are not text"),
        ({"signals": 5}, "Agent or signals are not text"),
        ({"referrer": None}, "TypeError"),
        ({"language": "a\u0000b"}, "A control character"),
        ({"visitor": "abc"}, "TypeError"),
        ({"visitor": 2**63}, "Visitor out of range"),
    ],
)
def test_a_fact_that_is_wrong_is_quarantined_with_the_reason(link, values, reason):
    store(hit(link), hit(link) | values, hit(link), press(link))
    assert reason in Quarantine.objects.get().reason
    assert contents(link, "clicks", "presses") == {0: [2, 0], WHATSAPP_NUMBER: [0, 1]}
    batch = Batch.objects.get()
    assert (batch.received, batch.clicks, batch.presses, batch.quarantined) == (4, 2, 1, 1)


def test_a_fact_that_the_database_refuses_blocks_nothing(link, monkeypatch):
    """What the checks do not foresee is found by halves."""
    write = tally.Tally.write

    def refuse_thirteen(tally, batch, read):
        if any(fact["visitor"] == 13 for fact in read):
            raise DataError("value out of range")
        return write(tally, batch, read)

    monkeypatch.setattr(tally.Tally, "write", refuse_thirteen)
    store(*[hit(link, visitor=number) for number in range(20)])
    assert "The database refuses it: value out of range" in Quarantine.objects.get().reason
    assert contents(link, "clicks", "visitors") == {0: [19, 19]}
    batch = Batch.objects.get()
    assert (batch.received, batch.clicks, batch.quarantined) == (20, 19, 1)

    store(hit(link, visitor=13))
    assert Unsettled.objects.count() == 2, "a segment that nobody hears of"


def test_foreign_text_arrives_as_it_is_or_cleaned(link):
    agent = 'Ünï"cödé\\ {agent},\t\x00'
    store(
        press(link, placement='a "quoted\\ {place}, NULL'),
        hit(link, agent=agent, referrer="a\\b.example", language='"x"'),
    )
    assert Share.objects.get().placement == 'a "quoted\\ {place}, NULL'
    row = Hit.objects.select_related("agent").get()
    assert row.agent.user_agent == 'Ünï"cödé\\ {agent},\ufffd\ufffd'
    assert (row.referrer, row.language) == ("ab.example", '"x"')


def test_queries_do_not_grow_with_the_segment(link, django_assert_max_num_queries):
    store(hit(link, agent="first"))
    with django_assert_max_num_queries(15):
        store(*[hit(link, visitor=n, share=share_of("copy", 7_000 + n)) for n in range(500)])
    assert contents(link, "visitors")[BY_NAME["copy"].number] == [500]


def test_an_empty_segment_is_in_the_ledger():
    assert ingest.store("writer-1", "")
    assert Batch.objects.get().received == 0


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs real concurrency")
@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_neither_lose_nor_deadlock():
    """The same segments to four workers, each in an order of its own."""
    from concurrent.futures import ThreadPoolExecutor

    link = make_link()
    shares = [share_of("whatsapp", 5_000 + n) for n in range(50)]
    segments = [
        (
            f"writer-{n}",
            lines(
                *[
                    fact
                    for share in random.Random(n).sample(shares, 50)
                    for fact in (hit(link, share=share, visitor=share), press(link, share=share))
                ]
            ),
        )
        for n in range(12)
    ]

    def work(seed):
        try:
            for segment, body in random.Random(seed).sample(segments, len(segments)):
                ingest.store(segment, body)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert Batch.objects.count() == 12
    assert Hit.objects.count() == 600
    found = contents(link, "clicks", "presses", "visitors")
    assert found == {WHATSAPP_NUMBER: [600, 50, 50]}
