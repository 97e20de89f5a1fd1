"""How much the shares of one link are alike: what the interval of a K-factor has to allow for."""

from __future__ import annotations

from django.db import connection

from analytics.intervals import Likeness
from analytics.reports.question import Question
from analytics.reports.rollups import Rows, sums

NAMES = ("prompt_children", "shares")


def likeness(question: Question, rows: Rows, *, by_channel: bool) -> dict[int, Likeness]:
    """Return the likeness within links by channel number, or by 0 for all channels together.

    ``rows`` are rollups of outcomes by link. Raw SQL, since Django cannot add up sums.
    """
    groups = ("channel", "link_id") if by_channel else ("link_id",)
    inner, values = rows.order_by().values(*groups).annotate(**sums(NAMES)).query.sql_with_params()
    children, shares = (f"CAST(sum_{name} AS double precision)" for name in NAMES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {'channel' if by_channel else '0'} AS channel, COUNT(*), "  # noqa: S608
            f"SUM({children} * {children}), SUM({children} * {shares}), "
            f"SUM({shares} * {shares}) FROM ({inner}) AS part "
            "JOIN shortener_link AS l ON l.id = part.link_id "
            "WHERE l.site_id = %s AND sum_shares > 0 GROUP BY 1",
            [*values, question.site.pk],
        )
        return {channel: Likeness(*rest) for channel, *rest in cursor.fetchall()}
