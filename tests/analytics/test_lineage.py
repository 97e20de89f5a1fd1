"""Who was passed on from whom, in whatever order that turns out."""

from collections import namedtuple
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import lineage
from analytics import settle as settling
from analytics.lineage import WINDOW, resolve
from analytics.models import Outcome, Share
from tests.analytics.counts import DAY
from tests.analytics.counts import NOON as TOLD_NOON
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP, hit, press, share_of, store

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Line = namedtuple("Line", ["parent", "root", "generation", "children", "prompt_children"])
"""The columns of an outcome that are looked at."""


def tell(share, link, *, at=0, parent=None, **values):
    """Tell of a press, some hours from noon on."""
    moment = NOON + at * HOUR
    defaults = {"link": link, "channel": 1, "created": moment, "pressed": moment}
    Share.objects.create(pk=share, **{**defaults, "parent": parent, **values})


def correct(share, **values):
    """Tell more of a share."""
    Share.objects.filter(pk=share).update(**values)


def settle(*shares):
    """Write what is found for the shares as settling does; return it."""
    found = resolve(shares)
    told = Share.objects.in_bulk([*found])
    Outcome.objects.filter(pk__in=set(shares) - found.keys()).delete()
    for share, row in found.items():
        Outcome.objects.update_or_create(
            pk=share,
            defaults={
                **row._asdict(),
                "link": told[share].link,
                "channel": 1,
                "day": row.start.date(),
                "placement": "",
                "observed": 0,
                "seen": 0,
                "pressed": True,
                "clicks": 0,
                "visits": 0,
                "conversions": 0,
            },
        )
    return {share: Line(*row[1:]) for share, row in found.items()}


def lineages():
    rows = Outcome.objects.values_list("pk", *Line._fields)
    return {share: Line(*row) for share, *row in rows}


def trees():
    """Return the parent of each share that has an outcome."""
    return dict(Outcome.objects.values_list("pk", "parent"))


@pytest.fixture
def link():
    return make_link()


def test_generations(link):
    tell(1, link)
    tell(2, link, at=1, parent=1)
    tell(3, link, at=2, parent=2)
    tell(4, link, at=3, parent=1)
    assert settle(1, 2, 3, 4) == {
        1: Line(None, root=1, generation=0, children=2, prompt_children=2),
        2: Line(1, root=1, generation=1, children=1, prompt_children=1),
        3: Line(2, root=1, generation=2, children=0, prompt_children=0),
        4: Line(1, root=1, generation=1, children=0, prompt_children=0),
    }


def test_another_link_of_the_site_passes_on_as_well(link):
    tell(1, link)
    tell(2, make_link(site=link.site), at=1, parent=1)
    settle(1, 2)
    assert trees() == {1: None, 2: 1}


@pytest.mark.parametrize(
    "parent",
    [
        pytest.param({"at": 2}, id="began later"),
        pytest.param({"flag": Share.Flag.FAST}, id="flagged"),
        pytest.param({"pressed": None}, id="never used"),
    ],
)
def test_claims_that_cannot_be(link, parent):
    tell(1, link, **parent)
    tell(2, link, at=1, parent=1)
    settle(1, 2)
    assert trees()[2] is None


def test_a_share_of_another_site_is_nobodys_parent(link):
    tell(1, make_link(site=make_site()))
    tell(2, link, at=1, parent=1)
    settle(1, 2)
    assert trees() == {1: None, 2: None}


def test_nobody_passes_on_from_what_is_not_known(link):
    tell(2, link, parent=1)
    settle(2)
    assert trees() == {2: None}


def test_a_flagged_share_is_nobodys_child(link):
    tell(1, link)
    tell(2, link, at=1, parent=1, flag=Share.Flag.FAST)
    assert settle(1, 2) == {1: Line(None, 1, 0, 0, 0)}


@pytest.mark.parametrize("use", ["previews", "clicks", "visits"])
def test_a_share_that_was_used_needs_no_press(link, use):
    tell(1, link, pressed=None, **{use: 1})
    tell(2, link, at=1, parent=1)
    settle(1, 2)
    assert trees() == {1: None, 2: 1}


def test_of_shares_that_claim_each_other_the_first_is_the_parent(link):
    tell(1, link, parent=2)
    tell(2, link, parent=3)
    tell(3, link, parent=1)
    tell(4, link, parent=4)
    settle(1, 2, 3, 4)
    assert trees() == {1: None, 2: None, 3: 1, 4: None}


def test_children_count_for_k_within_a_window(link):
    week = WINDOW // HOUR
    tell(1, link)
    tell(2, link, at=week, parent=1)
    tell(3, link, at=week + 1, parent=1)
    settle(1, 2, 3)
    assert lineages()[1] == Line(None, 1, 0, children=2, prompt_children=1)


def test_a_press_that_is_told_late_moves_the_window(link):
    week = WINDOW // HOUR
    tell(1, link, at=0, pressed=None, clicks=1)
    tell(2, link, at=week + 1, parent=1)
    settle(1, 2)
    assert lineages()[1].prompt_children == 0
    correct(1, pressed=NOON + HOUR)
    assert settle(1) == {1: Line(None, 1, 0, children=1, prompt_children=1)}


def test_children_are_found_when_their_parent_becomes_known(link):
    for share, parent in [(4, 3), (3, 2), (2, 1), (1, None)]:
        tell(share, link, at=share, parent=parent)
        settle(share)
    assert lineages() == {
        1: Line(None, 1, 0, 1, 1),
        2: Line(1, 1, 1, 1, 1),
        3: Line(2, 1, 2, 1, 1),
        4: Line(3, 1, 3, 0, 0),
    }


def test_a_fact_that_shows_a_share_began_earlier_gives_it_its_children(link):
    tell(1, link, at=2, clicks=1)
    tell(2, link, at=1, parent=1)
    settle(1, 2)
    assert trees() == {1: None, 2: None}
    correct(1, created=NOON)
    assert settle(1) == {1: Line(None, 1, 0, 1, 1), 2: Line(1, 1, 1, 0, 0)}


def test_what_is_flagged_late_leaves_its_children_behind(link):
    for share in range(1, 5):
        tell(share, link, at=share, parent=share - 1)
    settle(1, 2, 3, 4)
    correct(2, flag=Share.Flag.FLOOD)
    settle(2)
    assert lineages() == {
        1: Line(None, 1, 0, 0, 0),
        3: Line(None, 3, 0, 1, 1),
        4: Line(3, 3, 1, 0, 0),
    }


def test_an_earlier_press_may_name_another_parent(link):
    tell(1, link)
    tell(2, link)
    tell(3, link, at=2, parent=1)
    tell(4, link, at=3, parent=3)
    settle(1, 2, 3, 4)
    correct(3, created=NOON + HOUR, pressed=NOON + HOUR, parent=2)
    assert settle(3) == {
        1: Line(None, 1, 0, 0, 0),
        2: Line(None, 2, 0, 1, 1),
        3: Line(2, 2, 1, 1, 1),
        4: Line(3, 2, 2, 0, 0),
    }


def test_what_was_passed_on_from_a_flagged_share_is_no_part_of_another_cascade(link):
    for share in range(1, 5):
        tell(share, link, at=share, parent=share - 1)
    settle(2, 3, 4)
    correct(3, flag=Share.Flag.FLOOD)
    settle(1, 3)
    assert trees() == {1: None, 2: 1, 4: None}


def test_a_share_keeps_a_child_until_it_is_settled_that_it_is_anothers(link):
    tell(1, link, pressed=None, clicks=1)
    tell(2, link)
    tell(3, link, at=3, parent=1)
    settle(1, 2, 3)
    correct(3, created=NOON + HOUR, pressed=NOON + HOUR, parent=2)
    correct(1, pressed=NOON + HOUR)
    settle(1)
    settle(3)
    assert trees() == {1: None, 2: None, 3: 2}
    assert [lineages()[share].children for share in (1, 2)] == [0, 1]


def test_facts_that_are_not_settled_yet_do_not_count(link):
    """A share is in the cascade of its own child, as far as facts tell that are settled."""
    tell(1, link, at=1)
    tell(2, link, at=2, parent=1)
    settle(1, 2)
    correct(2, created=NOON, pressed=NOON)
    correct(1, parent=2)
    settle(1)
    assert trees() == {1: 2, 2: None}
    settle(2)
    assert trees() == {1: 2, 2: None}


def test_a_very_deep_generation_is_counted_as_the_deepest(link, monkeypatch):
    monkeypatch.setattr(lineage, "DEEPEST", 2)
    for share in range(1, 6):
        tell(share, link, at=share, parent=share - 1)
    settle(3, 4, 5)
    settle(1, 2)
    assert [row.generation for _, row in sorted(lineages().items())] == [0, 1, 2, 2, 2]


def test_queries_do_not_grow_with_the_shares(link, django_assert_max_num_queries):
    for share in range(1, 200):
        tell(share, link, at=share, parent=share // 2)
    with django_assert_max_num_queries(12):
        found = resolve(range(1, 200))
    assert found[100].generation == 6


times = st.integers(0, 20)
"""Half days: more than the window."""
moments = times.map(lambda half_days: NOON + half_days * 12 * HOUR)
ids = st.integers(1, 7)
presses = st.fixed_dictionaries(
    {
        "at": moments,
        "parent": st.one_of(st.none(), ids, ids),
        "flag": st.sampled_from(["", "", "", "fast"]),
    }
)
arrivals = st.fixed_dictionaries({"at": moments, "use": st.sampled_from(["clicks", "visits"])})
traces = st.fixed_dictionaries({"at": moments})
facts = st.tuples(ids, st.one_of(presses, presses, arrivals, traces))
forests = st.lists(facts, max_size=30)


def told(share, facts):
    """Return what the row of a share says after some facts."""
    row = {"created": min(fact["at"] for fact in facts), "channel": 1}
    if told_presses := [fact for fact in facts if "parent" in fact]:
        first = min(told_presses, key=lambda press: (press["at"], str(press)))
        row |= {"pressed": first["at"], "parent": first["parent"], "flag": first["flag"]}
    for fact in facts:
        if "use" in fact:
            row[fact["use"]] = row.get(fact["use"], 0) + 1
    return row


def expected(rows, sites):
    """Return the lineages, each found by going up from share to share."""
    real = {
        share: row
        for share, row in rows.items()
        if not row.get("flag") and any(map(row.get, ("pressed", "clicks", "previews", "visits")))
    }

    def parent(share):
        claimed = real[share].get("parent")
        if claimed not in real or sites[claimed] != sites[share]:
            return None
        first = (real[claimed]["created"], claimed) < (real[share]["created"], share)
        return claimed if first else None

    def start(share):
        return real[share].get("pressed") or real[share]["created"]

    def line(share):
        return [*line(parent(share)), share] if share else []

    found = {}
    for share in real:
        children = [child for child in real if parent(child) == share]
        prompt = [child for child in children if start(child) - start(share) <= WINDOW]
        root, *rest = line(share)
        found[share] = Line(parent(share), root, len(rest), len(children), len(prompt))
    return found


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=forests, chance=st.randoms(use_true_random=False))
def test_any_order_of_facts_and_of_settling_ends_in_the_same(history, chance):
    with transaction.atomic():
        site = make_site()
        links = [make_link(site=site), make_link(site=site), make_link()]
        link_of = {share: links[(share % 5) // 2] for share in range(1, 8)}
        known: dict = {}
        waiting: set = set()
        for share, fact in history:
            known.setdefault(share, []).append(fact)
            row = told(share, known[share])
            Share.objects.update_or_create(pk=share, defaults={"link": link_of[share], **row})
            waiting.add(share)
            if chance.random() < 0.5:
                some = chance.sample(sorted(waiting), chance.randint(1, len(waiting)))
                settle(*some)
                waiting -= set(some)
        settle(*waiting)
        rows = {share: told(share, facts) for share, facts in known.items()}
        sites = {share: link.site_id for share, link in link_of.items()}
        assert lineages() == expected(rows, sites)
        transaction.set_rollback(True)


def test_an_earlier_start_that_is_settled_late_moves_the_window(link):
    first, second = SHARES[:2]
    hour = DAY // 24
    store(press(link, share=first, time=TOLD_NOON + 2 * hour))
    settling.settle()
    store(press(link, share=second, time=TOLD_NOON + 7 * DAY + hour, parent=first))
    store(press(link, share=first, time=TOLD_NOON))
    settling.settle(1)
    assert lineages()[first].prompt_children == 1
    settling.settle(1)
    assert lineages()[first].prompt_children == 0


SHARES = [share_of("whatsapp", 5_000 + number) for number in range(5)]
segments = st.lists(
    st.tuples(
        st.sampled_from(SHARES),
        st.sampled_from(["press", "press", "click", "preview"]),
        times,
        st.sampled_from([0, *SHARES]),
    ),
    max_size=25,
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=segments, chance=st.randoms(use_true_random=False))
def test_segments_that_are_settled_late_end_in_the_same(history, chance):
    with transaction.atomic():
        link = make_link()
        for share, kind, half_days, parent in history:
            by = {"time": TOLD_NOON + half_days * DAY // 2, "share": share}
            by |= {"agent": WHATSAPP} if kind == "preview" else {}
            store(press(link, parent=parent, **by) if kind == "press" else hit(link, **by))
            if chance.random() < 0.4:
                settling.settle(chance.randint(1, 3))
        while settling.settle(chance.randint(1, 3)):
            pass
        names = ("created", "pressed", "parent", "flag", "clicks", "previews")
        rows = {row.pop("pk"): row for row in Share.objects.values("pk", *names)}
        assert lineages() == expected(rows, dict.fromkeys(SHARES, link.site_id))
        transaction.set_rollback(True)
