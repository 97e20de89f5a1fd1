"""CSV for spreadsheets: streamed, so that memory stays flat however long the table is.

Texts come from anybody who opened a link, so none may start like a formula: a spreadsheet
would run it. They are always quoted, since a spreadsheet that was told another separator
would find the start of a cell in the middle of an unquoted one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.db.models import Q
from django.http import StreamingHttpResponse

from analytics.classify import Kind
from analytics.models import Hit
from analytics.reports.catalog import REPORTS, rows_of
from analytics.reports.question import EVERYTHING, Question
from analytics.reports.shapes import cells, headings
from shortener import codes
from shortener.channels import BY_NUMBER, DIRECT
from shortener.spreadsheets import BOM, Row, csv_text, safe

PAGE = 2000

HIT_COLUMNS = (
    "time",
    "day",
    "link",
    "title",
    "share",
    "declared channel",
    "observed channel",
    "kind",
    "rule",
    "user agent",
    "referrer",
    "language",
    "country",
)
HIT_FIELDS = (
    "at",
    "pk",
    "day",
    "link_id",
    "link__title",
    "share_id",
    "channel",
    "observed",
    "kind",
    "rule",
    "agent__user_agent",
    "referrer",
    "language",
    "country",
)
KINDS = {kind.value: kind.label for kind in Kind}
CHANNELS = {number: channel.name for number, channel in BY_NUMBER.items()}
OBSERVED = CHANNELS | {DIRECT.number: ""}


def report_csv(
    name: str, question: Question, answer: Any, *, bom: bool = False
) -> StreamingHttpResponse:
    """Return a report's answer as a file."""
    return _download(name, question, report_lines(name, answer), bom=bom)


def whole(question: Question) -> Question:
    """Return the question as a file answers it: with every row, if it does not say how many."""
    return replace(question, top=question.top or EVERYTHING)


def hits_csv(question: Question, *, bom: bool = False) -> StreamingHttpResponse:
    """Return every hit of the period as a file, the oldest first."""
    return _download("hits", question, hit_lines(question), bom=bom)


def report_lines(name: str, answer: Any) -> Iterator[str]:
    """Yield the lines of an answer's rows, some thousand at once."""
    yield csv_text([headings(REPORTS[name].row)])
    rows = iter(rows_of(answer))
    while page := list(islice(rows, PAGE)):
        yield csv_text(map(_safe_cells, page))


def hit_lines(question: Question) -> Iterator[str]:
    """Yield the lines of a period's hits, some thousand at once."""
    yield csv_text([HIT_COLUMNS])
    link_codes: dict[int, str] = {}
    for page in _hit_pages(question):
        yield csv_text(_hit_cells(row, link_codes) for row in page)


def _download(
    name: str, question: Question, lines: Iterable[str], *, bom: bool
) -> StreamingHttpResponse:
    filename = f"grapevine-{name}-{question.site.key}-{question.start}-{question.end}.csv"
    return StreamingHttpResponse(
        _with_bom(lines) if bom else lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def _with_bom(lines: Iterable[str]) -> Iterator[str]:
    yield BOM
    yield from lines


def _safe_cells(row: Any) -> Row:
    return [safe(cell) if isinstance(cell, str) else cell for cell in cells(row)]


def _hit_pages(question: Question) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the hits by pages, each asked for from where the last one ended.

    One long query would keep PostgreSQL from cleaning up, and SQLite from shortening its
    log, for as long as somebody's download takes.
    """
    hits = _hits(question).order_by("at", "pk").values_list(*HIT_FIELDS)
    page = list(hits[:PAGE])
    while page:
        yield page
        at, pk = page[-1][:2]
        later = Q(at__gt=at) | Q(pk__gt=pk)
        page = list(hits.filter(later, at__gte=at)[:PAGE]) if len(page) == PAGE else []


def _hits(question: Question) -> Any:
    # Only ``at`` is indexed. A day of a site begins up to 14 hours off that of UTC, and the
    # time zone may have been another one when the hit was stored.
    start = datetime.combine(question.start, time(), UTC) - timedelta(days=1)
    end = datetime.combine(question.end, time(), UTC) + timedelta(days=2)
    return Hit.objects.filter(
        at__gte=start,
        at__lt=end,
        day__range=(question.start, question.end),
        link__site=question.site,
    )


def _hit_cells(row: tuple[Any, ...], link_codes: dict[int, str]) -> Row:
    (at, _, day, link, title, share, channel, observed, kind, rule, agent, *rest) = row
    if link not in link_codes:
        link_codes[link] = codes.encode(link)
    return (
        f"{at.isoformat(timespec='milliseconds')[:23]}Z",
        day.isoformat(),
        link_codes[link],
        safe(title),
        codes.encode(link, share) if share else "",
        CHANNELS[channel],
        OBSERVED[observed],
        KINDS[kind],
        rule,
        safe(agent),
        *map(safe, rest),
    )
