"""What became of shares: the funnel, the channels they were seen in, places, dark social."""

from dataclasses import astuple, replace
from datetime import timedelta

import pytest

from analytics.intervals import wilson
from analytics.models import DailySiteDelay
from analytics.outcomes import bounds
from analytics.reports.channels import channels, finding, forwarded
from analytics.reports.dark import dark
from analytics.reports.funnel import funnel
from analytics.reports.places import places
from analytics.reports.question import Question
from shortener.channels import BY_NAME
from tests.analytics.story import DAY, HOUR, NOON, happen, settle_all
from tests.factories import make_link
from tests.facts import hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def question():
    return Question(happen()[0].site, DAY, DAY + timedelta(1), in_full=True)


def named(report):
    """Return a report's rows by channel, and the total."""
    return {row.channel.name: row for row in report.rows} | {"all": report.total}


def test_the_funnel_has_the_steps_of_each_channel(question):
    report = funnel(question)
    assert {name: astuple(row)[1:7] for name, row in named(report).items()} == {
        "all": (6, 5, 2, 5, 2, 1),
        "whatsapp": (3, 3, 1, 2, 2, 1),
        "email": (1, 1, None, 1, 0, 0),
        "copy": (1, 1, 1, 1, 0, 0),
        "x": (1, 0, 0, 1, 0, 0),
    }
    assert (report.offered, report.presses_per_offer) == (4, 1.25)


def test_the_funnels_rates_are_parts_of_the_shares(question):
    report = funnel(question)
    row = report.rows[0]
    assert row.paste_rate == wilson(1, 3)
    assert row.open_rate == wilson(2, 3)
    assert row.pass_on_rate == wilson(2, 3)
    assert row.conversion_rate == wilson(1, 3)


def test_what_cannot_be_pasted_visibly_takes_no_part_in_the_rate(question):
    report = funnel(question)
    total, rows = report.total, named(report)
    assert (rows["email"].pasted, rows["email"].paste_rate) == (None, None)
    assert (total.shares, total.pasted, total.paste_rate) == (6, 2, wilson(2, 5))


def test_out_of_the_address_bar_nothing_is_seen_before_the_visit(question):
    link = make_link(site=question.site)
    store(visit(link, share=share_of("addressbar"), time=NOON))
    settle_all()
    report = funnel(question)
    row = named(report)["addressbar"]

    assert (row.shares, row.pressed) == (1, 1)
    assert (row.pasted, row.paste_rate, row.opened, row.open_rate) == (None, None, None, None)
    assert report.total.shares == 7
    assert report.total.open_rate == wilson(5, 6)


def test_offers_are_those_of_all_channels(question):
    assert funnel(replace(question, channels=(BY_NAME["copy"],))).offered == 4


def test_the_funnels_times_are_medians(question):
    row = named(funnel(question))["whatsapp"]
    assert 2 <= row.time_to_paste < 2.9
    # One after a minute and one after an hour: the lower one.
    assert 45 < row.time_to_open <= 64.1


def test_a_time_with_few_behind_it_is_one_persons(question):
    report = funnel(replace(question, in_full=False))
    assert {row.time_to_open for row in report.rows} == {None}
    assert report.total.time_to_open is not None
    assert report.total.time_to_paste is None


def test_delays_of_all_links_together_make_the_median(question):
    DailySiteDelay.objects.all().delete()
    for bucket, number in ((4, 10), (20, 11)):
        DailySiteDelay.objects.create(
            site=question.site, day=DAY, channel=1, measure=2, bucket=bucket, number=number
        )
    low, high = bounds(20)
    assert low <= named(funnel(question))["all"].time_to_open < high


def test_declared_stands_beside_observed(question):
    report = channels(question)
    assert [
        (
            row.declared.name,
            row.observed and row.observed.name,
            row.finding,
            row.shares,
            row.clicks,
        )
        for row in report.rows
    ] == [
        ("whatsapp", None, "unseen", 2, 1),
        ("whatsapp", "whatsapp", "confirmed", 1, 4),
        ("email", None, "unseen", 1, 1),
        ("copy", "signal", "revealed", 1, 1),
        ("x", None, "unseen", 1, 1),
    ]
    assert (report.open_shares, report.revealed_shares) == (1, 1)


@pytest.mark.parametrize(
    ("declared", "observed", "expected"),
    [
        ("whatsapp", "whatsapp", "confirmed"),
        ("sms", "imessage", "confirmed"),
        ("whatsapp", "telegram", "elsewhere"),
        ("native", "telegram", "revealed"),
        ("qr", "link", "unseen"),
    ],
)
def test_evidence_finds(declared, observed, expected):
    assert finding(BY_NAME[declared].number, BY_NAME[observed].number) == expected


def test_a_share_seen_in_another_app_was_forwarded(question):
    assert [(row.channel.name, row.seen_in.name, row.shares) for row in forwarded(question)] == [
        ("whatsapp", "telegram", 1)
    ]


def test_places_are_those_of_the_buttons(question):
    assert [
        (row.placement, row.shares, row.opened, row.passed_on, row.converted, row.clicks)
        for row in places(question)
    ] == [("", 4, 3, 0, 0, 3), ("top", 1, 1, 1, 0, 4), ("end", 1, 1, 1, 1, 1)]
    assert places(question)[0].open_rate == wilson(3, 4)
    assert [row.placement for row in places(replace(question, top=1, page=2))] == ["top"]


def test_the_three_dark_ratios_are_kept_apart(question):
    assert [(row.ratio, row.certainty, row.dark, row.of) for row in dark(question)] == [
        # Of the clicks on shares, all but that on X; the short link itself is no share.
        ("measured", "exact", 7, 8),
        ("revealed", "at least", 1, 1),
        ("estimated", "at most", 1, 3),
    ]
    assert dark(question)[0].percent == 87.5


def test_a_copied_link_seen_in_public_is_not_dark(question):
    link = make_link(site=question.site)
    share = share_of("copy", 6_000)
    store(
        press(link, share=share, time=NOON),
        *[hit(link, share=share, time=NOON + HOUR, referrer="www.reddit.com")] * 3,
    )
    settle_all()
    revealed = dark(question)[1]
    assert (revealed.dark, revealed.of) == (1, 4)


def test_a_ratio_of_nothing_is_none(question):
    empty = replace(question, start=DAY - timedelta(2), end=DAY - timedelta(1))
    assert [row.percent for row in dark(empty)] == [None] * 3
