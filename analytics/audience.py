"""Who clicked, as far as a request tells: country, device, system, browser, language, referrer
and hour of the week. Each is counted by itself, so that no two of them can be put together.

One SQL text aggregates clicks, whether they are those of segments that are being settled or
those of days that are counted again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.db import connection, transaction

from analytics import tables
from analytics.classify import Kind
from analytics.models import Audience

MAX_VALUES = 250
"""Values of a link, dimension, day and channel that keep their names for good; there are not as
many countries."""
OTHER = "(other)"

Row = tuple[int, int, int, str, int, str, int]
"""Link, site, dimension, day (YYYY-MM-DD), channel, value, clicks."""

# Browsers write "en-GB" or "en-gb", and the same language is to be one value. In the "C"
# collation, since small and capital letters of others differ: Turkish has an "İ".
LANGUAGE = """
    CASE WHEN length(hit.language) = 5 AND substr(hit.language, 3, 1) = '-'
    THEN lower(substr({language}, 1, 3)) || upper(substr({language}, 4))
    ELSE lower({language}) END
"""

VALUES = {
    Audience.Dimension.COUNTRY: "hit.country",
    Audience.Dimension.DEVICE: "agent.device",
    Audience.Dimension.SYSTEM: "agent.system",
    Audience.Dimension.BROWSER: "agent.browser",
    Audience.Dimension.LANGUAGE: LANGUAGE,
    Audience.Dimension.REFERRER: "substr(hit.referrer, 1, 64)",
    Audience.Dimension.HOUR: "CAST(hit.hour AS varchar(3))",
}

REST = "dimension, day, channel, value"
LINKS = f"SELECT link_id, {REST}, clicks FROM counted"  # noqa: S608
SITES = f"SELECT site_id, {REST}, sum(clicks) FROM counted GROUP BY site_id, {REST}"  # noqa: S608


def count(batches: Collection[int]) -> None:
    """Add the clicks of these batches to the rollups; within the transaction that settles them."""
    if not batches:
        return
    where = f"hit.batch_id IN ({', '.join(f'{batch:d}' for batch in batches)})"
    counted = f"WITH counted AS MATERIALIZED ({select(where)})"
    links = addition("analytics_dailyaudience", "link_id", LINKS)
    sites = addition("analytics_dailysiteaudience", "site_id", SITES)
    with tables.for_many_rows(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{counted}, links AS ({links}) {sites}")
        else:
            # SQLite writes to one table in a statement, so the clicks are counted twice.
            cursor.execute(f"{counted} {links}")
            cursor.execute(f"{counted} {sites}")


def counted(start: date, end: date) -> list[Row]:
    """Return what the settled clicks of these days, in their sites' time zones, add up to.

    This is what the rollups of the days hold, as long as all of the hits are kept.
    """
    where = """
        hit.at >= %s AND hit.at < %s AND hit.day BETWEEN %s AND %s AND NOT EXISTS (
            SELECT 1 FROM analytics_unsettled AS unsettled WHERE unsettled.batch_id = hit.batch_id
        )
    """
    # The days of time zones begin up to 14 hours off; only ``at`` is indexed.
    since, until = start - timedelta(days=1), end + timedelta(days=2)
    with connection.cursor() as cursor:
        cursor.execute(select(where), [str(day) for day in (since, until, start, end)])
        return [(*row[:3], str(row[3]), *row[4:]) for row in cursor]


@transaction.atomic
def fold(day: date) -> None:
    """Add up the rarest values of a day under ``OTHER``, where there are more than ``MAX_VALUES``.

    Anybody can make up referrers, languages and browsers. While their hits are kept the rows
    are no more than those; this is for when the hits are deleted and cannot be counted again.
    """
    for table, owner, counts in (
        ("analytics_dailyaudience", "link_id", "analytics_dailycontent"),
        ("analytics_dailysiteaudience", "site_id", "analytics_dailysite"),
    ):
        rare = rarest(table, owner, counts)
        group = f"{owner}, dimension, day, channel"
        others = f"SELECT {group}, '{OTHER}' AS value, sum(clicks) FROM rare GROUP BY {group}"  # noqa: S608
        with connection.cursor() as cursor:
            for statement in (
                addition(table, owner, others),
                f"DELETE FROM {table} WHERE ({group}, value) "  # noqa: S608
                f"IN (SELECT {group}, value FROM rare)",
            ):
                cursor.execute(f"WITH rare AS ({rare}) {statement}", {"day": str(day)})


def select(where: str) -> str:
    """Return a query for the columns of ``Row`` over the clicks among some hits."""
    collate = 'COLLATE "C"' if connection.vendor == "postgresql" else ""
    values = ", ".join(
        f"{expression.format(language=f'hit.language {collate}')} AS value{dimension:d}"
        for dimension, expression in VALUES.items()
    )
    return f"""
        WITH click AS MATERIALIZED (
            SELECT hit.link_id, link.site_id, hit.day, hit.channel, {values}
            FROM analytics_hit AS hit
            JOIN shortener_link AS link ON link.id = hit.link_id
            LEFT JOIN analytics_agent AS agent ON agent.id = hit.agent_id
            WHERE hit.kind = {Kind.CLICK:d} AND {where}
        )
        {" UNION ALL ".join(map(by_value, VALUES))}
    """  # noqa: S608


def by_value(dimension: Audience.Dimension) -> str:
    value = f"value{dimension:d}"
    return f"""
        SELECT link_id, site_id, {dimension:d} AS dimension, day, channel, {value} AS value,
            count(*) AS clicks
        FROM click WHERE {value} <> '' GROUP BY link_id, site_id, day, channel, {value}
    """  # noqa: S608


def rarest(table: str, owner: str, counts: str) -> str:
    """Return a query for the rows of a day beyond the ``MAX_VALUES`` most frequent values.

    Only owners with as many clicks are looked at: the rollup has no index on days alone.
    """
    return f"""
        SELECT * FROM (
            SELECT *, row_number() OVER (
                PARTITION BY {owner}, dimension, channel ORDER BY clicks DESC, value
            ) AS place
            FROM {table} WHERE value <> '{OTHER}' AND day = %(day)s
            AND dimension BETWEEN {min(VALUES):d} AND {max(VALUES):d}
            AND {owner} IN (
                SELECT {owner} FROM {counts} WHERE day = %(day)s AND clicks > {MAX_VALUES}
            )
        ) AS ranked WHERE place > {MAX_VALUES}
    """  # noqa: S608


def addition(table: str, owner: str, rows: str) -> str:
    """Return the statement that adds rows to a rollup.

    They are sorted by their key, which is the order that all who write to rollups keep.
    """
    key = f"{owner}, {REST}"
    return f"""
        INSERT INTO {table} ({key}, clicks) {rows} ORDER BY {key}
        ON CONFLICT ({key}) DO UPDATE SET clicks = {table}.clicks + EXCLUDED.clicks
    """
