"""``manage.py report``: a report in the terminal, or in a file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from analytics.api import ContentSerializer
from analytics.exports import NOT_OBSERVABLE, content_lines
from analytics.reports.content import Content, LinkContent, Totals, content
from analytics.reports.question import Question

WIDTH = 46
"""Of the first column; longer titles are cut."""
COLUMNS = {
    "presses": 10,
    "previews": 16,
    "clicks": 10,
    "daily visitors": 16,
    "visits": 10,
    "conversions": 13,
}
"""The other columns, and how wide each is."""


def table(report: Content) -> Iterator[str]:
    """Yield the lines of a table that can be read in a terminal."""
    question, reach = report.question, report.reach
    yield f"{question.site}, {question.start} to {question.end} ({question.site.time_zone})"
    yield ""
    if not report.links:
        yield "Nothing was pressed, opened or visited in this period."
        return
    yield _line("", COLUMNS)
    for link in report.links:
        yield from _link_lines(link)
    yield ""
    yield _total_line("Private channels", reach.private)
    yield _total_line("Public channels", reach.public)
    yield _total_line("Short links themselves", reach.direct)
    yield _total_line("All", reach.all)
    if reach.private_percent is not None:
        yield ""
        yield f"{reach.private_percent:.1f} % of the clicks on shares came from private channels."


def _link_lines(link: LinkContent) -> Iterator[str]:
    yield _total_line(f"{link.code}  {link.title}", link.reach.all)
    for row in link.channels:
        previews = NOT_OBSERVABLE if row.previews is None else row.previews
        numbers = (row.presses, previews, row.clicks, row.visitors, row.visits, row.conversions)
        yield _line(f"  {row.channel.label}", numbers)


def _total_line(name: str, totals: Totals) -> str:
    return _line(name, astuple(totals))


def _line(name: str, cells: Iterable[str | int]) -> str:
    if len(name) > WIDTH:
        name = f"{name[: WIDTH - 1]}…"
    texts = (f"{cell:,}" if isinstance(cell, int) else cell for cell in cells)
    aligned = (f"{text:>{width}}" for text, width in zip(texts, COLUMNS.values(), strict=True))
    return f"{name:<{WIDTH}}" + "".join(aligned)


def as_json(report: Content) -> list[str]:
    return [json.dumps(ContentSerializer(report).data, indent=2, ensure_ascii=False)]


WRITERS = {"table": table, "csv": content_lines, "json": as_json}


class Command(BaseCommand):
    help = "Print a report about a site's days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", choices=["content"], help="Content by channel.")
        parser.add_argument("--site", default="", help="The site's key.")
        parser.add_argument("--from", default="", dest="start", help="First day: 2026-11-01.")
        parser.add_argument("--to", default="", dest="end", help="Last day; today if not given.")
        parser.add_argument("--format", choices=list(WRITERS), default="table")

    def handle(self, *, site: str, start: str, end: str, format: str, **options: Any) -> None:
        try:
            question = Question.from_params({"site": site, "from": start, "to": end})
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        report = content(question)
        for line in WRITERS[format](report):
            self.stdout.write(line)
