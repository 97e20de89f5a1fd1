"""Links whose K is far above their past: of their latest shares more shares came than ever.

The latest shares can still be passed on, so what came of them so far is less than it will be,
while those of the past had all of their time: nothing looks more than it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, F, QuerySet, Sum

from analytics import tables
from analytics.alerts import course
from analytics.alerts.findings import Finding, Wholes
from analytics.alerts.past import DAY, Expected, sensitivity
from analytics.alerts.rules import (
    FEWEST_SHARES,
    FRESH,
    MOST_SPREAD,
    RULES,
    WEEKS,
    Measure,
)
from analytics.intervals import dispersion
from analytics.lineage import WINDOW
from analytics.models import DailyOutcome, DailySiteOutcome, Outcome
from shortener.labelled import LabelledShare
from shortener.models import Site

LEAST = RULES[-1].minimum[Measure.K]
"""Shares that came of others, with which a link is looked at."""
COLUMNS = ("shares", "prompt_children", "prompt_children_squared")


Rows = QuerySet[Any, Any]


class Sums(NamedTuple):
    """Of shares: how many, how many came of them within the window, and the squares of these."""

    shares: int = 0
    children: int = 0
    squared: int = 0


def spreading(site: Site, now: datetime) -> list[Finding]:
    """Return the links whose latest shares were passed on more than was to be expected."""
    hour = course.local_hour(now, ZoneInfo(site.time_zone))
    today = date.fromordinal(hour // DAY)
    fresh = {today - timedelta(days=days) for days in range(FRESH)}
    rows = _sums(DailyOutcome.objects.filter(day__in=fresh, link__site=site).values_list("link"))
    most = rows.filter(sum_prompt_children__gte=LEAST).order_by("-sum_prompt_children")
    latest = {link: Sums(*sums) for link, *sums in most[:MOST_SPREAD]}
    if not latest:
        return []
    wholes = Wholes(site, latest.keys())
    latest = _of_wholes(wholes, latest)
    labelled = _of_wholes(wholes, _of_labels(wholes, fresh))
    over = (today - timedelta(weeks=WEEKS), today - WINDOW - timedelta(days=1))
    pasts = DailyOutcome.objects.filter(link__in=tables.ids(wholes.parts), day__range=over)
    past = {link: Sums(*sums) for link, *sums in _sums(pasts.values_list("link")).order_by()}
    past = _of_wholes(wholes, past)
    every: Sums | None = None
    found = []
    for link, sums in latest.items():
        sums = _without(sums, labelled[link])
        its = past[link]
        if its.shares < FEWEST_SHARES:
            every = every or _of_site(site, over)
            its = every
        to_be = expected(sums.shares, its)
        if to_be and (reach := sensitivity(Measure.K, sums.children, to_be)):
            whole = wholes.links[link]
            found.append(
                Finding(whole, Measure.K, reach, hour, sums.children, to_be.mean, sums.shares)
            )
    return found


def expected(shares: int, past: Sums) -> Expected | None:
    """Return how many shares were to come of some; None where the past is too short.

    The mean has Jeffreys' half of a child more than the past, so that what never happened is
    not impossible. Shares vary as they did, and the past's own K is only so sure: with as many
    shares as the latest, their number varies twice as much.
    """
    if past.shares < FEWEST_SHARES:
        return None
    mean = shares * (past.children + 0.5) / past.shares
    return Expected(mean, mean * dispersion(*past) * (1 + shares / past.shares))


def _of_labels(wholes: Wholes, days: Iterable[date]) -> dict[int, Sums]:
    """Return what came of shares that the brand itself has sent."""
    sent = LabelledShare.objects.filter(link__in=tables.ids(wholes.parts)).values("pk")
    rows = (
        Outcome.objects.filter(pk__in=sent, day__in=days)
        .values_list("link")
        .annotate(
            shares=Count("pk"),
            children=Sum("prompt_children"),
            squared=Sum(F("prompt_children") * F("prompt_children")),
        )
        .order_by()
    )
    return {link: Sums(*sums) for link, *sums in rows}


def _of_site(site: Site, over: tuple[date, date]) -> Sums:
    rows = DailySiteOutcome.objects.filter(site=site, day__range=over)
    [sums] = _sums(rows.values_list("site")).order_by() or [(site.pk, 0, 0, 0)]
    return Sums(*sums[1:])


def _sums(rows: Rows) -> Rows:
    summed: Rows = rows.annotate(**{f"sum_{name}": Sum(name) for name in COLUMNS})
    return summed


def _of_wholes(wholes: Wholes, sums: dict[int, Sums]) -> dict[int, Sums]:
    found = dict.fromkeys(wholes.links, Sums())
    for part, its in sums.items():
        if (whole := wholes.whole.get(part)) in found:
            found[whole] = Sums(*map(sum, zip(found[whole], its, strict=True)))
    return found


def _without(sums: Sums, others: Sums) -> Sums:
    return Sums(*(max(0, number - other) for number, other in zip(sums, others, strict=True)))
