"""What a share adds to the rollups of outcomes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.models import Delays
from analytics.outcomes import COUNTS, EDGES, MAX_GENERATION, State, bounds, bucket, contributions
from shortener.channels import BY_NAME
from tests.facts import share_of

SHARE = share_of("copy")
COPY, WHATSAPP, TELEGRAM = (BY_NAME[name].number for name in ("copy", "whatsapp", "telegram"))


def state(**values):
    start = datetime(2026, 3, 5, 12, tzinfo=UTC)
    sums = {"pasted": None, "opened": None, "clicks": 0, "visits": 0, "conversions": 0}
    lineage = {"parent": None, "root": SHARE, "generation": 0, "children": 0}
    press = {"placement": "", "observed": 0, "seen": 0, "pressed": True, "prompt_children": 0}
    defaults = {"share": SHARE, "link": 7, "channel": COPY, "start": start, "day": "2026-03-05"}
    return State(**{**defaults, **press, **sums, **lineage, **values})


def counts(**values):
    found = dict(zip(COUNTS, contributions(state(**values)).counts, strict=True))
    return {name: count for name, count in found.items() if count}


@pytest.mark.parametrize(
    ("values", "added"),
    [
        ({}, {"pressed": 1}),
        ({"pressed": False, "opened": 0, "clicks": 3}, {"opened": 1, "clicks": 3}),
        ({"pasted": 0}, {"pressed": 1, "pasted": 1}),
        ({"visits": 2}, {"pressed": 1, "visits": 2}),
        ({"conversions": 2}, {"pressed": 1, "converted": 1, "conversions": 2}),
        (
            {"children": 4, "prompt_children": 3},
            {
                "pressed": 1,
                "passed_on": 1,
                "children": 4,
                "prompt_children": 3,
                "prompt_children_squared": 9,
            },
        ),
    ],
)
def test_one_share_adds_what_it_came_to(values, added):
    assert counts(**values) == {"shares": 1, **added}


def test_it_adds_to_the_day_channel_place_and_generation_of_the_share():
    cell = contributions(state(observed=TELEGRAM, placement="top", generation=3)).cell
    assert cell == (7, "2026-03-05", COPY, TELEGRAM, "top", 3)


def test_late_generations_are_one():
    assert contributions(state(generation=90)).cell.generation == MAX_GENERATION


def test_delays_since_an_unknown_press_are_those_of_clicks_only():
    delays = contributions(state(pressed=False, pasted=0, opened=60)).delays
    assert [(measure, n) for *_, measure, n in delays] == [(Delays.Measure.OPEN, bucket(60))]
    assert len(contributions(state(pasted=3, opened=60)).delays) == 2


def test_a_share_seen_elsewhere_was_forwarded():
    seen = 1 << WHATSAPP | 1 << TELEGRAM
    forwards = contributions(state(observed=WHATSAPP, seen=seen)).forwards
    assert forwards == (("2026-03-05", 7, WHATSAPP, TELEGRAM),)


@given(st.floats(0, 2 * EDGES[-1], exclude_max=True))
def test_a_bucket_holds_what_falls_into_it(seconds):
    low, high = bounds(bucket(seconds))
    assert low <= seconds < high


@pytest.mark.parametrize(("seconds", "number"), [(0, 0), (0.9, 0), (1, 1), (2, 3), (60, 12)])
def test_two_buckets_double_the_time(seconds, number):
    assert bucket(seconds) == number
