"""How far content was passed on: K, generations, cascades and their trees."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from analytics.intervals import Likeness, amplification, k_factor
from analytics.models import Cascade
from analytics.reports.cascades import cascade, cascades
from analytics.reports.question import Question
from analytics.reports.virality import generations, viral_links, virality
from shortener import codes
from shortener.channels import BY_NAME
from tests.analytics.story import A_DAY, DAY, NOON, happen, settle_all
from tests.factories import make_link
from tests.facts import hit, press, share_of, store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _later():
    with time_machine.travel("2026-06-01 12:00 +0000", tick=False):
        yield


@pytest.fixture
def links():
    return happen()


@pytest.fixture
def question(links):
    return Question(links[0].site, DAY, DAY + timedelta(1), in_full=True)


def named(report):
    """Return a report's rows by channel."""
    return {row.channel.name: row for row in report.rows}


def star(link, size, serial=20_000):
    """Let one share be passed on to all others, a minute apart."""
    shares = [share_of("telegram", serial + n) for n in range(size)]
    store(
        press(link, share=shares[0], time=NOON),
        *(press(link, share=share, parent=shares[0], time=NOON + 60_000) for share in shares[1:]),
    )
    settle_all()
    return shares


def test_k_is_the_number_of_shares_that_come_of_one(question):
    report = virality(question)
    rows = named(report)
    # Each of the first two WhatsApp shares was passed on once.
    assert rows["whatsapp"].k == k_factor(3, 2, 2)
    assert rows["whatsapp"].amplification == amplification(2 / 3)
    assert (rows["copy"].children, rows["copy"].k) == (0, k_factor(1, 0, 0))
    # Both children are of the same link's shares: three links have 2, 0, 0 of 2, 3, 1.
    apart = Likeness(3, 2**2, 2 * 2, 2**2 + 3**2 + 1**2)
    assert (report.total.shares, report.total.k) == (6, k_factor(6, 2, 2, apart))


def test_a_k_of_one_and_more_has_no_end(question, links):
    star(links[0], 30)
    assert virality(replace(question, links=(links[0].pk,))).total.amplification is not None
    own = make_link(site=question.site)
    parent, child = star(own, 2, serial=30_000)
    later = press(own, share=share_of("sms", 40_000), parent=child, time=NOON + 120_000)
    store(later, press(own, share=share_of("sms", 40_001), parent=parent, time=NOON + 120_000))
    settle_all()
    narrow = replace(question, links=(own.pk,), channels=(BY_NAME["telegram"],))
    assert virality(narrow).total.k == k_factor(2, 3, 5)
    assert virality(narrow).total.amplification is None


@pytest.mark.parametrize(
    ("now", "shares", "children"),
    [("2026-03-12 23:00", 0, 0), ("2026-03-13 00:00", 5, 2), ("2026-03-14 00:00", 6, 2)],
)
def test_only_shares_count_whose_window_is_over(question, now, shares, children):
    """Those of the 5th have until the 12th, some until its last minute."""
    with time_machine.travel(f"{now} +0000"):
        report = virality(question)
        total = report.total
        assert (total.shares, total.children) == (shares - (shares == 5), children)
        assert report.incomplete_from == datetime.now(UTC).date() - timedelta(7)
        assert sum(row.shares for row in viral_links(question)) == total.shares


def test_children_beyond_the_window_are_not_counted(question, links):
    parent = share_of("sms", 40_000)
    link = make_link(site=question.site)
    store(
        press(link, share=parent, time=NOON),
        press(link, share=share_of("sms", 40_001), parent=parent, time=NOON + 8 * A_DAY),
    )
    settle_all()
    assert virality(replace(question, links=(link.pk,))).total.children == 0


def test_half_life_is_the_age_within_which_half_of_the_clicks_came(question):
    row = named(virality(question))["whatsapp"]
    # Four after a minute, one after an hour; as buckets tell.
    assert 45 < row.half_life < 64
    assert row.time_to_open < 65


def test_links_are_ranked_by_the_shares_that_came_of_theirs(question, links):
    plums, grapes = links
    found = viral_links(question)
    assert [(row.link, row.title, row.shares, row.children, row.clicks) for row in found] == [
        (plums.code, "Plums", 3, 2, 6),
        (grapes.code, "Grapes", 3, 0, 2),
    ]
    assert found[0].k == k_factor(3, 2, 2)
    assert [row.title for row in viral_links(replace(question, top=1, page=2))] == ["Grapes"]


def test_generations_have_the_shares_and_clicks_of_each(question):
    assert [(row.generation, row.shares, row.clicks, row.k) for row in generations(question)] == [
        (0, 4, 7, 1 / 7),
        (1, 1, 1, 0),
        (2, 1, 0, None),
    ]


def test_cascades_are_told_from_single_shares(question):
    report = cascades(question)
    assert (report.cascades, report.single_shares, report.mean_shares) == (1, 3, 3)
    assert (report.largest, report.deepest) == (3, 2)
    assert {row.at_least: row.cascades for row in report.sizes if row.cascades} == {2: 1, 3: 1}
    [row] = report.rows
    assert (row.title, row.channel.name, row.day) == ("Plums", "whatsapp", DAY)
    assert (row.shares, row.depth, row.breadth, row.clicks) == (3, 2, 1, 5)


@pytest.mark.parametrize(("size", "expected"), [(9, None), (10, 1.8)])
def test_structural_virality_is_told_from_ten_shares_on(question, links, size, expected):
    star(links[1], size)
    [row] = cascades(question).rows[:1]
    assert (row.title, row.shares, row.structural_virality) == ("Grapes", size, expected)


def test_a_cascade_of_a_merged_link_is_the_links(question, links):
    part = make_link(site=question.site, title="Plums again", merged_into=links[0])
    star(part, 4)
    assert [row.title for row in cascades(question).rows] == ["Plums", "Plums"]


def test_a_tree_tells_who_passed_on_to_whom(question, links):
    plums, grapes = links
    first, second, third = (share_of("whatsapp", n) for n in (5_000, 5_001, 5_002))
    tree = cascade(question)
    assert (tree.cascades, tree.shares) == (1, 3)
    a, b, c = (
        codes.encode(link.pk, share)
        for link, share in ((plums, first), (plums, second), (grapes, third))
    )
    assert [(row.share, row.parent, row.generation) for row in tree.rows] == [
        (a, None, 0),
        (b, a, 1),
        (c, b, 2),
    ]
    assert tree.rows[0].start == datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert (tree.rows[0].observed, tree.rows[1].observed) == (BY_NAME["whatsapp"], None)
    assert [(row.clicks, row.children) for row in tree.rows] == [(4, 1), (1, 1), (0, 0)]


def test_a_tree_names_no_share_to_those_who_may_not_see_hits(question, links):
    asked = replace(question, in_full=False)
    assert (cascade(asked).cascades, cascade(asked).rows) == (0, ())
    star(links[1], 10)
    tree = cascade(asked)
    assert (tree.cascades, tree.shares) == (1, 10)
    assert [row.share for row in tree.rows] == [str(n) for n in range(1, 11)]
    assert [row.parent for row in tree.rows] == [None] + ["1"] * 9
    assert {row.start for row in tree.rows} == {None}


def test_the_largest_trees_are_shown_whole_as_long_as_they_fit(question, links, monkeypatch):
    star(links[1], 5)
    monkeypatch.setattr("analytics.reports.cascades.MAX_NODES", 7)
    tree = cascade(question)
    assert (tree.cascades, tree.shares) == (2, 8)
    assert [row.cascade for row in tree.rows] == [1] * 5
    monkeypatch.setattr("analytics.reports.cascades.MAX_NODES", 8)
    assert [row.cascade for row in cascade(question).rows] == [1] * 5 + [2] * 3
    monkeypatch.setattr("analytics.reports.cascades.MAX_NODES", 4)
    assert [row.generation for row in cascade(question).rows] == [0, 1, 1, 1]


def test_cascades_are_of_the_day_on_which_they_started(question):
    assert Cascade.objects.get().day == DAY
    assert cascades(replace(question, start=date(2026, 3, 6))).cascades == 0


def test_clicks_of_the_first_day_bring_no_cascade(question):
    store(hit(make_link(site=question.site), time=NOON))
    settle_all()
    assert cascades(question).cascades == 1
