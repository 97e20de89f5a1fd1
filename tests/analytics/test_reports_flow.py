"""Where content went: from links through channels, and the most clicked links over time."""

from dataclasses import astuple, replace
from datetime import timedelta

import pytest

from analytics.reports.flow import flow
from analytics.reports.question import Question
from analytics.reports.trends import trends
from tests.analytics.story import DAY, NOON, happen, settle_all
from tests.factories import make_link
from tests.facts import hit, share_of, store, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def links():
    return happen()


@pytest.fixture
def question(links):
    return Question(links[0].site, DAY, DAY + timedelta(1), in_full=True)


def found(rows):
    return [(row.link, row.channel.name, *astuple(row)[3:]) for row in rows]


def test_shares_flow_through_channels_to_what_came_of_them(links, question):
    plums, grapes = (link.code for link in links)
    assert found(flow(question)) == [
        (plums, "whatsapp", 2, 2, 2),
        (plums, "email", 1, 1, 0),
        (grapes, "whatsapp", 1, 0, 0),
        (grapes, "copy", 1, 1, 0),
        (grapes, "x", 1, 1, 0),
    ]


def test_what_has_no_rows_of_its_own_stands_together(links, question):
    rows = found(flow(replace(question, top=1)))

    assert rows == [
        *found(flow(question))[:2],
        ("", "whatsapp", 1, 0, 0),
        ("", "copy", 1, 1, 0),
        ("", "x", 1, 1, 0),
    ]


def test_out_of_the_address_bar_nobody_is_seen_opening(question):
    store(visit(make_link(site=question.site), share=share_of("addressbar"), time=NOON))
    settle_all()

    [row] = [row for row in flow(question) if row.channel.name == "addressbar"]
    assert row.opened is None


def test_trends_are_the_clicks_of_each_day_by_reach(links, question):
    plums, grapes = (link.code for link in links)
    next_day = DAY + timedelta(1)

    assert [
        (row.link, row.day, row.private, row.public, row.direct) for row in trends(question)
    ] == [
        (plums, DAY, 5, 0, 1),
        (plums, next_day, 1, 0, 0),
        (grapes, DAY, 1, 1, 0),
    ]


def test_the_most_clicked_link_comes_first(question):
    popular = make_link(site=question.site, title="More")
    store(*(hit(popular, share=share_of("x", 8_000), visitor=n, time=NOON) for n in range(50)))

    first = trends(replace(question, top=1))

    assert [(row.link, row.public) for row in first] == [(popular.code, 50)]


def test_granules_are_weeks_where_weeks_are_asked_for(question):
    rows = trends(replace(question, granularity="week"))

    assert {row.day.weekday() for row in rows} == {0}
