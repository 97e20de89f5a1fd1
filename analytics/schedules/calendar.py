"""Which days a file is for, and when it is sent: pure functions of dates and time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from analytics.reports.params import Period

DAY = timedelta(days=1)


class Every(TextChoices):
    DAY = "day", _("every day")
    WEEK = "week", _("every week")
    MONTH = "month", _("every month")


class Rhythm(Protocol):
    """When files of a schedule are sent; the hour and the days are those of its time zone."""

    every: str
    weekday: int
    day_of_month: int
    hour: int
    time_zone: str


def period(every: str, day: date) -> Period:
    """Return the days of the file that is sent on a day: those that were over by then."""
    last = day - DAY
    match every:
        case Every.DAY:
            return Period(last, last)
        case Every.WEEK:
            return Period(day - 7 * DAY, last)
    last = day.replace(day=1) - DAY
    return Period(last.replace(day=1), last)


def next_day(rhythm: Rhythm, after: date) -> date:
    """Return the first day after another on which a file is sent."""
    days = (after + n * DAY for n in count(1))
    return next(day for day in days if _falls_on(rhythm, day))


def moment(rhythm: Rhythm, day: date, site_zone: str) -> datetime:
    """Return when the file of a day is begun: at its hour, but not before the last of the file's
    days is over on the site. An hour that the clocks leave out is the one after."""
    wished = datetime.combine(day, time(rhythm.hour), ZoneInfo(rhythm.time_zone))
    end = period(rhythm.every, day).end + DAY
    over = datetime.combine(end, time(), ZoneInfo(site_zone))
    return max(wished.astimezone(UTC), over.astimezone(UTC))


def first_day(rhythm: Rhythm, now: datetime, site_zone: str) -> date:
    """Return the day of the first file from now on."""
    yesterday = now.astimezone(ZoneInfo(rhythm.time_zone)).date() - DAY
    day = next_day(rhythm, yesterday)
    return day if moment(rhythm, day, site_zone) > now else next_day(rhythm, day)


def last_day(rhythm: Rhythm, now: datetime, site_zone: str) -> date:
    """Return the day of the last file until now, whether one was sent or not."""
    today = now.astimezone(ZoneInfo(rhythm.time_zone)).date()
    days = (today - n * DAY for n in count())
    return next(
        day for day in days if _falls_on(rhythm, day) and moment(rhythm, day, site_zone) <= now
    )


def _falls_on(rhythm: Rhythm, day: date) -> bool:
    match rhythm.every:
        case Every.WEEK:
            return day.weekday() == rhythm.weekday
        case Every.MONTH:
            return day.day == rhythm.day_of_month
    return True
