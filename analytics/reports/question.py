"""What is asked of a report: which site, which of its days, and what part of what happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Self, cast
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.reports import params as reading
from analytics.reports.params import Comparison, Errors, Granularity, Params, Period
from shortener import codes
from shortener.channels import Channel
from shortener.models import Site

DEFAULT_DAYS = 28
"""Whole weeks, so that a period and the one before it hold the same weekdays."""
MAX_DAYS = 3653
YEAR = timedelta(weeks=52)
"""So that the same weekdays stand beside each other."""
DEFAULT_TOP = 100
EVERYTHING = 2**31
"""More than any ranking has."""


@dataclass(frozen=True, slots=True)
class Question:
    """A site, a period of its days, the first and the last included, and how to look at it.

    Whatever narrows it down has to hold: links of the campaign that carry the tags, and of
    what happened to them, that of the channels.
    """

    site: Site
    start: date
    end: date
    campaign: str = ""
    """The slug."""
    links: tuple[int, ...] = ()
    """Ids. A link stands for those that were merged into it as well."""
    tags: tuple[tuple[str, str], ...] = ()
    channels: tuple[Channel, ...] = ()
    comparison: Comparison | Period = "before"
    granularity: Granularity = "day"
    by: str = ""
    """The name of the tag whose values are told apart."""
    top: int | None = None
    """How many rows of a ranking; ``DEFAULT_TOP``, if nothing is said."""
    page: int = 1
    in_full: bool = False
    """Whether rows that few people are behind may be shown. Never a parameter: the asker's
    right to see raw hits."""

    @classmethod
    def from_params(cls, params: Params, sites: QuerySet[Site], *, in_full: bool = False) -> Self:
        """Read a question from the parameters of a request or a command (``PARAMETERS``).

        ``sites`` are those that the asker may ask about; no other one exists for them.
        Without a period, the last 28 days are meant; without a site, the only one there is.
        Raises ValidationError with a sentence for each parameter that is wrong.
        """
        errors: Errors = {}
        site = reading.site(params, sites, errors)
        start, end = reading.day(params, "from", errors), reading.day(params, "to", errors)
        others: dict[str, Any] = {
            "tags": reading.tags(params, errors),
            "channels": reading.channels(params, errors),
            "granularity": reading.choice(params, "granularity", reading.GRANULARITIES, errors),
            "by": reading.text(params, "by"),
            "top": reading.number(params, "top", reading.MAX_TOP, errors),
            "page": reading.number(params, "page", reading.MAX_PAGE, errors) or 1,
        }
        if site:
            others["campaign"] = reading.campaign(params, site, errors)
            others["links"] = reading.links(params, site, errors)
        if errors or site is None:
            raise ValidationError(errors)
        end = end or today(site)
        start = start or first_day(end)
        _check("from", "to", start, end, errors)
        comparison = _comparison(params, (end - start).days, errors)
        if errors:
            raise ValidationError(errors)
        return cls(site, start, end, comparison=comparison, in_full=in_full, **others)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def before(self) -> Self | None:
        """The same question for the period that this one is compared with."""
        match self.comparison:
            case "none":
                return None
            case "year":
                start, end = self.start - YEAR, self.end - YEAR
            case "before":
                start, end = self.start - timedelta(self.days), self.start - timedelta(1)
            case period:
                start, end = period
        return replace(self, start=start, end=end, comparison="none")

    @property
    def is_narrow(self) -> bool:
        """Whether some links of the site are meant, instead of all."""
        return bool(self.campaign or self.links or self.tags)

    @property
    def part(self) -> slice:
        """Which rows of a ranking are meant."""
        top = self.top or DEFAULT_TOP
        return slice(top * (self.page - 1), top * self.page)

    @property
    def params(self) -> dict[str, str]:
        """The parameters that ask this question again."""
        asked = {"site": self.site.key, "from": str(self.start), "to": str(self.end)}
        others = {
            "campaign": self.campaign,
            "links": ",".join(codes.encode(link) for link in self.links),
            "tags": ",".join(f"{name}={value}" for name, value in self.tags),
            "channels": ",".join(channel.name for channel in self.channels),
            "granularity": self.granularity if self.granularity != "day" else "",
            "by": self.by,
            "top": str(self.top or ""),
            "page": str(self.page) if self.page != 1 else "",
        }
        if isinstance(self.comparison, Period):
            others["compare_from"], others["compare_to"] = map(str, self.comparison)
        elif self.comparison != "before":
            others["compare"] = self.comparison
        return asked | {name: value for name, value in others.items() if value}


def today(site: Site) -> date:
    """Return the date it is for a site."""
    return timezone.localdate(timezone=ZoneInfo(site.time_zone))


def first_day(end: date, days: int = DEFAULT_DAYS) -> date:
    """Return the day with which a period of some days starts that ends on ``end``."""
    return end - timedelta(days - 1)


def _comparison(params: Params, length: int, errors: Errors) -> Comparison | Period:
    """Read what the period is compared with; ``length`` is its last day's distance."""
    start = reading.day(params, "compare_from", errors)
    end = reading.day(params, "compare_to", errors)
    word = reading.choice(params, "compare", reading.COMPARISONS, errors)
    if start is None:
        if end:
            errors["compare_from"] = _("Say with which day the other period starts.")
        return cast(Comparison, word)
    end = end or start + timedelta(length)
    _check("compare_from", "compare_to", start, end, errors)
    return Period(start, end)


def _check(first: str, last: str, start: date, end: date, errors: Errors) -> None:
    if end < start:
        errors[last] = _("The period ends (%(end)s) before it starts (%(start)s).") % {
            "end": end,
            "start": start,
        }
    elif (end - start).days >= MAX_DAYS:
        errors[first] = _("A period can be 10 years long at most.")
