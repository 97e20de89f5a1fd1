"""Trends: the most clicked links over time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from operator import add

from django.db.models import DateField
from django.db.models.functions import Trunc

from analytics.models import DailyContent
from analytics.reports.question import Question
from analytics.reports.ranking import named, rank, wholes
from analytics.reports.rollups import add_up, of_links
from analytics.reports.totals import reach_of
from shortener.channels import BY_NUMBER

REACHES = ("private", "public", "direct")


@dataclass(frozen=True, slots=True)
class TrendRow:
    """Clicks on one link in a day, week or month."""

    link: str
    title: str
    day: date
    """The first day; of a week, the Monday."""
    private: int
    public: int
    direct: int


def trends(question: Question) -> tuple[TrendRow, ...]:
    """Return the days with clicks of the most clicked links, link by link."""
    rows = of_links(question, DailyContent)
    ranked, _ = rank(question, rows, ("clicks", "presses"), question.part, having=("clicks",))
    order = [link for link, *_ in ranked]
    whole = wholes(order)
    granule = Trunc("day", question.granularity, output_field=DateField())
    by_link = rows.filter(link__in=whole, clicks__gt=0).annotate(granule=granule)
    found: defaultdict[int, dict[date, list[int]]] = defaultdict(dict)
    for part, day, channel, clicks in add_up(
        by_link, ["link_id", "granule", "channel"], ["clicks"]
    ):
        counted = [clicks * (reach_of(BY_NUMBER[channel]) == reach) for reach in REACHES]
        days = found[whole[part]]
        days[day] = list(map(add, days.get(day, [0, 0, 0]), counted))
    links = named(order)
    return tuple(
        TrendRow(links[link].code, links[link].title, day, *counted)
        for link in order
        for day, counted in sorted(found[link].items())
    )
