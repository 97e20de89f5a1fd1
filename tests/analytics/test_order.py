"""Facts may come in any order and in any segments: what they add up to is the same."""

from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import agents, outcomes, pace
from analytics.books import COUNTS
from analytics.models import (
    Cascade,
    Conversion,
    DailyAudience,
    DailyContent,
    DailyDelay,
    DailyForward,
    DailyOutcome,
    DailySiteAudience,
    DailySiteDelay,
    DailySiteOutcome,
    Outcome,
    Share,
    Visit,
)
from analytics.settle import settle
from tests.analytics.counts import DAY, NOON, ledger
from tests.factories import make_link
from tests.facts import PERSON, cancel, conversion, hit, offer, press, share_of, store, visit

pytestmark = pytest.mark.django_db

MIDNIGHT = NOON + DAY // 2
IN_LINE = f"{PERSON} Line/15.0.0"
AGENTS = st.sampled_from([*[None] * 5, "Googlebot/2.1"])
SENDERS = st.sampled_from(
    ["WhatsApp/2", "WhatsApp/2.24.7.75 i", "TelegramBot (like TwitterBot)", PERSON, IN_LINE]
)
SETTLED = {
    Outcome: ("root",),
    Cascade: ("size",),
    DailyOutcome: outcomes.COUNTS,
    DailySiteOutcome: outcomes.COUNTS,
    DailyDelay: ("number",),
    DailySiteDelay: ("number",),
    DailyForward: ("shares",),
    DailyAudience: ("clicks",),
    DailySiteAudience: ("clicks",),
}
"""Tables, and those of their columns that are worth nothing where they are zero."""
TRACES = (
    "created",
    "previews",
    "first_preview",
    "clicks",
    "first_click",
    "last_click",
    "visits",
    "conversions",
    "observed",
    "evidence",
    "certainty",
    "observed_at",
    "seen",
)
"""What is known of a share whatever became of its press."""
times = st.integers(-2 * pace.SLOT, 2 * pace.SLOT - 1)
"""Milliseconds around midnight: two days, and two slots on each."""
shares = st.sampled_from([share_of("whatsapp"), share_of("copy"), share_of("addressbar")])
navigations = st.sampled_from(["navigate", "navigate", "prerender", "reload", "back_forward"])


def presses(time, number):
    """One of six shares of the time's slot, so that what is told twice is of one slot."""
    slot = (MIDNIGHT + time) // pace.SLOT
    share = share_of("whatsapp", 5_000 + slot % 1_000 * 10 + number)
    visitor = [None, 1, 2][number % 3]
    parent = share - 64 if number else share_of("copy")
    return press, {
        "share": share,
        "visitor": visitor,
        "placement": f"at {time}",
        "parent": parent,
    }


def conversions(number):
    """One of three visits, each with a share and a day of its own."""
    share = [0, share_of("whatsapp"), share_of("addressbar")][number]
    return conversion, {"visit": f"visit {number}", "share": share, "time": MIDNIGHT + number}


facts = st.one_of(
    st.builds(presses, times, st.integers(0, 5)),
    st.builds(conversions, st.integers(0, 2)),
    st.tuples(
        st.just(visit),
        st.fixed_dictionaries(
            {
                "share": st.one_of(st.just(0), shares),
                "parent": st.sampled_from([0, share_of("copy")]),
                "navigation": navigations,
                "automated": st.booleans(),
                "referrer": st.sampled_from(["", "news.example"]),
            }
        ),
    ),
    st.tuples(
        st.just(hit),
        st.fixed_dictionaries(
            {
                "share": shares,
                "visitor": st.none(),
                "agent": SENDERS,
                "referrer": st.sampled_from(["", "", "web.telegram.org"]),
            }
        ),
    ),
    st.tuples(st.just(cancel), st.fixed_dictionaries({"share": shares})),
    st.tuples(st.just(offer), st.just({})),
)
histories = st.lists(st.tuples(times, facts, AGENTS), max_size=40, unique_by=lambda row: row[0])


def told(link, history):
    """Return the facts of a history. Each has a moment of its own, as far as that matters."""
    for time, (make, values), agent in history:
        by = {"agent": agent} if agent and make is not offer else {}
        if make is press:
            # Within the slot for which the share stands.
            values = values | {"time": MIDNIGHT + int(values["placement"][3:])}
        yield make(link, **{"time": MIDNIGHT + time, **values, **by})


def split(chance, items):
    """Return the items in pieces of random sizes."""
    while items:
        size = chance.randint(1, len(items))
        yield items[:size]
        items = items[size:]


def outcome(link) -> dict[str, Any]:
    """Return all that was stored, but for which press of a burst was flagged."""
    rows = Share.objects.values_list("pk", "link", "pressed", "parent", "placement", "flag")
    paced = ("fast", "flood")
    return {
        "shares": {(*row, "" if flag in paced else flag) for *row, flag in rows},
        "traces": set(Share.objects.values_list("pk", *TRACES)),
        "flags": Counter(flag for *_, flag in rows),
        "rollups": {
            (row.day, row.channel, name): getattr(row, name)
            for row in DailyContent.objects.filter(link=link)
            for name in COUNTS
            if getattr(row, name)
        },
        "visits": Counter(Visit.objects.values_list("at", "share", "navigation", "automated")),
        "conversions": set(Conversion.objects.values_list("visit", "name", "share", "day")),
        "ledger": ledger(),
    }


def settled() -> dict[str, Any]:
    """Return what shares came to, and all that adds up to, without zeros."""
    return {
        model.__name__: {row for row in rows(model) if any(row[-len(sums) :])}
        for model, sums in SETTLED.items()
    }


def rows(model):
    sums = SETTLED[model]
    names = [field.attname for field in model._meta.concrete_fields]
    return model.objects.values_list(*[n for n in names if n not in sums], *sums)


def outcome_of(link, *segments, settled_after=()):
    """Store the segments, settle after some of them and at the end, look at what has come of
    them, and take it all back."""
    with transaction.atomic():
        for number, segment in enumerate(segments):
            store(*segment)
            if number in settled_after:
                settle()
        while settle():
            pass
        found = outcome(link), settled()
        transaction.set_rollback(True)
    agents.forget()
    return found


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories, chance=st.randoms(use_true_random=False))
@pytest.mark.parametrize(("fast", "flood"), [(10, 100), (1, 3)], ids=["calm", "bursts"])
def test_any_order_and_any_segments_end_in_the_same(monkeypatch, fast, flood, history, chance):
    monkeypatch.setattr(pace, "FAST", fast)
    monkeypatch.setattr(pace, "FLOOD", flood)
    pace.limits.forget()
    link = make_link()
    expected = list(told(link, history))
    shuffled = list(split(chance, chance.sample(expected, len(expected))))
    settled_after = {n for n in range(len(shuffled)) if chance.random() < 0.5}
    found, came_to = outcome_of(link, *shuffled, settled_after=settled_after)
    found_before, came_to_before = outcome_of(link, expected)
    assert found == found_before
    # Of a burst, others may be the ones that are flagged.
    assert fast < 10 or came_to == came_to_before
