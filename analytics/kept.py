"""What the rows that are kept add up to, in the shape of the rollups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from analytics import agents, ages, audience
from analytics.books import CONTENT_KEY, LEDGER, SITE_KEY
from analytics.classify import Kind
from analytics.days import days
from analytics.facts import ARRIVALS
from analytics.ledger import midnight
from analytics.models import Agent, Erased, Outcome, Visit
from analytics.outcomes import (
    CELL,
    COUNTS,
    DELAY,
    FORWARD,
    LINK,
    SITE,
    Additions,
    State,
    by_site,
)
from analytics.settle import COLUMNS
from shortener.channels import NUMBERS
from shortener.models import Site

Sums = dict[tuple[Any, ...], Sequence[int]]
"""A number for each count of a rollup, by key. Days are texts."""


class Rollup(NamedTuple):
    """A table of sums by day, and those of its counts that the kept rows tell."""

    name: str
    key: dict[str, str]
    counts: tuple[str, ...]

    @property
    def table(self) -> str:
        return f"analytics_{self.name.lower()}"

    @property
    def owner(self) -> str:
        """The column that says whose sums they are: a link's or a site's."""
        return "link_id" if "link_id" in self.key else "site_id"


HAPPENED = ("presses", *LEDGER.values(), "visits", "conversions")
"""Of offers, cancels and visits without a code no rows are kept, and daily visitors are
forgotten: what is counted of them stands."""
AUDIENCE = {"dimension": "smallint", "day": "date", "channel": "smallint", "value": "text"}

CONTENT = Rollup("DailyContent", CONTENT_KEY, HAPPENED)
SITE_CONTENT = Rollup("DailySite", SITE_KEY, HAPPENED)
OUTCOMES = Rollup("DailyOutcome", LINK | CELL, COUNTS)
SITE_OUTCOMES = Rollup("DailySiteOutcome", SITE | CELL, COUNTS)
DELAYS = Rollup("DailyDelay", LINK | DELAY, ("number",))
SITE_DELAYS = Rollup("DailySiteDelay", SITE | DELAY, ("number",))
FORWARDS = Rollup("DailyForward", FORWARD, ("shares",))
AUDIENCES = Rollup("DailyAudience", LINK | AUDIENCE, ("clicks",))
SITE_AUDIENCES = Rollup("DailySiteAudience", SITE | AUDIENCE, ("clicks",))


class Rows(NamedTuple):
    """A table of kept rows, and how each count is made of them."""

    table: str
    counts: Mapping[str, str]
    where: str
    channel: str = "channel"


# The days of a time zone that a site has left begin up to 26 hours off; only ``at`` is indexed.
OF_THE_DAY = "day = %(day)s AND at >= %(early)s AND at < %(late)s"
OF_THE_CODE = f"coalesce(share_id, 0) %% {NUMBERS}"
LANDED = f"navigation IN ({', '.join(repr(name) for name in sorted(ARRIVALS))}) AND NOT automated"


def content_sql(machines: Iterable[int]) -> str:
    """Return the statement for what happened on a day, by link and channel.

    Visits of ``machines``, which are agents, do not count.
    """
    known = ", ".join(map(str, machines)) or "NULL"
    is_by_person = f"{LANDED} AND (agent_id IN ({known})) IS NOT TRUE"
    sources = (
        Rows(
            "analytics_hit",
            {name: _number(f"kind = {kind.value}") for kind, name in LEDGER.items()},
            OF_THE_DAY,
        ),
        Rows(
            "analytics_share",
            {"presses": _number("flag = ''")},
            "pressed >= %(since)s AND pressed < %(until)s",
        ),
        Rows(
            "analytics_visit",
            {"visits": _number(is_by_person)},
            f"{OF_THE_DAY} AND {OF_THE_CODE} <> 0",
            OF_THE_CODE,
        ),
        Rows("analytics_conversion", {"conversions": "count(*)"}, OF_THE_DAY, OF_THE_CODE),
        Rows(
            "analytics_erased",
            {
                name: f"coalesce(sum(number) FILTER (WHERE counted_as = '{name}'), 0)"
                for name in HAPPENED
            },
            "day = %(day)s",
        ),
    )
    return " UNION ALL ".join(map(_select, sources))


def _number(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


def _select(rows: Rows) -> str:
    counts = ", ".join(f"{rows.counts.get(name, 0)} AS {name}" for name in HAPPENED)
    return (
        f"SELECT link_id, {rows.channel} AS channel, {counts} "  # noqa: S608
        f"FROM {rows.table} WHERE {rows.where} GROUP BY 1, 2"
    )


def machines(day: date) -> set[int]:
    """Return the agents with visits on a day that the present rules take for machines."""
    start = midnight(day) - timedelta(days=1)
    visits = Visit.objects.filter(day=day, at__gte=start, at__lt=start + timedelta(days=3))
    seen = Agent.objects.filter(pk__in=visits.values("agent"))
    rows = seen.values_list("pk", "user_agent", "signals").iterator()
    return {pk for pk, *key in rows if agents.verdict(*key)[0] is not Kind.CLICK}


def outcomes(day: date, site: Site | None) -> list[tuple[Rollup, Sums]]:
    """Return what the outcomes of the shares that started on a day add up to."""
    rows = Outcome.objects.filter(day=day)
    if site:
        rows = rows.filter(link__site=site)
    additions = Additions()
    for row in rows.values_list(*COLUMNS).iterator():
        additions.add(State._make((*row[:4], str(row[4]), *row[5:])))
    links = {cell.link for cell in additions.cells}
    days.learn(links)
    for delay, number in ages.of_days(day, day).items():
        if delay[0] in links:
            additions.add_delay(delay, number)
    cells: Sums = {(c.link, c.day, *c[2:]): sums for c, sums in additions.cells.items()}
    delays: Sums = {key: [number] for key, number in additions.delays.items()}
    forwards: Sums = {key: [number] for key, number in additions.forwards.items()}
    return [
        (OUTCOMES, cells),
        (SITE_OUTCOMES, by_site(cells)),
        (DELAYS, delays),
        (SITE_DELAYS, by_site(delays)),
        (FORWARDS, forwards),
    ]


def audiences(day: date, site: Site | None) -> list[tuple[Rollup, Sums]]:
    """Return what the settled clicks of a day add up to, by what is known of who clicked."""
    links: Sums = {}
    sites: Counter[tuple[Any, ...]] = Counter()
    for link, of_site, dimension, _, channel, value, clicks in audience.counted(day, day):
        if site is None or of_site == site.pk:
            rest = dimension, str(day), channel, value
            links[link, *rest] = [clicks]
            sites[of_site, *rest] += clicks
    return [
        (AUDIENCES, links),
        (SITE_AUDIENCES, {key: [clicks] for key, clicks in sites.items()}),
    ]


def untold(rollup: Rollup, day: date) -> set[int]:
    """Return the links or sites whose sums cannot be made again.

    Clicks were erased, and of those nothing else is known any more.
    """
    erased = Erased.objects.filter(counted_as="clicks")
    if rollup.name in {AUDIENCES.name, SITE_AUDIENCES.name}:
        erased = erased.filter(day=day)
    elif rollup.name in {DELAYS.name, SITE_DELAYS.name}:
        erased = erased.filter(day__gte=day)
    else:
        return set()
    owner = "link" if rollup.owner == "link_id" else "link__site"
    return set(erased.values_list(owner, flat=True))
