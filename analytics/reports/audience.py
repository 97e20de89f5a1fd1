"""Audience: what is known of who clicked, and at what hours.

Whoever clicked is known by the click alone, so values with few clicks are told together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Sum

from analytics.models import Audience
from analytics.reports.question import Question
from analytics.reports.rollups import add_up, audience, counts, sums
from analytics.reports.small import FEW, OTHER, UNKNOWN

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = 24


@dataclass(frozen=True, slots=True)
class AudienceRow:
    """Clicks of one country, device, system, browser, language or referrer."""

    value: str
    clicks: int
    percent: float
    """Of all clicks."""


@dataclass(frozen=True, slots=True)
class HourRow:
    """Clicks of one hour of the week."""

    weekday: str
    hour: int
    """0 is from midnight to one, in the site's time zone."""
    clicks: int


@dataclass(frozen=True, slots=True)
class Hours:
    few: int
    """Clicks in hours that have so few that they are not shown."""
    rows: tuple[HourRow, ...]


def countries(question: Question) -> tuple[AudienceRow, ...]:
    return _values(question, Audience.Dimension.COUNTRY)


def devices(question: Question) -> tuple[AudienceRow, ...]:
    return _values(question, Audience.Dimension.DEVICE)


def systems(question: Question) -> tuple[AudienceRow, ...]:
    return _values(question, Audience.Dimension.SYSTEM)


def browsers(question: Question) -> tuple[AudienceRow, ...]:
    return _values(question, Audience.Dimension.BROWSER)


def languages(question: Question) -> tuple[AudienceRow, ...]:
    return _values(question, Audience.Dimension.LANGUAGE)


def referrers(question: Question) -> tuple[AudienceRow, ...]:
    return _values(question, Audience.Dimension.REFERRER)


def hours(question: Question) -> Hours:
    """Return the hours of the week, Monday's first."""
    clicks = Counter[int]()
    for hour, number in add_up(audience(question, Audience.Dimension.HOUR), ["value"], ["clicks"]):
        clicks[int(hour)] += number
    few = {hour for hour, number in clicks.items() if 0 < number < _least(question)}
    return Hours(
        sum(clicks[hour] for hour in few),
        tuple(
            HourRow(WEEKDAYS[hour // HOURS], hour % HOURS, clicks[hour])
            for hour in range(len(WEEKDAYS) * HOURS)
            if hour not in few
        ),
    )


def _values(question: Question, dimension: Audience.Dimension) -> tuple[AudienceRow, ...]:
    """Return the most frequent values, then all others together, then what is not known."""
    rows = audience(question, dimension)
    shown = (
        rows.order_by()
        .values_list("value")
        .annotate(**sums(["clicks"]))
        .filter(sum_clicks__gte=_least(question))
        .order_by("-sum_clicks", "value")[question.part]
    )
    found = Counter[str](dict(shown))
    known = rows.aggregate(known=Sum("clicks"))["known"] or 0
    # Asked for last: clicks are counted a moment before it is known who made them.
    clicks = counts(question).aggregate(clicks=Sum("clicks"))["clicks"] or 0
    others = {OTHER: known - found.total(), UNKNOWN: clicks - known}
    found.update({value: number for value, number in others.items() if number > 0})
    return tuple(
        AudienceRow(value, number, 100 * number / clicks) for value, number in found.items()
    )


def _least(question: Question) -> int:
    return 1 if question.in_full else FEW
