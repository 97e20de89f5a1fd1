"""Facts in, the report's numbers out."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.models import Hit
from analytics.reports.content import content
from analytics.reports.question import Question
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP, cancel, conversion, hit, offer, press, share_of, store, visit

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 5)
NOON = int(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000
TELEGRAM = "TelegramBot (like TwitterBot)"


@pytest.fixture
def site():
    return make_site(key="demo", time_zone="Asia/Kolkata")


@pytest.fixture
def link(site):
    return make_link(site=site, title="Grapes")


def ask(site, start=DAY, end=DAY):
    return content(Question(site, start, end))


def by_channel(report):
    return {row.channel.name: row for row in report.rows}


def test_each_channel_of_a_link_has_its_numbers(site, link):
    whatsapp, facebook = share_of("whatsapp"), share_of("facebook")
    store(
        press(link, share=whatsapp, time=NOON),
        hit(link, share=whatsapp, time=NOON, agent=WHATSAPP, visitor=None),
        hit(link, share=whatsapp, time=NOON, visitor=1),
        hit(link, share=whatsapp, time=NOON, visitor=1),
        hit(link, share=whatsapp, time=NOON, visitor=2),
        hit(link, share=facebook, time=NOON, visitor=2),
        hit(link, time=NOON, visitor=3),
    )
    rows = by_channel(ask(site))
    row = rows["whatsapp"]
    assert (row.link, row.title) == (link.code, "Grapes")
    assert row.destination == link.destination
    assert (row.presses, row.previews, row.clicks, row.daily_visitors) == (1, 1, 3, 2)
    assert (rows["facebook"].clicks, rows["facebook"].daily_visitors) == (1, 1)
    assert {name: (row.channel.private, row.reach) for name, row in rows.items()} == {
        "whatsapp": (True, "private"),
        "facebook": (False, "public"),
        "link": (False, "direct"),
    }


def test_totals_tell_private_public_and_direct_apart(site, link):
    store(
        *(hit(link, share=share_of("whatsapp"), time=NOON, visitor=n) for n in range(3)),
        hit(link, share=share_of("x"), time=NOON, visitor=0),
        hit(link, time=NOON, visitor=9),
    )
    reach = ask(site).totals
    assert (reach.private.clicks, reach.public.clicks, reach.direct.clicks) == (3, 1, 1)
    assert reach.all.clicks == 5
    assert reach.private_percent == 75


def test_the_private_part_is_unknown_without_clicks_on_shares(site, link):
    store(hit(link, time=NOON))
    assert ask(site).totals.private_percent is None


def test_a_visitor_of_two_channels_is_one_of_the_link(site, link):
    store(
        hit(link, share=share_of("whatsapp"), time=NOON, visitor=7),
        hit(link, share=share_of("telegram"), time=NOON, visitor=7),
    )
    report = ask(site)
    assert [row.daily_visitors for row in report.rows] == [1, 1]
    assert report.links[0].totals.all.daily_visitors == 1


def test_visitors_are_counted_anew_each_day(site, link):
    share = share_of("whatsapp")
    store(
        hit(link, share=share, time=NOON, visitor=7),
        hit(link, share=share, time=NOON + 24 * HOUR, visitor=7),
    )
    assert ask(site, end=DAY + timedelta(1)).links[0].totals.all.daily_visitors == 2


def test_the_most_clicked_come_first(site):
    quiet, loud, middle = (make_link(site=site, title=t) for t in ("quiet", "loud", "middle"))
    copied, mailed = share_of("copy"), share_of("email")
    store(
        press(quiet, share=mailed, time=NOON),
        *[hit(loud, share=copied, time=NOON)] * 3,
        *[hit(loud, share=mailed, time=NOON)] * 4,
        *[hit(middle, time=NOON)] * 5,
    )
    report = ask(site)
    assert [link.title for link in report.links] == ["loud", "middle", "quiet"]
    assert [row.channel.name for row in report.links[0].channels] == ["email", "copy"]
    assert [link.totals.all.clicks for link in report.links] == [7, 5, 0]


def test_visits_and_conversions_belong_to_the_channel_that_brought_them(site, link):
    whatsapp = share_of("whatsapp")
    store(
        *[visit(link, share=whatsapp, time=NOON)] * 3,
        *[visit(link, time=NOON)] * 2,
        visit(link, share=share_of("x"), time=NOON),
        conversion(link, share=whatsapp, time=NOON),
        conversion(link, visit="visit-2", time=NOON),
    )
    report = ask(site)
    rows = by_channel(report)
    assert {name: (row.visits, row.conversions) for name, row in rows.items()} == {
        "whatsapp": (3, 1),
        "link": (2, 1),
        "x": (1, 0),
    }
    reach = report.totals
    assert [part.visits for part in (reach.private, reach.public, reach.direct)] == [3, 1, 2]
    assert (reach.all.visits, reach.all.conversions) == (6, 2)


@pytest.mark.parametrize("make", [visit, conversion])
def test_a_visit_or_a_conversion_alone_brings_a_link_into_the_report(site, link, make):
    store(make(link, time=NOON))
    assert [row.channel.name for row in ask(site).rows] == ["link"]


def test_among_the_unclicked_the_most_visited_come_first(site):
    quiet, loud = make_link(site=site, title="quiet"), make_link(site=site, title="loud")
    store(visit(quiet, time=NOON), *[visit(loud, time=NOON)] * 2)
    store(visit(quiet, share=share_of("copy"), time=NOON))
    store(*[visit(quiet, share=share_of("sms"), time=NOON)] * 2)
    report = ask(site)
    assert [link.title for link in report.links] == ["quiet", "loud"]
    assert [row.channel.name for row in report.links[0].channels] == ["sms", "link", "copy"]


def test_a_merged_link_is_part_of_the_link_it_was_merged_into(site):
    whole = make_link(site=site, title="Grapes")
    part = make_link(site=site, title="Grapes, too", merged_into=whole)
    whatsapp = share_of("whatsapp")
    store(
        press(whole, share=whatsapp, time=NOON),
        hit(whole, share=whatsapp, time=NOON),
        hit(part, share=share_of("whatsapp", 6_000), time=NOON),
        visit(part, share=share_of("copy"), time=NOON),
    )
    report = ask(site)
    assert [(link.title, link.code) for link in report.links] == [("Grapes", whole.code)]
    assert report.link_count == 1
    rows = by_channel(report)
    assert (rows["whatsapp"].presses, rows["whatsapp"].clicks) == (1, 2)
    assert rows["copy"].visits == 1


def test_a_merged_link_shows_the_other_even_where_that_one_did_nothing(site, link):
    store(hit(make_link(site=site, merged_into=link), time=NOON))
    assert [shown.title for shown in ask(site).links] == ["Grapes"]


@pytest.mark.parametrize(
    ("channel", "previews"),
    [
        ("whatsapp", 0),
        ("sms", 0),
        ("email", None),
        ("threema", None),
        ("qr", None),
        ("wechat", None),
    ],
)
def test_channels_without_previews_say_so(site, link, channel, previews):
    store(hit(link, share=share_of(channel), time=NOON))
    assert by_channel(ask(site))[channel].previews == previews


def test_a_preview_counts_even_where_none_was_expected(site, link):
    store(hit(link, share=share_of("email"), time=NOON, agent=TELEGRAM, visitor=None))
    assert by_channel(ask(site))["email"].previews == 1


def test_offers_cancels_and_machines_are_no_content_that_travelled(site, link):
    store(
        offer(link, time=NOON),
        cancel(link, time=NOON),
        hit(link, time=NOON, agent="curl/8.0"),
        visit(link, time=NOON, agent="curl/8.0"),
    )
    report = ask(site)
    assert report.links == ()
    assert report.link_count == 0


def test_only_the_days_and_the_site_that_were_asked_for_count(site, link):
    other = make_link()
    store(
        # Half past midnight in India, where 5 March begins at 18:30 UTC of the day before.
        hit(link, time=NOON - 17 * HOUR),
        hit(link, time=NOON - 18 * HOUR),
        hit(link, time=NOON + 7 * HOUR),
        hit(other, time=NOON),
    )
    assert ask(site).totals.all.clicks == 1
    assert ask(site, DAY - timedelta(1), DAY + timedelta(1)).totals.all.clicks == 3


def test_a_part_of_the_links_has_the_totals_of_all(site):
    links = [make_link(site=site, title=str(n)) for n in range(5)]
    for n, link in enumerate(links, 1):
        store(*[hit(link, time=NOON)] * n)
    report = content(Question(site, DAY, DAY), slice(1, 3))
    assert [link.title for link in report.links] == ["3", "2"]
    assert (report.link_count, report.totals.all.clicks) == (5, 15)


def test_the_cost_does_not_grow_with_hits_or_links(site, django_assert_num_queries):
    for _ in range(4):
        link = make_link(site=site)
        shares = [share_of(name) for name in ("whatsapp", "copy", "x")]
        store(
            *(hit(link, share=share, time=NOON, visitor=n) for share in shares for n in range(9))
        )
    with django_assert_num_queries(5) as captured:
        ask(site)
    assert not any(Hit._meta.db_table in query["sql"] for query in captured)


def test_a_page_beyond_the_last_has_no_links_and_their_number(site):
    store(*(hit(make_link(site=site), time=NOON) for _ in range(3)))
    report = content(Question(site, DAY, DAY), slice(25, 50))
    assert (report.links, report.link_count) == ((), 3)


def test_merged_links_are_ranked_by_what_they_have_together(site):
    whole, other = make_link(site=site, title="whole"), make_link(site=site, title="other")
    parts = [make_link(site=site, merged_into=whole) for _ in range(2)]
    store(*(hit(part, time=NOON) for part in parts), hit(whole, time=NOON))
    store(*[hit(other, time=NOON)] * 2)
    report = content(Question(site, DAY, DAY), slice(0, 1))
    assert [(link.title, link.totals.all.clicks) for link in report.links] == [("whole", 3)]
    assert report.link_count == 2


def test_many_links_are_read_like_few(site, monkeypatch):
    links = [make_link(site=site, title=str(n)) for n in range(3)]
    store(*(hit(link, time=NOON, share=share_of("copy")) for link in links), hit(make_link()))
    few = ask(site)
    monkeypatch.setattr("analytics.reports.content.EVERY_LINK", 1)
    assert ask(site) == few
