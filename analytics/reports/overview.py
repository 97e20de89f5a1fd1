"""Overview: what happened in a period, beside another one and over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import DateField
from django.db.models.functions import Trunc

from analytics.reports.question import Question
from analytics.reports.rollups import add_up, counts
from analytics.reports.totals import COLUMNS, Reach, Totals, observable, reach
from shortener.channels import BY_NUMBER, Channel


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """What happened through one channel in a day, week or month."""

    day: date
    """The first day; of a week, the Monday."""
    channel: Channel
    presses: int
    previews: int | None
    clicks: int
    daily_visitors: int
    visits: int
    dark_visits: int
    conversions: int


@dataclass(frozen=True, slots=True)
class Overview:
    totals: Reach
    before: Reach | None
    """Those of the period that the question is compared with."""
    rows: tuple[OverviewRow, ...]


def overview(question: Question) -> Overview:
    granule = Trunc("day", question.granularity, output_field=DateField())
    rows = counts(question).annotate(granule=granule)
    columns = (*COLUMNS, "visitors", "dark_visits")
    sums = sorted(add_up(rows, ["granule", "channel"], columns))
    totals = Reach.of((channel, Totals(*counted)) for _, channel, *counted, _, _ in sums)
    before = question.before
    return Overview(
        totals,
        reach(before) if before else None,
        tuple(_row(*row) for row in sums if any(row[2:])),
    )


def _row(day: date, number: int, *counted: int) -> OverviewRow:
    presses, previews, clicks, _, visits, conversions, visitors, dark_visits = counted
    channel = BY_NUMBER[number]
    return OverviewRow(
        day=day,
        channel=channel,
        presses=presses,
        previews=observable(previews, channel),
        clicks=clicks,
        daily_visitors=visitors,
        visits=visits,
        dark_visits=dark_visits,
        conversions=conversions,
    )
