"""Which day it is for a link: days are those of its site's time zone."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shortener.models import Link

QUARTER = 900_000  # Milliseconds; every time zone is whole quarters of an hour off UTC.
LIFETIME = 60.0
"""Seconds after which a changed time zone is noticed."""


class Days:
    """The sites and time zones of links, remembered for a minute, and the days within them."""

    def __init__(self) -> None:
        self._zones: dict[int, str] = {}
        self._sites: dict[int, int] = {}
        self._local: dict[tuple[str, int], tuple[str, int]] = {}
        self._expires = 0.0

    def learn(self, links: Collection[int]) -> Mapping[int, str]:
        """Return the time zones of all these links that exist, by link id."""
        if time.monotonic() > self._expires:
            self.forget()
            self._expires = time.monotonic() + LIFETIME
        missing = [link for link in links if link not in self._zones]
        for start in range(0, len(missing), 10_000):
            chunk = missing[start : start + 10_000]
            rows = Link.objects.filter(pk__in=chunk).values_list("pk", "site", "site__time_zone")
            for link, site, zone in rows:
                self._sites[link] = site
                self._zones[link] = zone
        return self._zones

    def site(self, link: int) -> int:
        """Return the site of a link that was learnt."""
        return self._sites[link]

    def day(self, zone: str, milliseconds: int) -> str:
        """Return the date of a moment in a time zone, as YYYY-MM-DD."""
        return self.local(zone, milliseconds)[0]

    def local(self, zone: str, milliseconds: int) -> tuple[str, int]:
        """Return the date of a moment in a time zone, and the hour of the week: 0 to 167."""
        key = zone, milliseconds // QUARTER
        local = self._local.get(key)
        if local is None:
            moment = datetime.fromtimestamp(key[1] * QUARTER / 1000, ZoneInfo(zone))
            hour = moment.weekday() * 24 + moment.hour
            local = self._local[key] = moment.date().isoformat(), hour
        return local

    def forget(self) -> None:
        self._zones.clear()
        self._sites.clear()
        self._local.clear()


days = Days()


class Moments:
    """Writes times the way the databases read them fastest, a second computed once."""

    def __init__(self) -> None:
        self._seconds: dict[int, str] = {}

    def text(self, milliseconds: int) -> str:
        """Return a UTC time as Django writes it: ``YYYY-MM-DD HH:MM:SS``, then a fraction.

        A whole second has none: SQLite compares times as text.
        """
        second, millisecond = divmod(milliseconds, 1000)
        text = self._seconds.get(second)
        if text is None:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
            text = self._seconds[second] = moment.strftime("%Y-%m-%d %H:%M:%S")
        return f"{text}.{millisecond:03d}000" if millisecond else text
