"""How much was to be expected, and how unlikely something is.

An hour is compared with the link's own past: with the same hour of the week, with the same time
of day, and with the day before. Each is summed up by its median, which no single great day can
move, and the highest of them is what was to be expected. How far hours are off is told by the
median absolute deviation, for the same reason (Rousseeuw and Croux, Alternatives to the Median
Absolute Deviation, Journal of the American Statistical Association 88 (1993), 1273-1283).

How unlikely a count is then, is the tail of a negative binomial distribution with this mean and
variance: clicks come in bursts, so they vary more than a Poisson distribution would have it
(Hilbe, Negative Binomial Regression, 2nd edition 2011). It is never taken to vary less.

Hours are numbered: day.toordinal() * 24 + hour, in the site's time zone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median

from analytics.alerts.rules import (
    BESIDE,
    DAYS,
    FEWEST,
    PEAK,
    RULES,
    WEEKS,
    Measure,
    Sensitivity,
)

DAY = 24
WEEK = 7 * DAY
NORMAL = 1.4826
"""Median absolute deviations to a standard deviation, where numbers are normal."""
LEAST = 0.5
"""Expected of an hour in which nothing ever happened."""
TERMS = 10_000
"""Of a tail that are added up; what is beyond is bounded."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What was to be expected of a count."""

    mean: float
    variance: float
    peak: float = 0.0
    """What the count must be above in any case."""


def hour_number(day: date, hour: int) -> int:
    """Return the number of an hour; ``hour`` may be one of the week or of the day."""
    return day.toordinal() * DAY + hour % DAY


def expected(clicks: Mapping[int, int], hour: int, born: int) -> Expected | None:
    """Return what was to be expected of an hour of a link; None where there is too little past.

    ``clicks`` are those of earlier hours, where there were any; ``born`` is the first hour in
    which there can have been some.
    """
    lately = _known(clicks, range(hour - DAY, hour), born)
    if len(lately) < FEWEST:
        return None
    samples = [
        known
        for hours in (_same_hours_of_week(hour), _same_hours_of_day(hour))
        if len(known := _known(clicks, hours, born)) >= FEWEST
    ]
    mean = max(LEAST, *(median(sample) for sample in (lately, *samples)))
    # A day's hours differ as day and night do, so those of one time say how much chance does.
    spread = _spread(samples or [lately])
    days = sorted(_known(clicks, range(hour - DAYS * DAY, hour), born))
    peak = days[math.ceil(PEAK * len(days)) - 1]
    return Expected(mean, mean * max(1.0, spread), peak)


def usual(clicks: Mapping[int, int], hour: int, born: int) -> float | None:
    """Return the median of the same time of day in the days before; None without a past."""
    known = _known(clicks, _same_hours_of_day(hour), born)
    return median(known) if known else None


def sensitivity(measure: Measure, count: int, to_be: Expected) -> Sensitivity:
    """Return the least sensitivity that is told of a count; ``OFF`` where nobody is."""
    if count <= to_be.peak:
        return Sensitivity.OFF
    odds = tail(count, to_be.mean, to_be.variance)
    for rule in RULES:
        if (
            count >= rule.minimum[measure]
            and count >= rule.times * to_be.mean
            and odds <= rule.odds
        ):
            return rule.sensitivity
    return Sensitivity.OFF


def tail(count: int, mean: float, variance: float) -> float:
    """Return how likely ``count`` or more are, of a mean and variance; at most too high.

    Terms of the negative binomial distribution are added up from ``count`` on, each from the
    one before; with a variance no greater than the mean, of the Poisson distribution.
    """
    if count <= mean:
        return 1.0
    if variance <= mean * (1 + 1e-9):
        log = count * math.log(mean) - mean - math.lgamma(count + 1)
        size, rest = math.inf, 0.0
    else:
        size = mean * mean / (variance - mean)
        rest = 1 - mean / variance
        log = (
            math.lgamma(count + size)
            - math.lgamma(size)
            - math.lgamma(count + 1)
            + size * math.log(mean / variance)
            + count * math.log(rest)
        )
    term = math.exp(log)
    total = 0.0
    number = count
    for number in range(count, count + TERMS):
        total += term
        if term <= total * 1e-15:
            return min(1.0, total)
        term *= _ratio(number, mean, size, rest)
    # Ratios go on falling, or rising towards ``rest``: a geometric series is never less.
    ratio = max(rest, _ratio(number, mean, size, rest))
    return min(1.0, total + term / (1 - ratio))


def _ratio(number: int, mean: float, size: float, rest: float) -> float:
    """Return what the next term is of one."""
    if math.isinf(size):
        return mean / (number + 1)
    return (number + size) / (number + 1) * rest


def _same_hours_of_week(hour: int) -> list[int]:
    weeks = range(1, WEEKS + 1)
    return [hour - week * WEEK + beside for week in weeks for beside in _beside()]


def _same_hours_of_day(hour: int) -> list[int]:
    days = range(1, DAYS + 1)
    return [hour - day * DAY + beside for day in days for beside in _beside()]


def _beside() -> range:
    return range(-BESIDE, BESIDE + 1)


def _known(clicks: Mapping[int, int], hours: Iterable[int], born: int) -> list[int]:
    return [clicks.get(hour, 0) for hour in hours if hour >= born]


def _spread(samples: Sequence[Sequence[int]]) -> float:
    """Return the variance of some hours over their mean: 1 is a Poisson distribution's."""
    middles = [median(sample) for sample in samples]
    off = [
        abs(number - middle)
        for sample, middle in zip(samples, middles, strict=True)
        for number in sample
    ]
    return (NORMAL * median(off)) ** 2 / max(LEAST, fmean(middles))
