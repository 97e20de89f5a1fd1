"""What was to be expected of an hour, and how unlikely a count is: tables and properties."""

import math
import random
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.alerts.past import (
    DAY,
    LEAST,
    WEEK,
    Expected,
    expected,
    hour_number,
    sensitivity,
    tail,
    usual,
)
from analytics.alerts.rules import FEWEST, RULES, Measure, Sensitivity

NOW = hour_number(date(2026, 3, 5), 12)
LONG_AGO = NOW - 10 * WEEK
CLICKS, K = Measure.CLICKS, Measure.K


def steady(number, hours=8 * WEEK + 2, now=NOW):
    return dict.fromkeys(range(now - hours, now), number)


def poisson(count, mean):
    """Return the tail of a Poisson distribution by its definition."""
    return 1 - math.fsum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(count))


@pytest.mark.parametrize(("count", "mean"), [(1, 0.5), (5, 2.0), (12, 6.0), (3, 2.9)])
def test_without_more_variance_the_tail_is_that_of_poisson(count, mean):
    assert tail(count, mean, mean) == pytest.approx(poisson(count, mean), rel=1e-9)


def test_with_a_size_of_one_the_tail_is_geometric():
    # Mean 3, variance 12: a negative binomial of size 1, so each term is 3/4 of the last.
    assert tail(20, 3, 12) == pytest.approx(0.75**20, rel=1e-9)


@given(st.integers(1, 10_000), st.floats(0.5, 500), st.floats(1, 50))
def test_more_is_less_likely_and_variance_makes_it_likelier(count, mean, spread):
    assume(count > mean)
    likely = tail(count, mean, mean * spread)
    assert 0 <= tail(count + 1, mean, mean * spread) <= likely <= 1
    # Far out. Near the mean a wider distribution may have less above it.
    if count > mean + 5 * math.sqrt(mean * spread):
        assert tail(count, mean, mean) <= likely * (1 + 1e-9)


def test_a_steady_past_is_expected_to_go_on():
    assert expected(steady(20), NOW, LONG_AGO) == Expected(20, 20, 20)
    assert expected({}, NOW, LONG_AGO) == Expected(LEAST, LEAST, 0)


@pytest.mark.parametrize(("hours", "is_enough"), [(FEWEST - 1, False), (FEWEST, True)])
def test_without_a_past_nothing_is_expected(hours, is_enough):
    assert bool(expected({}, NOW, NOW - hours)) is is_enough


def test_the_same_hour_of_the_week_is_expected_again():
    """Every Thursday noon a newsletter."""
    weekly = {NOW - week * WEEK: 400 for week in range(1, 9)}
    beside = {hour + off: 380 for hour in weekly for off in (-1, 1)}
    found = expected(weekly | beside, NOW, LONG_AGO)
    assert found is not None
    assert found.mean >= 380
    assert sensitivity(CLICKS, 420, found) is Sensitivity.OFF


def test_a_level_that_has_held_for_a_day_is_no_rise_any_more():
    risen = steady(5) | steady(100, hours=DAY)
    found = expected(risen, NOW, LONG_AGO)
    assert found is not None
    assert found.mean == 100


def test_nights_are_compared_with_nights():
    clicks = {hour: 2 if hour % DAY < 6 else 60 for hour in range(NOW - 8 * WEEK, NOW)}
    night = hour_number(date(2026, 3, 5), 3)
    by_night = {hour: number for hour, number in clicks.items() if hour < night}
    found = expected(by_night, night, LONG_AGO)
    assert found is not None
    # The evening before was as busy, so a night as busy as a day is no rise either.
    assert sensitivity(CLICKS, 60, found) is Sensitivity.OFF


def test_single_bursts_are_not_told_of_again_and_again():
    """Most hours are empty, one in twelve has fifteen clicks: so it has always been."""
    bursts = {hour: 15 for hour in range(NOW - 8 * WEEK, NOW) if hour % 12 == 5}
    found = expected(bursts, NOW, LONG_AGO)
    assert found is not None
    assert sensitivity(CLICKS, 15, found) is Sensitivity.OFF
    assert sensitivity(CLICKS, 16, found) is Sensitivity.EAGER


@given(st.integers(0, 200), st.data())
def test_a_few_great_hours_of_the_past_hide_nothing(level, data):
    """Six hours of any height change nothing: less than half of every sample."""
    clicks = steady(level)
    great = data.draw(
        st.dictionaries(st.integers(NOW - 8 * WEEK, NOW - 1), st.integers(0, 10**6), max_size=6)
    )
    before = expected(clicks, NOW, LONG_AGO)
    after = expected(clicks | great, NOW, LONG_AGO)
    assert before is not None
    assert after is not None
    assert after.mean == before.mean
    assert after.peak == before.peak


@given(
    st.integers(0, 3000),
    st.floats(0.5, 300),
    st.floats(1, 30),
    st.floats(0, 300),
    st.sampled_from(Measure),
)
def test_who_is_told_is_told_of_more_as_well(count, mean, spread, peak, measure):
    to_be = Expected(mean, mean * spread, peak)
    told, of_more = (sensitivity(measure, number, to_be) for number in (count, count + 1))
    if told:
        assert count >= RULES[-1].minimum[measure]
        assert count > peak
        assert of_more
        assert of_more <= told


def test_the_rules_are_nested():
    for stricter, looser in pairwise(RULES):
        assert stricter.sensitivity < looser.sensitivity
        assert stricter.times > looser.times
        assert stricter.odds < looser.odds
        assert all(stricter.minimum[m] > looser.minimum[m] for m in Measure)


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (9, Sensitivity.OFF),
        (14, Sensitivity.EAGER),
        (29, Sensitivity.EAGER),
        (30, Sensitivity.NORMAL),
        (99, Sensitivity.NORMAL),
        (100, Sensitivity.QUIET),
    ],
)
def test_who_is_told_of_a_link_with_two_clicks_an_hour(count, told):
    assert sensitivity(CLICKS, count, Expected(2, 2, 4)) is told


def draw(random_, mean, size):
    """Return a number of a negative binomial distribution: Poisson, of a mean that varies."""
    rate = random_.gammavariate(size, mean / size)
    # Knuth's way: rates are small.
    limit, product, number = math.exp(-rate), random_.random(), 0
    while product > limit:
        product *= random_.random()
        number += 1
    return number


def lived(random_, level, size):
    """Return nine weeks of a link that varies by the hour, the day, and chance."""

    def mean(hour):
        day = 0.15 + (1 + math.sin((hour % DAY - 9) / DAY * 2 * math.pi)) / 2
        return level * day * (0.6 if hour // DAY % 7 >= 5 else 1)

    return {hour: draw(random_, mean(hour), size) for hour in range(NOW - 9 * WEEK, NOW)}


def test_what_only_varies_is_hardly_ever_told_of_and_what_rises_nearly_always():
    random_ = random.Random(5)
    told = dict.fromkeys(Sensitivity, 0)
    looked = missed = 0
    for level in (2, 8, 20, 60):
        clicks = lived(random_, level, size=4)
        for hour in range(NOW - WEEK, NOW):
            past = {earlier: n for earlier, n in clicks.items() if earlier < hour}
            to_be = expected(past, hour, LONG_AGO)
            assert to_be is not None
            told[sensitivity(CLICKS, clicks[hour], to_be)] += 1
            looked += 1
            risen = max(30, 12 * int(to_be.mean), 3 * int(to_be.peak))
            missed += sensitivity(CLICKS, risen, to_be) not in (1, 2)
    assert looked == 4 * WEEK
    assert told[Sensitivity.QUIET] == told[Sensitivity.NORMAL] == 0
    assert told[Sensitivity.EAGER] <= 2
    assert missed <= looked // 20


def test_the_usual_line_is_the_median_of_the_same_time_of_day():
    assert usual(steady(7), NOW, LONG_AGO) == 7
    assert usual({}, NOW, NOW) is None
