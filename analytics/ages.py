"""How old shares are when they are clicked: what the half-life of a channel is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from analytics import tables
from analytics.classify import Kind
from analytics.models import Delays
from analytics.outcomes import EDGES, Delay

FROM_HITS = """
    SELECT outcome.link_id, outcome.day, outcome.channel, {bucket} AS bucket, count(*)
    FROM analytics_hit hit
    JOIN analytics_outcome outcome
        ON outcome.share_id = hit.share_id AND outcome.link_id = hit.link_id
    WHERE hit.kind = {click} AND {where}
    GROUP BY 1, 2, 3, 4
"""
SETTLED = (
    "NOT EXISTS (SELECT 1 FROM analytics_unsettled WHERE "
    "analytics_unsettled.batch_id = hit.batch_id)"
)


def of_segments(batches: Sequence[int]) -> dict[Delay, int]:
    """Return the ages of the clicks of these segments, whose shares are settled."""
    clause, values = tables.source({"id": "bigint"}, [(batch,) for batch in batches])
    with tables.for_many_rows():
        return _counts(f"hit.batch_id IN (SELECT id FROM {clause})", values)  # noqa: S608


def of_shares(shares: Sequence[int]) -> dict[Delay, int]:
    """Return the ages of the clicks on these shares that were counted before."""
    if not shares:
        return {}
    clause, values = tables.source({"id": "bigint"}, [(share,) for share in sorted(shares)])
    where = f"hit.share_id IN (SELECT id FROM {clause}) AND {SETTLED}"  # noqa: S608
    return _counts(where, values)


def of_days(start: date, end: date) -> dict[Delay, int]:
    """Return the ages of the counted clicks on shares that started in a period."""
    with tables.for_many_rows():
        return _counts(f"outcome.day BETWEEN %s AND %s AND {SETTLED}", [str(start), str(end)])


def _counts(where: str, values: Sequence[Any]) -> dict[Delay, int]:
    sql = FROM_HITS.format(bucket=_bucket(), click=Kind.CLICK.value, where=where)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {
            (link, str(day), channel, Delays.Measure.CLICK.value, bucket): number
            for link, day, channel, bucket, number in cursor.fetchall()
        }


def _bucket() -> str:
    """Return the bucket of an age in whole seconds, as SQL for both databases."""
    if connection.vendor == "postgresql":
        age = "floor(date_part('epoch', hit.at)) - floor(date_part('epoch', outcome.start))"
        return f"width_bucket({age}, ARRAY{list(EDGES)})"
    age = "strftime('%%s', hit.at) - strftime('%%s', outcome.start)"
    steps = " ".join(f"WHEN {age} < {edge!r} THEN {n}" for n, edge in enumerate(EDGES))
    return f"CASE {steps} ELSE {len(EDGES)} END"
