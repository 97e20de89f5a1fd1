"""How sure a figure is: intervals of 95 %, and quantiles of what was kept in buckets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
"""Standard deviations to either side that hold ``CONFIDENCE`` of a normal distribution."""


class Estimate(NamedTuple):
    """A figure, and between what it lies with ``CONFIDENCE``."""

    value: float
    low: float
    high: float


class Likeness(NamedTuple):
    """Sums over links, of the children and the shares of each."""

    links: int
    children_squared: float
    children_by_shares: float
    shares_squared: float


def k_factor(
    shares: int, children: int, children_squared: int, likeness: Likeness | None = None
) -> Estimate | None:
    """Return how many shares come of one share; None where there is no share.

    ``children_squared`` is the sum of the squares of each share's number of children. The
    interval is the score interval of a Poisson mean: all K that solve
    (k - K)^2 <= z^2 phi K / n. It is never below 0 and holds for few shares, where k +- z s
    does neither. Few shares have most of the children, so the variance is phi times that of
    a Poisson distribution, estimated as variance / mean (quasi-Poisson: McCullagh and
    Nelder, Generalized Linear Models, 1989, section 9.2), and never taken to be less.

    Shares of one link are alike: some content is passed on, some is not. Where ``likeness``
    tells how links differ, and they differ more than their shares do by themselves, phi is
    that of the links: the variance of a ratio of sums over clusters (Cochran, Sampling
    Techniques, 3rd edition 1977, section 6.3).
    """
    if not shares:
        return None
    k = children / shares
    phi = dispersion(shares, children, children_squared)
    if likeness:
        phi = max(phi, dispersion_of_links(shares, k, likeness))
    margin = Z * Z * phi / shares
    high = k + margin / 2 + math.sqrt(k * margin + margin * margin / 4)
    # The product of the two solutions is k^2.
    return Estimate(k, k * k / high, high)


def dispersion(number: int, total: int, total_squared: int) -> float:
    """Return the variance of counts over their mean, from their sums; at least 1."""
    if number < 2 or not total:
        return 1.0
    variance = (total_squared - total * total / number) / (number - 1)
    return max(1.0, variance * number / total)


def dispersion_of_links(shares: int, k: float, of: Likeness) -> float:
    """Return the variance of K over that of a Poisson mean, by how far links are off K."""
    if of.links < 2 or not k:
        return 1.0
    off = of.children_squared - 2 * k * of.children_by_shares + k * k * of.shares_squared
    return off * of.links / (of.links - 1) / (shares * k)


def amplification(k: float) -> float | None:
    """Return how many shares one seed leads to in the end, itself included.

    1 + K + K^2 + ... = 1 / (1 - K). None where it has no end: K of 1 or above.
    """
    return 1 / (1 - k) if k < 1 else None


def wilson(successes: int, trials: int) -> Estimate | None:
    """Return a proportion; None where nothing was tried.

    The score interval of Wilson, Journal of the American Statistical Association 22 (1927),
    209-212: within 0 and 1, also for few trials and for none or all of them.
    """
    if not trials:
        return None
    share = successes / trials
    margin = Z * Z / trials
    center = share + margin / 2
    reach = math.sqrt(share * (1 - share) * margin + margin * margin / 4)
    low, high = (center - reach) / (1 + margin), (center + reach) / (1 + margin)
    # Rounding may leave the one below 0 or the other above 1.
    return Estimate(share, max(0.0, low), min(1.0, high))


def quantile(
    histogram: Mapping[int, int], q: float, bounds: Callable[[int], tuple[float, float]]
) -> float | None:
    """Return below what a part ``q`` (0 to 1) of the delays lies; None where there are none.

    ``histogram`` has the number of delays in each bucket, and ``bounds`` tells from where to
    where one reaches (``analytics.outcomes.bounds``, in seconds). Buckets grow by a factor,
    so within one delays are taken to be spread evenly over the factor; within the first,
    which begins at 0, evenly over the seconds.
    """
    rank = q * sum(histogram.values())
    below = 0
    for bucket, number in sorted(histogram.items()):
        if number and below + number >= rank:
            low, high = bounds(bucket)
            part = (rank - below) / number
            return low * (high / low) ** part if low else high * part
        below += number
    return None
