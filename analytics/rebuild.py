"""The rollups of past days, made again from the rows that are kept.

Nothing is overwritten: what a rollup lacks, or has too much of, is worked out and *added*.
Adding commutes with what is counted at the same moment, so that no fact is lost and ingest
need not wait. Settling does wait: what it alone writes is read in several statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from analytics import kept, ledger, settle, tables
from analytics.days import Moments
from analytics.kept import CONTENT, SITE_CONTENT, Rollup, Sums
from analytics.ledger import midnight
from shortener.models import Site

LEDGER = Rollup("DailyLedger", ledger.KEY, ledger.COLUMNS)

Parameters = dict[str, str | int]

NARROWED = """
    WITH links AS (
        SELECT link.id AS link_id, link.site_id
        FROM shortener_link link JOIN shortener_site site ON site.id = link.site_id
        WHERE site.time_zone = %(zone)s AND (site.id = %(site)s OR %(site)s = 0)
    )
"""
# Visits without a code, which leave no row, belong to no channel.
REPORTED = {"visits": "CASE WHEN channel = 0 THEN 0 ELSE visits END"}


class Difference(NamedTuple):
    """How a count of a rollup differs from the kept rows on one day."""

    day: date
    rollup: str
    column: str
    rows: int
    missing: int
    surplus: int


def rebuild(day: date, site: Site | None, *, dry_run: bool = False) -> list[Difference]:
    """Put right the rollups of a day of the sites' time zones; return what was wrong.

    All of it is one transaction, as the only settler.
    """
    with transaction.atomic():
        settle.wait_until_alone()
        found = [
            *content_lacks(day, site),
            *lacks(day, site, kept.outcomes(day, site)),
            *lacks(day, site, kept.audiences(day, site)),
        ]
        if site is None:
            found.append((LEDGER, ledger.lacks(day)))
        # In the order in which ingest takes these tables.
        for rollup, sums in found if not dry_run else ():
            tables.add(rollup.table, rollup.key, rollup.counts, sums)
    return [difference for rollup, sums in found for difference in differences(day, rollup, sums)]


def content_lacks(day: date, site: Site | None) -> Iterator[tuple[Rollup, Sums]]:
    """Yield what lacks in the rollups of what happened, for each time zone of the sites."""
    sites = Site.objects.filter(pk=site.pk) if site else Site.objects.all()
    zones = sites.order_by("time_zone").values_list("time_zone", flat=True).distinct()
    for rollup in (CONTENT, SITE_CONTENT):
        sums: Sums = {}
        for zone in zones:
            sums |= content_lack(rollup, period(day, zone) | {"site": site.pk if site else 0})
        yield rollup, sums


def period(day: date, zone: str) -> Parameters:
    """Return the day as parameters: by itself, in its time zone, and with what may belong."""
    text = Moments().text
    start, end = (
        datetime.combine(date_, time(), ZoneInfo(zone)) for date_ in (day, day + timedelta(1))
    )
    moments = {
        "since": start,
        "until": end,
        "early": midnight(day) - timedelta(days=1),
        "late": midnight(day) + timedelta(days=2),
    }
    return {
        "day": str(day),
        "zone": zone,
        **{name: text(int(moment.timestamp() * 1000)) for name, moment in moments.items()},
    }


def content_lack(rollup: Rollup, parameters: Parameters) -> Sums:
    """Return what lacks in a rollup of what happened.

    One statement, so that what is kept and what is reported are of the same moment.
    """
    day = str(parameters["day"])
    known = None
    while known != (machines := kept.machines(date.fromisoformat(day))):
        # One that has come up since they were asked for would be taken for a person.
        known = machines
        rows = execute(content_statement(rollup, machines), parameters)
    return dict(read(rollup, day, rows))


def content_statement(rollup: Rollup, machines: set[int]) -> str:
    """Return the statement that takes what is reported from what is kept."""
    key = ", ".join(name for name in rollup.key if name != "day")
    counts = ", ".join(rollup.counts)
    reported = ", ".join(f"-({REPORTED.get(name, name)})" for name in rollup.counts)
    sums = ", ".join(f"CAST(sum({name}) AS bigint)" for name in rollup.counts)
    differs = " OR ".join(f"sum({name}) <> 0" for name in rollup.counts)
    return f"""
        {NARROWED}
        SELECT {key}, {sums} FROM (
            SELECT {key}, {counts}
            FROM ({kept.content_sql(machines)}) kept JOIN links USING (link_id)
            UNION ALL
            SELECT {key}, {reported} FROM {rollup.table}
            WHERE day = %(day)s AND {rollup.owner} IN (SELECT {rollup.owner} FROM links)
        ) both_sides
        GROUP BY {key} HAVING {differs}
    """  # noqa: S608


def lacks(
    day: date, site: Site | None, expected: Iterable[tuple[Rollup, Sums]]
) -> Iterator[tuple[Rollup, Sums]]:
    """Yield what lacks in rollups for them to be as expected."""
    for rollup, sums in expected:
        untold = kept.untold(rollup, day)
        lack = lacking(sums, reported(rollup, day, site))
        yield rollup, {key: counts for key, counts in lack.items() if key[0] not in untold}


def lacking(expected: Sums, found: Iterable[tuple[Any, Sequence[int]]]) -> Sums:
    """Return what is to be added to the sums found for them to be as expected."""
    lack = {key: list(counts) for key, counts in expected.items()}
    for key, counts in found:
        wanted = lack.get(key, [0] * len(counts))
        lack[key] = [a - b for a, b in zip(wanted, counts, strict=True)]
    return {key: counts for key, counts in lack.items() if any(counts)}


def reported(rollup: Rollup, day: date, site: Site | None) -> Iterator[tuple[Any, list[int]]]:
    """Return the rows of a rollup for a day."""
    names = ", ".join(name for name in rollup.key if name != "day")
    sql = f"SELECT {names}, {', '.join(rollup.counts)} FROM {rollup.table} WHERE day = %(day)s"  # noqa: S608
    if site:
        links = "SELECT id FROM shortener_link WHERE site_id = %(site)s"
        sql += f" AND {rollup.owner} IN ({links if rollup.owner == 'link_id' else '%(site)s'})"
    rows = execute(sql, {"day": str(day)} | ({"site": site.pk} if site else {}))
    return read(rollup, str(day), rows)


def execute(sql: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def read(
    rollup: Rollup, day: str, rows: Iterable[Sequence[Any]]
) -> Iterator[tuple[tuple[Any, ...], list[int]]]:
    """Yield the key of each row, with the day in its place, and its counts."""
    place = list(rollup.key).index("day")
    width = len(rollup.key) - 1
    for row in rows:
        yield (*row[:place], day, *row[place:width]), list(row[width:])


def differences(day: date, rollup: Rollup, sums: Sums) -> Iterator[Difference]:
    """Yield what lacks, or is too much, in the columns of a rollup."""
    for name, column in zip(rollup.counts, zip(*sums.values(), strict=True), strict=False):
        wrong = [number for number in column if number]
        if wrong:
            missing = sum(number for number in wrong if number > 0)
            yield Difference(day, rollup.name, name, len(wrong), missing, missing - sum(wrong))
