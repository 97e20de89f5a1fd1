"""Files with links: from bytes of any encoding to lines whose columns are known."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shortener.imports import yourls
from shortener.imports.formats import Format, field_of, plain, recognise
from shortener.imports.objects import objects
from shortener.pages import one_line

MAX_BYTES = 20 * 1024 * 1024
MAX_LINES = 100_000
MAX_CELL = 2_200
"""Longer than anything that can become part of a link."""
SEPARATORS = ",;\t"
SHOWN = 12
"""Headings that are named where none is known."""
MAX_IGNORED = 50
"""Headings that are remembered of those that are not read."""

Row = tuple[int, Mapping[str, str]]
"""The number of a line, as a spreadsheet or an editor counts, and its cells by heading."""


class FileError(Exception):
    """Why a file cannot be read, as a sentence for whoever chose it."""


class Line(NamedTuple):
    number: int
    values: dict[str, str]


class Contents(NamedTuple):
    """What a file turned out to be."""

    kind: Format
    columns: dict[str, str]
    """The heading of each column that is read, by what it holds."""
    ignored: list[str]
    last: int
    """The number of the last line."""


def read(content: bytes) -> Contents:
    """Look through a file, from its first line to its last. Raises FileError."""
    headings: dict[str, None] = {}
    count = last = 0
    for number, cells in _rows(decode(content)):
        headings.update(dict.fromkeys(cells))
        count, last = count + 1, number
        if count > MAX_LINES:
            sentence = ngettext(
                "The file has more than %(number)s line. Cut it into several.",
                "The file has more than %(number)s lines. Cut it into several.",
                MAX_LINES,
            )
            raise FileError(sentence % {"number": f"{MAX_LINES:,}"})
    if not count:
        raise FileError(_("There is no line with a link in this file."))
    if (kind := recognise(headings)) is None:
        sentence = _(
            "No column is called “destination”, which says where links lead. "
            "The columns are: %(columns)s."
        )
        raise FileError(sentence % {"columns": ", ".join(map(_shown, [*headings][:SHOWN]))})
    fields = {heading: field_of(heading, kind) for heading in headings}
    columns: dict[str, str] = {}
    for heading, field in fields.items():
        if field:
            columns.setdefault(field, _shown(heading))
    ignored = [_shown(heading) for heading, field in fields.items() if not field][:MAX_IGNORED]
    return Contents(kind, columns, ignored, last)


def _shown(heading: str) -> str:
    return one_line(heading, 100)


def lines(content: bytes, kind: Format, after: int = 0) -> Iterator[Line]:
    """Yield the lines of a file behind a number, with what is read of them."""
    order = {heading: place for place, heading in enumerate(kind.columns)}
    for number, cells in _rows(decode(content)):
        if number <= after:
            continue
        values: dict[str, str] = {}
        # Of two columns with the same meaning, the kind of file says which comes first.
        for heading in sorted(cells, key=lambda name: order.get(plain(name), len(order))):
            text = cells[heading].strip()[:MAX_CELL].replace("\0", "")
            if text and (field := field_of(heading, kind)):
                values.setdefault(field, text)
        yield Line(number, values)


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or Windows-1252.

    Every text is one in Windows-1252, so that is what it is taken for last.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content[:200]:  # No byte order mark, but every second byte of English is 0.
        return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _rows(text: str) -> Iterator[Row]:
    if text.lstrip()[:1] in ("{", "["):
        try:
            yield from enumerate(objects(text), 1)
        except ValueError as error:
            raise FileError(_("This is not valid JSON: %(error)s.") % {"error": error}) from error
    elif yourls.is_dump(text):
        yield from enumerate(yourls.rows(text), 1)
    else:
        try:
            yield from _table(text)
        except csv.Error as error:
            raise FileError(_("This is not a table: %(error)s.") % {"error": error}) from error


def _table(text: str) -> Iterator[Row]:
    """Yield the rows of a CSV file that hold something, by their headings."""
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text))
    places: dict[str, int] = {}
    for number, cells in enumerate(table, 1):
        if not any(cell.strip() for cell in cells) or cells[0].lower().startswith("sep="):
            continue
        if places:
            yield number, {name: cells[at] for name, at in places.items() if at < len(cells)}
        else:
            # Of two columns with the same heading, the first counts.
            for at, heading in enumerate(cells):
                if name := heading.strip():
                    places.setdefault(name, at)


def separator(text: str) -> str:
    """Return what separates the cells: whatever makes most of them in the first lines."""
    first = "\n".join(text.lstrip("\r\n").splitlines()[:1])
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4]
    return max(SEPARATORS, key=first.count)
