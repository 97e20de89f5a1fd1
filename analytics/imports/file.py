"""The fate of every line of an import as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse

from analytics.imports.work import clicks_of
from shortener.imports.models import Import, ImportLine
from shortener.spreadsheets import BOM, Row, csv_text, safe

COLUMNS = (
    "line",
    "fate",
    "reason",
    "destination",
    "title",
    "short name",
    "short link",
    "clicks brought along",
)
PAGE = 1_000


def report_csv(source: Import, *, bom: bool = False) -> StreamingHttpResponse:
    """Return the lines of an import as a file, in their order."""
    return StreamingHttpResponse(
        _lines(source, bom=bom),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="grapevine-import-{source.pk}.csv"'
        },
    )


def _lines(source: Import, *, bom: bool) -> Iterator[str]:
    yield (BOM if bom else "") + csv_text([COLUMNS])
    after = 0
    lines = source.lines.select_related("link__site").order_by("number")
    while page := list(lines.filter(number__gt=after)[:PAGE]):
        yield csv_text([_cells(line) for line in page])
        after = page[-1].number


def _cells(line: ImportLine) -> Row:
    values = line.values
    return (
        line.number,
        line.fate,
        *map(
            safe,
            (
                line.note,
                values.get("destination", ""),
                values.get("title", ""),
                values.get("slug", ""),
                line.link.short_url if line.link else "",
            ),
        ),
        clicks_of(line),
    )
