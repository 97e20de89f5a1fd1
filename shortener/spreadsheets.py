"""Tables as CSV that spreadsheets open without harm."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# The full-width signs are formulas to spreadsheets of East Asian languages.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""In front of a file, it tells Excel that the rest is UTF-8."""

Cell = str | int | float
Row = Sequence[Cell]


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_text(rows: Iterable[Row], delimiter: str = ",") -> str:
    """Return rows as lines of CSV. Texts are always quoted: a spreadsheet that was told another
    separator would find the start of a cell in the middle of an unquoted one."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows(rows)
    return buffer.getvalue()
