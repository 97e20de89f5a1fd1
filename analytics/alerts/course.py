"""The clicks of links, hour by hour, as the rollups of settled clicks have them.

Only clicks on shares: a link's own address is what the brand sends itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Sum

from analytics.alerts.past import DAY, hour_number, usual
from analytics.alerts.rules import BESIDE, DAYS, WEEKS
from analytics.models import Audience, DailyAudience
from shortener.channels import DIRECT
from shortener.models import Link

Clicks = dict[int, Counter[int]]
"""By link and number of the hour (``analytics.alerts.past``)."""
SHOWN = 48
"""Hours that are drawn."""


@dataclass(frozen=True, slots=True)
class Course:
    """The latest hours of a link: what was, and what was usual at that time of day."""

    start: datetime
    """Of the first hour, in UTC."""
    clicks: list[int]
    usual: list[float]

    @property
    def hours(self) -> list[tuple[datetime, int, float]]:
        """Each hour's beginning, its clicks, and what was usual."""
        numbers = zip(self.clicks, self.usual, strict=True)
        return [
            (self.start + timedelta(hours=place), clicks, usual)
            for place, (clicks, usual) in enumerate(numbers)
        ]

    def to_json(self) -> dict[str, object]:
        return {"start": self.start.isoformat(), "clicks": self.clicks, "usual": self.usual}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Course:
        start = datetime.fromisoformat(str(data["start"]))
        return cls(start, list(data["clicks"]), list(data["usual"]))  # type: ignore[call-overload]


def read(links: Collection[int], days: Iterable[date]) -> Clicks:
    """Return the clicks on shares of these links in every hour of some days."""
    rows = (
        DailyAudience.objects.filter(
            link__in=links, dimension=Audience.Dimension.HOUR, day__in=set(days)
        )
        .exclude(channel=DIRECT.number)
        .values_list("link", "day", "value")
        .annotate(Sum("clicks"))
        .order_by()
    )
    found: Clicks = {link: Counter() for link in links}
    for link, day, hour, clicks in rows:
        # A value may have been folded into others once the hits were gone.
        if hour.isdecimal():
            found[link][hour_number(day, int(hour))] += clicks
    return found


def past_days(hour: int) -> set[date]:
    """Return the days of the hours that an hour is compared with, and of those drawn."""
    near = range(hour - (DAYS + SHOWN // DAY) * DAY - BESIDE, hour + 1)
    weeks = [hour - week * 7 * DAY + beside for week in range(1, WEEKS + 1) for beside in (-1, 1)]
    return {date.fromordinal(number // DAY) for number in (*near, *weeks)}


def born(link: Link, zone: ZoneInfo) -> int:
    """Return the hour in which a link was made."""
    return local_hour(link.created, zone)


def local_hour(moment: datetime, zone: ZoneInfo) -> int:
    """Return the number of the hour that a moment is in."""
    local = moment.astimezone(zone)
    return hour_number(local.date(), local.hour)


def beginning(hour: int, zone: ZoneInfo) -> datetime:
    """Return the moment at which an hour begins, in UTC."""
    day, of_day = divmod(hour, DAY)
    local = datetime.combine(date.fromordinal(day), datetime.min.time(), zone)
    return local.replace(hour=of_day).astimezone(UTC)


def course(clicks: Mapping[int, int], hour: int, birth: int, zone: ZoneInfo) -> Course:
    """Return the hours up to and with one of them, as they are drawn."""
    hours = range(hour - SHOWN + 1, hour + 1)
    return Course(
        beginning(hours[0], zone),
        [clicks.get(each, 0) for each in hours],
        [usual(clicks, each, birth) or 0.0 for each in hours],
    )
