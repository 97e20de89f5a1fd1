"""What is asked of a report: which site, and which of its days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils import timezone

from shortener.models import Site

DEFAULT_DAYS = 28
"""Whole weeks, so that a period and the one before it hold the same weekdays."""
MAX_DAYS = 3653
MAX_SITES_NAMED = 10
YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Question:
    """A site and a period of its days, the first and the last included."""

    site: Site
    start: date
    end: date

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> Self:
        """Read the parameters ``site``, ``from`` and ``to``.

        Without a period, the last 28 days are meant; without a site, the only one there is.
        Raises ValidationError with a sentence for each parameter that is wrong.
        """
        errors: dict[str, str] = {}
        site = _find_site(params.get("site", ""), errors)
        start = _read_day("from", params.get("from", ""), errors)
        end = _read_day("to", params.get("to", ""), errors)
        if errors or site is None:
            raise ValidationError(errors)
        end = end or today(site)
        start = start or first_day(end)
        if end < start:
            raise ValidationError({"to": f"The period ends ({end}) before it starts ({start})."})
        if (end - start).days >= MAX_DAYS:
            raise ValidationError({"from": "A period can be 10 years long at most."})
        return cls(site, start, end)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def params(self) -> dict[str, str]:
        """The parameters that ask this question again."""
        return {"site": self.site.key, "from": str(self.start), "to": str(self.end)}


def today(site: Site) -> date:
    """Return the date it is for a site."""
    return timezone.localdate(timezone=ZoneInfo(site.time_zone))


def first_day(end: date, days: int = DEFAULT_DAYS) -> date:
    """Return the day with which a period of some days starts that ends on ``end``."""
    return end - timedelta(days - 1)


def _find_site(key: str, errors: dict[str, str]) -> Site | None:
    known = Site.objects.order_by("key")
    sites = known.filter(key=key) if key else known
    found = list(sites[:2])
    if len(found) == 1:
        return found[0]
    names = ", ".join(known.values_list("key", flat=True)[:MAX_SITES_NAMED])
    if not names:
        errors["site"] = "There is no site yet."
    elif key:
        errors["site"] = f"There is no site with the key {key[:60]!r}. Known are: {names}."
    else:
        errors["site"] = f"Name one of the sites: {names}."
    return None


def _read_day(name: str, value: str, errors: dict[str, str]) -> date | None:
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    # Python also reads 20261101 and 2026-W45-1.
    if day is None or day.isoformat() != value:
        errors[name] = f"{value[:40]!r} is not a date. Write it like 2026-11-01."
    elif day.year not in YEARS:
        errors[name] = f"{value} is not between {YEARS[0]} and {YEARS[-1]}."
    return day
