"""The ledger's days: what its batches add up to, for reports to read.

A busy process commits four batches a second, so that a month has millions. Their sums are
kept by the UTC day of the commit; settling adds to them, so that no two workers meet in a row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from analytics import tables
from analytics.books import LEDGER
from analytics.days import Moments

KINDS = tuple(LEDGER.values())
COUNTS = (
    *KINDS,
    "presses",
    "offers",
    "visits",
    "conversions",
    "cancels",
    "flagged",
    "ignored",
    "quarantined",
)
"""The ledger's columns that add up to ``received``."""
COLUMNS = ("received", *COUNTS)
KEY = {"day": "date"}

Sums = dict[tuple[Any, ...], Sequence[int]]
"""A number for each of ``COLUMNS``, by the day as text."""


def count(batches: Collection[int]) -> None:
    """Add these batches to their days; within the transaction that settles them."""
    day = "date(committed)"
    if connection.vendor == "postgresql":
        day = "date(committed AT TIME ZONE 'UTC')"
    sums = ", ".join(f"sum({name})" for name in COLUMNS)
    changes = ", ".join(
        f"{name} = analytics_dailyledger.{name} + EXCLUDED.{name}" for name in COLUMNS
    )
    numbers = ", ".join(f"{batch:d}" for batch in batches)
    with connection.cursor() as cursor:
        cursor.execute(f"""
            INSERT INTO analytics_dailyledger (day, {", ".join(COLUMNS)})
            SELECT {day}, {sums} FROM analytics_batch WHERE id IN ({numbers}) GROUP BY 1
            ON CONFLICT (day) DO UPDATE SET {changes}
        """)  # noqa: S608


def add(sums: Mapping[str, Mapping[str, int]]) -> None:
    """Add to the sums of UTC days; within a transaction, as the only settler."""
    rows = {(day,): [counts.get(name, 0) for name in COLUMNS] for day, counts in sums.items()}
    tables.add("analytics_dailyledger", KEY, COLUMNS, rows)


def lacks(day: date) -> Sums:
    """Return what the sums of a UTC day lack of those of its settled batches.

    One statement, so that both are of the same moment.
    """
    batches = ", ".join(COLUMNS)
    kept = ", ".join(f"-{name}" for name in COLUMNS)
    sums = ", ".join(f"CAST(coalesce(sum({name}), 0) AS bigint)" for name in COLUMNS)
    text = Moments().text
    bounds = [text(int(at.timestamp() * 1000)) for at in (midnight(day), midnight(day, 1))]
    sql = f"""
        SELECT {sums} FROM (
            SELECT {batches} FROM analytics_batch AS batch
            WHERE committed >= %s AND committed < %s AND NOT EXISTS (
                SELECT 1 FROM analytics_unsettled WHERE batch_id = batch.id
            )
            UNION ALL SELECT {kept} FROM analytics_dailyledger WHERE day = %s
        ) both_sides
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*bounds, str(day)])
        counts = list(cursor.fetchone())
    return {(str(day),): counts} if any(counts) else {}


def midnight(day: date, later: int = 0) -> datetime:
    """Return when a UTC day begins, or one that is some days later."""
    return datetime.combine(day + timedelta(later), time(), UTC)
