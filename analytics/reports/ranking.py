"""The links with the most of something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from analytics.reports.question import EVERYTHING, Question
from analytics.reports.rollups import Rows, sums
from shortener.models import Link

ALL = slice(None)
Ranked = list[tuple[int, ...]]
"""Link id and sums, the most first."""


def rank(
    question: Question, rows: Rows, names: Sequence[str], part: slice, *, having: Sequence[str]
) -> tuple[Ranked, int]:
    """Return a part of the links with the most of each, and how many links there are in all.

    ``rows`` come from ``rollups.of_links``. The first of ``names`` decides, then the next,
    then the later link. A link counts that has something in a column of ``having``; one that
    was merged adds to the link it is part of.
    """
    found = _read(question, rows, names, part, having)
    if found or not part.start:
        return [row[:-1] for row in found], found[0][-1] if found else 0
    return [], rank(question, rows, names, slice(0, 1), having=having)[1]


def _read(
    question: Question, rows: Rows, names: Sequence[str], part: slice, having: Sequence[str]
) -> Ranked:
    """Add up links, then what was merged. Raw SQL, since Django cannot add up sums; joining
    the links to every row instead takes PostgreSQL twice as long."""
    needed = dict.fromkeys((*names, *having))
    by_link = rows.order_by().values("link_id").annotate(**sums(needed))
    inner, values = by_link.query.sql_with_params()
    columns = ", ".join(f"CAST(SUM(sum_{name}) AS bigint) AS {name}" for name in names)
    order = ", ".join(f"{name} DESC" for name in names)
    something = " + ".join(f"SUM(sum_{name})" for name in having)
    start = part.start or 0
    limit = EVERYTHING if part.stop is None else part.stop - start
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE(l.merged_into_id, l.id) AS whole, {columns}, COUNT(*) OVER () "  # noqa: S608
            f"FROM ({inner}) AS part JOIN shortener_link AS l ON l.id = part.link_id "
            f"WHERE l.site_id = %s GROUP BY whole HAVING {something} > 0 "
            f"ORDER BY {order}, whole DESC "
            f"LIMIT %s OFFSET %s",
            [*values, question.site.pk, limit, start],
        )
        return list(cursor.fetchall())


def wholes(links: Iterable[int]) -> dict[int, int]:
    """Return for these links, and for those merged into them, which of these they are."""
    chosen = list(links)
    found = {link: link for link in chosen}
    for start in range(0, len(chosen), CHUNK):
        merged = Link.objects.filter(merged_into__in=chosen[start : start + CHUNK])
        found.update(merged.values_list("pk", "merged_into"))
    return found


def named(links: Iterable[int]) -> Mapping[int, Link]:
    """Return links by id, with what reports say of them."""
    chosen = list(links)
    found: dict[int, Link] = {}
    for start in range(0, len(chosen), CHUNK):
        found.update(
            Link.objects.only("title", "destination").in_bulk(chosen[start : start + CHUNK])
        )
    return found


CHUNK = 10_000
"""A statement takes 32,766 parameters on SQLite, and 65,535 on PostgreSQL."""
