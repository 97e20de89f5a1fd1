"""Rows as lines of CSV that every spreadsheet reads alike.

Texts come from anybody who opened a link, so none may start like a formula: a spreadsheet
would run it. They are always quoted, since a spreadsheet that was told another separator
would find the start of a cell in the middle of an unquoted one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from analytics.exports.dialects import PLAIN, Dialect

# The full-width signs are formulas to spreadsheets of East Asian languages.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | float
Row = Sequence[Cell]


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def lines(rows: Iterable[Row], dialect: Dialect = PLAIN) -> str:
    """Return rows as lines of a file."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([_cell(cell, dialect.decimal) for cell in row] for row in rows)
    return buffer.getvalue()


def _cell(cell: Cell, decimal: str) -> Cell:
    if isinstance(cell, str):
        return safe(cell)
    if isinstance(cell, float) and decimal != ".":
        return str(cell).replace(".", decimal)
    return cell
