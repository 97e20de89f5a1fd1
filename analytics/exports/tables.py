"""Raw rows as files: which columns each table has, and how its rows are read part by part.

A part is asked for by the key of the row before it. One long query would keep PostgreSQL from
cleaning up, and SQLite from shortening its log, for as long as somebody's download takes; and
what was cut off goes on from its last part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from analytics.exports.cells import lines
from analytics.exports.dialects import PLAIN, Dialect
from analytics.exports.parts import Key, Part
from analytics.reports.question import Question
from shortener.spreadsheets import Row

PART = 50_000
"""Rows of a part: some tenths of a second."""


@dataclass(frozen=True, slots=True)
class Table:
    title: str | Promise
    sentence: str | Promise
    permission: str
    columns: tuple[str, ...]
    rows: Callable[[Question], QuerySet[Any]]
    """The rows that a question is about."""
    fields: tuple[str, ...]
    """What is read of a row: first its key."""
    order: tuple[str, ...]
    """What makes up the key: ``("at", "pk")``, or ``("pk",)``."""
    cells: Callable[[Any], Row]
    """From what was read to what is written."""
    size: Callable[[Question], int]
    """About how many rows there are, without counting them."""
    copied: Callable[[QuerySet[Any], Dialect], Part] | None = None
    """A faster way to write them, on PostgreSQL."""

    def part(self, question: Question, dialect: Dialect = PLAIN, key: Key | None = None) -> Part:
        """Return the rows that follow a key; from the first one on where there is none."""
        rows = below(self.rows(question), self.order, key).order_by(*self.order)[:PART]
        if self.copied and connection.vendor == "postgresql":
            part = self.copied(rows, dialect)
        else:
            found = list(rows.values_list(*self.fields))
            last = key_of(found[-1][: len(self.order)]) if found else None
            part = Part(lines(map(self.cells, found), dialect), len(found), last)
        return part if part.rows == PART else part._replace(key=None)


def below(rows: QuerySet[Any], order: Sequence[str], key: Key | None) -> QuerySet[Any]:
    """Return the rows that come after a key."""
    if key is None:
        return rows
    if len(order) == 1:
        return rows.filter(**{f"{order[0]}__gt": key[0]})
    moment, pk = datetime.fromisoformat(str(key[0])), key[1]
    # The last condition alone is one that an index on the moment can answer.
    later = Q(**{f"{order[0]}__gt": moment}) | Q(pk__gt=pk)
    return rows.filter(later, **{f"{order[0]}__gte": moment})


def key_of(values: Sequence[Any]) -> Key:
    return [value.isoformat() if isinstance(value, datetime) else value for value in values]


def moment(value: datetime | None) -> str:
    """Return a moment as it stands in files: in UTC, to the millisecond."""
    return f"{value.astimezone(UTC).isoformat(timespec='milliseconds')[:23]}Z" if value else ""


def day(value: date | None) -> str:
    return value.isoformat() if value else ""
