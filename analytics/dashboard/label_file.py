"""The labelled shares of a link as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from django.http import StreamingHttpResponse

from analytics.dashboard.label_rows import Asked, LabelRow, all_rows
from analytics.exports.cells import lines
from analytics.exports.dialects import Dialect
from analytics.exports.recipe import download
from shortener.spreadsheets import Row

COLUMNS = (
    "label",
    "channel",
    "short link",
    "previews",
    "clicks",
    "passed on",
    "visits",
    "conversions",
    "first click",
    "last click",
    "made",
    "archived",
)
PAGE = 1_000


def labels_csv(asked: Asked, dialect: Dialect) -> StreamingHttpResponse:
    """Return every labelled share that is asked for, as a file; moments are in UTC."""
    name = f"grapevine-labels-{asked.link.slug or asked.link.code}.csv"
    return download(map(str.encode, _lines(asked, dialect)), name)


def _lines(asked: Asked, dialect: Dialect) -> Iterator[str]:
    yield dialect.start + lines([COLUMNS], dialect)
    rows = all_rows(asked)
    while page := [_cells(row) for row in islice(rows, PAGE)]:
        yield lines(page, dialect)


def _cells(row: LabelRow) -> Row:
    share = row.share
    return (
        share.label,
        share.way.name,
        share.short_url,
        "not observable" if row.previews is None else row.previews,
        row.clicks,
        row.children,
        row.visits,
        row.conversions,
        _moment(row.first_click),
        _moment(row.last_click),
        _moment(share.created),
        "yes" if share.archived else "no",
    )


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ""
