"""Rows as lines of a file that every spreadsheet reads alike.

Texts come from anybody who opened a link, so none may start like a formula: a spreadsheet
would run it.
"""

from __future__ import annotations

from collections.abc import Iterable

from analytics.exports.dialects import PLAIN, Dialect
from shortener.spreadsheets import Cell, Row, csv_text, safe


def lines(rows: Iterable[Row], dialect: Dialect = PLAIN) -> str:
    """Return rows as lines of a file."""
    guarded = ([_cell(cell, dialect.decimal) for cell in row] for row in rows)
    return csv_text(guarded, dialect.delimiter)


def _cell(cell: Cell, decimal: str) -> Cell:
    if isinstance(cell, str):
        return safe(cell)
    if isinstance(cell, float) and decimal != ".":
        return str(cell).replace(".", decimal)
    return cell
