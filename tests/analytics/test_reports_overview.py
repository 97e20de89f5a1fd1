"""What happened over time, by tags, and as the ledger has it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine

from analytics.ledger import COUNTS
from analytics.models import DailyLedger
from analytics.reports.overview import overview
from analytics.reports.question import Question
from analytics.reports.reconciliation import ReconciliationRow, reconciliation
from analytics.reports.shapes import columns
from analytics.reports.tags import tags
from analytics.settle import settle
from shortener.models import Site
from tests.analytics.story import A_DAY, DAY, NOON, happen
from tests.factories import make_link
from tests.facts import hit, offer, press, share_of, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def question():
    return Question(happen()[0].site, DAY, DAY + timedelta(1))


def clicks(report):
    return [(str(row.day), row.channel.name, row.clicks) for row in report.rows]


def test_the_overview_has_a_row_for_each_day_and_channel(question):
    assert clicks(overview(question)) == [
        ("2026-03-05", "link", 1),
        ("2026-03-05", "whatsapp", 5),
        ("2026-03-05", "copy", 1),
        ("2026-03-05", "x", 1),
        ("2026-03-06", "whatsapp", 0),
        ("2026-03-06", "email", 1),
    ]
    first = overview(question).rows[0]
    assert (first.visits, first.dark_visits) == (2, 1)
    assert overview(question).rows[-1].previews is None


@pytest.mark.parametrize(
    ("granularity", "days"),
    [("week", ["2026-03-02", "2026-03-09"]), ("month", ["2026-03-01"])],
)
def test_days_are_added_up_to_weeks_and_months(question, granularity, days):
    """5 March 2026 is a Thursday."""
    link = make_link(site=question.site)
    store(hit(link, time=NOON + 4 * A_DAY))
    asked = replace(question, granularity=granularity, end=DAY + timedelta(10))
    report = overview(asked)
    assert sorted({str(row.day) for row in report.rows}) == days
    assert sum(row.clicks for row in report.rows) == 10


def test_totals_stand_beside_those_of_another_period(question):
    asked = replace(question, start=DAY + timedelta(1))
    report = overview(asked)
    assert report.before
    assert (report.totals.all.clicks, report.before.all.clicks) == (1, 8)
    assert overview(replace(asked, comparison="none")).before is None


def test_tags_are_those_of_link_campaign_and_site(question):
    Site.objects.update(tags={"utm_medium": "share", "topic": "food"})
    make_link(site=question.site)
    store(hit(make_link(site=question.site), time=NOON))
    site = Site.objects.get(pk=question.site.pk)
    found = {(row.tag, row.value): row for row in tags(replace(question, site=site))}
    assert {key: (row.links, row.clicks) for key, row in found.items()} == {
        ("utm_medium", "share"): (3, 10),
        ("utm_campaign", "summer"): (2, 9),
        ("topic", "fruit"): (1, 7),
        ("topic", "wine"): (1, 2),
        ("topic", "food"): (1, 1),
    }
    fruit = found["topic", "fruit"]
    assert (fruit.presses, fruit.previews, fruit.visits, fruit.conversions) == (3, 1, 3, 1)
    assert fruit.daily_visitors == 7


def test_of_one_tag_those_without_it_are_told_as_well(question):
    store(hit(make_link(site=question.site), time=NOON))
    found = tags(replace(question, by="topic"))
    assert [(row.value, row.clicks) for row in found] == [("fruit", 7), ("wine", 2), ("", 1)]


def test_the_ledger_adds_up_by_day(question):
    with time_machine.travel("2026-03-06 12:00 +0000"):
        store(
            press(make_link(), share=share_of("sms", 9_000)),
            hit(make_link(), agent="curl/8.0"),
            "no fact",
        )
        store("no fact either")
        store(offer(make_link()))
        settle()
    [row] = reconciliation(question)
    assert (row.day, row.received) == (date(2026, 3, 6), 5)
    assert (row.presses, row.bots, row.offers, row.quarantined) == (1, 1, 1, 2)
    assert row.difference == 0
    DailyLedger.objects.filter(day="2026-03-06").update(received=7)
    assert reconciliation(question)[0].difference == 2


def test_the_ledgers_columns_stand_in_their_order():
    names = [column.name for column in columns(ReconciliationRow)]
    assert names == ["day", "received", *COUNTS, "difference"]
