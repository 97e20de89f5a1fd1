"""Intervals hold what they promise, and never say what cannot be."""

import math
from collections import Counter
from itertools import accumulate
from random import Random
from statistics import quantiles

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analytics.intervals import Estimate, Likeness, amplification, k_factor, quantile, wilson

RUNS = 400


def poisson(number, mean):
    return math.exp(-mean) * mean**number / math.factorial(number)


def geometric(number, mean):
    return (mean / (1 + mean)) ** number / (1 + mean)


def bounds(bucket):
    return (2 ** ((bucket - 1) / 2) if bucket else 0.0), 2 ** (bucket / 2)


def bucket_of(seconds):
    return next(n for n in range(100) if seconds < bounds(n)[1])


@pytest.mark.parametrize("offspring", [poisson, geometric])
@pytest.mark.parametrize("shares", [50, 500, 5_000])
@pytest.mark.parametrize("mean", [0.1, 0.8])
def test_the_interval_of_k_holds_it_as_often_as_it_says(offspring, shares, mean):
    chance = Random(f"{offspring.__name__} {shares} {mean}")
    numbers = range(60)
    chances = list(accumulate(offspring(number, mean) for number in numbers))
    held = 0
    for _ in range(RUNS):
        children = chance.choices(numbers, cum_weights=chances, k=shares)
        found = k_factor(shares, sum(children), sum(n * n for n in children))
        assert found
        held += found.low <= mean <= found.high
    assert 0.92 <= held / RUNS <= 0.99


@pytest.mark.parametrize(
    ("shares", "children", "squares", "expected"),
    [
        (10, 0, 0, (0, 0, 0.384)),
        (1, 3, 9, (3, 1.020, 8.821)),
        (100, 20, 20, (0.2, 0.129, 0.309)),
        # All of one share's making.
        (100, 20, 400, (0.2, 0.035, 1.133)),
    ],
)
def test_k_of_few_shares(shares, children, squares, expected):
    assert k_factor(shares, children, squares) == pytest.approx(expected, abs=0.001)


def test_without_a_share_there_is_no_k():
    assert k_factor(0, 0, 0) is None


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=50))
def test_k_lies_within_its_interval_and_that_not_below_0(children):
    found = k_factor(len(children), sum(children), sum(n * n for n in children))
    assert found
    assert found.value == sum(children) / len(children)
    assert 0 <= found.low <= found.value <= found.high
    assert found.low < found.high


@pytest.mark.parametrize(
    ("successes", "trials", "expected"),
    [
        (0, 10, (0, 0, 0.2775)),
        (10, 10, (1, 0.7225, 1)),
        (5, 10, (0.5, 0.2366, 0.7634)),
        (81, 263, (0.30798, 0.25527, 0.36621)),
    ],
)
def test_proportions(successes, trials, expected):
    assert wilson(successes, trials) == pytest.approx(expected, abs=0.0001)


def test_without_a_trial_there_is_no_proportion():
    assert wilson(0, 0) is None


@given(st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@example((0, 7))
@example((7, 7))
def test_a_proportion_lies_within_its_interval_and_that_within_0_and_1(counts):
    found = wilson(*counts)
    assert isinstance(found, Estimate)
    assert 0 <= found.low <= found.high <= 1
    assert found.low <= found.value + 1e-12
    assert found.value <= found.high + 1e-12


@pytest.mark.parametrize(("k", "expected"), [(0, 1), (0.5, 2), (0.9, 10), (1, None), (1.2, None)])
def test_what_a_seed_leads_to(k, expected):
    assert amplification(k) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("histogram", "q", "expected"),
    [
        ({}, 0.5, None),
        ({3: 0}, 0.5, None),
        ({0: 10}, 0.5, 0.5),
        ({2: 10}, 0.5, 2**0.75),
        ({2: 10}, 1, 2),
        ({2: 10}, 0, 2**0.5),
        ({2: 5, 20: 5}, 0.5, 2),
        ({2: 5, 20: 5}, 0.75, 2**9.75),
        ({20: 5, 7: 0, 2: 5}, 0.75, 2**9.75),
    ],
)
def test_a_quantile_of_buckets(histogram, q, expected):
    found = quantile(histogram, q, bounds)
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("percent", [10, 25, 50, 75, 90])
def test_a_quantile_of_buckets_is_near_that_of_the_delays(percent):
    chance = Random(percent)
    delays = [chance.lognormvariate(6, 2) for _ in range(5_000)]
    found = quantile(Counter(map(bucket_of, delays)), percent / 100, bounds)
    assert found == pytest.approx(quantiles(delays, n=100)[percent - 1], rel=0.05)


@given(
    st.dictionaries(st.integers(0, 60), st.integers(1, 1_000), min_size=1),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_larger_part_takes_no_less_time(histogram, one, other):
    low, high = (quantile(histogram, q, bounds) or 0 for q in sorted((one, other)))
    assert bounds(min(histogram))[0] <= low <= high * (1 + 1e-12)
    assert high <= bounds(max(histogram))[1]


def test_links_that_differ_widen_the_interval_of_k():
    """Ten links of a hundred shares: all of K 0.5, or half of them of 0.9 and half of 0.1."""
    alike = Likeness(10, 10 * 50**2, 10 * 50 * 100, 10 * 100**2)
    apart = Likeness(10, 5 * (90**2 + 10**2), 5 * (90 + 10) * 100, 10 * 100**2)
    plain = k_factor(1_000, 500, 500)
    assert plain == k_factor(1_000, 500, 500, alike)
    wide = k_factor(1_000, 500, 500, apart)
    assert plain
    assert wide
    assert wide.value == plain.value == 0.5
    # The mean of ten values with a standard deviation of 0.42.
    assert wide.high - wide.low == pytest.approx(2 * 1.96 * 0.4216 / math.sqrt(10), rel=0.05)


def test_one_link_says_nothing_of_how_links_differ():
    assert k_factor(100, 50, 50, Likeness(1, 50**2, 5_000, 100**2)) == k_factor(100, 50, 50)
