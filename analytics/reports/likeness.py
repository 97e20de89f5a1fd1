"""How much the shares of one link are alike: what the interval of a K-factor has to allow for."""

from __future__ import annotations

from django.db import connection
from django.db.models import IntegerField, Sum
from django.db.models.functions import Cast

from analytics.intervals import Likeness
from analytics.reports.question import Question
from analytics.reports.rollups import Rows

EVERY_CHANNEL = -1
NAMES = ("prompt_children", "shares")


def likeness(question: Question, rows: Rows) -> dict[int, Likeness]:
    """Return the likeness within links, by channel number and for ``EVERY_CHANNEL``.

    ``rows`` are rollups of outcomes by link. Raw SQL, since Django cannot add up sums, and so
    that they are read once.
    """
    # PostgreSQL adds int up to bigint, and bigint to numeric: that takes half as long again. No
    # single row counts thousands of millions.
    totals = {f"sum_{name}": Sum(Cast(name, IntegerField())) for name in NAMES}
    by_link = rows.order_by().values("channel", "link_id").annotate(**totals)
    inner, values = by_link.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH part (channel, link_id, children, shares) AS "  # noqa: S608
            f"(SELECT channel, link_id, {', '.join(f'sum_{name}' for name in NAMES)} "
            f"FROM ({inner}) AS summed "
            "JOIN shortener_link AS l ON l.id = link_id WHERE l.site_id = %s AND sum_shares > 0) "
            f"SELECT channel, {SQUARES} FROM part GROUP BY channel UNION ALL "
            f"SELECT {EVERY_CHANNEL}, {SQUARES} FROM (SELECT SUM(children) AS children, "
            "SUM(shares) AS shares FROM part GROUP BY link_id) AS whole",
            [*values, question.site.pk],
        )
        return {channel: Likeness(*rest) for channel, *rest in cursor.fetchall() if rest[0]}


SQUARES = (
    "COUNT(*), SUM(CAST(children AS double precision) * children), "
    "SUM(CAST(children AS double precision) * shares), "
    "SUM(CAST(shares AS double precision) * shares)"
)
