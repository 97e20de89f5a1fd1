"""Who clicked, and when; and what few people are behind, which is not shown."""

from dataclasses import replace

import pytest

from analytics.reports.audience import (
    browsers,
    countries,
    devices,
    hours,
    languages,
    referrers,
    systems,
)
from analytics.reports.question import Question
from tests.analytics.story import DAY, HOUR, NOON, settle_all
from tests.factories import make_link, make_site
from tests.facts import hit, share_of, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def link():
    return make_link(site=make_site(key="demo", time_zone="Asia/Kolkata"))


@pytest.fixture
def question(link):
    return Question(link.site, DAY, DAY)


def click(link, times=1, **values):
    store(*[hit(link, **{"time": NOON, "country": "", "language": "", **values})] * times)
    settle_all()


def values(report):
    return [(row.value, row.clicks) for row in report]


def test_countries_come_the_most_frequent_first(link, question):
    click(link, 3, country="FR")
    click(link, 4, country="DE")
    click(link, 1)
    assert values(countries(question)) == [("DE", 4), ("FR", 3), ("unknown", 1)]
    assert [row.percent for row in countries(question)] == [50, 37.5, 12.5]


def test_few_clicks_are_told_together_unless_raw_hits_may_be_seen(link, question):
    click(link, 3, country="FR")
    click(link, 2, country="MT")
    click(link, 1, country="LI")
    assert values(countries(question)) == [("FR", 3), ("other (few)", 3)]
    in_full = countries(replace(question, in_full=True))
    assert values(in_full) == [("FR", 3), ("MT", 2), ("LI", 1)]


def test_what_is_beyond_the_top_is_told_together(link, question):
    for number, country in enumerate(("AT", "BE", "CH"), 3):
        click(link, number, country=country)
    asked = replace(question, top=1)
    assert values(countries(asked)) == [("CH", 5), ("other (few)", 7)]


@pytest.mark.parametrize(
    ("report", "facts", "value"),
    [
        (languages, {"language": "pt-br"}, "pt-BR"),
        (referrers, {"referrer": "t.me"}, "t.me"),
        (devices, {}, "phone"),
        (systems, {}, "iOS"),
        (browsers, {}, "Mobile Safari"),
    ],
)
def test_each_report_has_its_own_values(link, question, report, facts, value):
    click(link, 3, **facts)
    assert values(report(question)) == [(value, 3)]


def test_the_hours_are_those_of_the_sites_week(link, question):
    click(link, 5)  # 17:30 in India, a Thursday.
    click(link, 3, time=NOON + HOUR)
    report = hours(question)
    assert len(report.rows) == 168
    found = {(row.weekday, row.hour): row.clicks for row in report.rows if row.clicks}
    assert found == {("Thursday", 17): 5, ("Thursday", 18): 3}


def test_an_hour_with_few_clicks_is_left_out(link, question):
    click(link, 2)
    click(link, 3, time=NOON + HOUR)
    report = hours(question)
    assert (report.few, len(report.rows)) == (2, 167)
    in_full = hours(replace(question, in_full=True))
    assert (in_full.few, len(in_full.rows)) == (0, 168)


def test_clicks_that_nobody_has_told_apart_yet_are_unknown(link, question):
    click(link, 3, country="FR")
    store(hit(link, time=NOON, country="FR", share=share_of("copy")))
    assert values(countries(question)) == [("FR", 3), ("unknown", 1)]
