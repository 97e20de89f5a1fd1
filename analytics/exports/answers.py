"""Reports as files: their answers, with every row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from analytics.exports.cells import lines
from analytics.exports.dialects import PLAIN, Dialect
from analytics.reports.catalog import REPORTS, rows_of
from analytics.reports.question import EVERYTHING, Question
from analytics.reports.shapes import cells, headings

PAGE = 2_000
"""Rows that are written at once."""


def whole(question: Question) -> Question:
    """Return the question as a file answers it: with every row, if it does not say how many."""
    return replace(question, top=question.top or EVERYTHING)


def report_lines(name: str, answer: Any, dialect: Dialect = PLAIN) -> Iterator[str]:
    """Yield the lines of an answer's rows, some thousand at once."""
    yield lines([headings(REPORTS[name].row)], dialect)
    rows = iter(rows_of(answer))
    while page := list(islice(rows, PAGE)):
        yield lines((tuple(cells(row)) for row in page), dialect)
