"""``manage.py report``: a report in the terminal, or in a file."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from analytics.exports.answers import report_lines, whole
from analytics.reports.catalog import REPORTS, rows_of
from analytics.reports.params import PARAMETERS
from analytics.reports.question import Question
from analytics.reports.shapes import Cell, cells, headings
from analytics.serializers import answer_json
from shortener.models import Site

WIDTH = 40
"""Of a text in the table; longer ones are cut."""


def table(name: str, question: Question) -> Iterator[str]:
    """Yield the lines of a table that can be read in a terminal."""
    report = REPORTS[name]
    answer = report.answer(question)
    yield f"{report.title}: {question.site}, {question.start} to {question.end} " + (
        f"({question.site.time_zone})"
    )
    yield ""
    rows = [headings(report.row), *map(tuple, map(cells, rows_of(answer)))]
    if len(rows) > 1:
        yield from _aligned(rows)
    else:
        yield "There is nothing in this period."
    yield from _summary(report.row, answer_json(report, question, answer))


def _aligned(rows: list[tuple[Cell, ...]]) -> Iterator[str]:
    """Yield the rows with texts to the left and numbers to the right."""
    columns = list(zip(*rows, strict=True))
    widths = [max(len(_shown(cell)) for cell in column) for column in columns]
    is_text = [all(isinstance(cell, str) for cell in column) for column in columns]
    for row in rows:
        parts = zip(map(_shown, row), widths, is_text, strict=True)
        line = (f"{cell:{'<' if left else '>'}{width}}" for cell, width, left in parts)
        yield "  ".join(line).rstrip()


def _shown(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell if len(cell) <= WIDTH else f"{cell[: WIDTH - 1]}…"
    return f"{cell:,}"


def _summary(row: type, data: dict[str, Any]) -> Iterator[str]:
    """Yield what an answer says beside its rows, a line for each figure."""
    asked = {"site", "time_zone", "start", "end"}
    lines = [
        f"{path}: {value:,}" if isinstance(value, int | float) else f"{path}: {value}"
        for name, item in data.items()
        if name not in asked and not isinstance(item, list)
        for path, value in _figures(name.replace("_", " "), item)
    ]
    if lines:
        yield ""
        yield from lines


def _figures(path: str, item: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(item, dict):
        for name, part in item.items():
            yield from _figures(f"{path}, {name.replace('_', ' ')}", part)
    elif item is not None:
        yield path, item


def as_csv(name: str, question: Question) -> Iterator[str]:
    answer = REPORTS[name].answer(whole(question))
    return report_lines(name, answer)


def as_json(name: str, question: Question) -> Iterator[str]:
    report = REPORTS[name]
    data = answer_json(report, question, report.answer(question))
    yield json.dumps(data, indent=2, ensure_ascii=False)


WRITERS: dict[str, Callable[[str, Question], Iterator[str]]] = {
    "table": table,
    "csv": as_csv,
    "json": as_json,
}


class Command(BaseCommand):
    help = "Print a report about a site's days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", choices=REPORTS, metavar="report", help=_names())
        for name, sentence in PARAMETERS.items():
            parser.add_argument(
                f"--{name.replace('_', '-')}", action="append", dest=name, help=sentence
            )
        parser.add_argument("--format", choices=list(WRITERS), default="table")
        for name in ("csv", "json"):
            parser.add_argument(
                f"--{name}", action="store_const", const=name, dest="format", help="The format."
            )

    def handle(self, *, report: str, format: str, **options: Any) -> None:
        asked = {name: options.get(name) or [] for name in PARAMETERS}
        try:
            # Whoever runs commands here can read the database.
            question = Question.from_params(asked, Site.objects.all(), in_full=True)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        for line in WRITERS[format](report, question):
            self.stdout.write(line)


def _names() -> str:
    return f"One of {', '.join(REPORTS)}."
