"""What the answers of reports are made of: their columns, whatever the report.

An answer holds numbers, texts, days, moments, channels, estimates, and dataclasses of these.
A count that is None is not observable; any other None is a figure that does not exist.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from types import NoneType
from typing import Any, NamedTuple, cast, get_args, get_type_hints

from analytics.intervals import Estimate
from shortener.channels import Channel

NOT_OBSERVABLE = "not observable"
Cell = str | int | float


class Column(NamedTuple):
    """A field of a row."""

    name: str
    type: Any
    """Without None."""
    is_optional: bool

    @property
    def headings(self) -> tuple[str, ...]:
        """What stands above its cells: three of them for an estimate."""
        heading = self.name.replace("_", " ")
        if self.type is Estimate:
            return heading, f"{heading} low", f"{heading} high"
        return (heading,)

    def cells(self, value: Any) -> tuple[Cell, ...]:
        """Return a value as it stands in a file."""
        if value is None:
            empty = NOT_OBSERVABLE if self.type is int else ""
            return (empty,) * len(self.headings)
        if self.type is Estimate:
            return tuple(map(rounded, value))
        return (cell(value),)


@cache
def columns(shape: Hashable) -> tuple[Column, ...]:
    """Return the fields of a dataclass."""
    hints = get_type_hints(shape)
    return tuple(_column(field.name, hints[field.name]) for field in fields(cast(Any, shape)))


def _column(name: str, hint: Any) -> Column:
    options = get_args(hint)
    if NoneType in options:
        [hint] = [option for option in options if option is not NoneType]
    return Column(name, hint, NoneType in options)


def headings(shape: Any) -> tuple[str, ...]:
    """Return what stands above the cells of a row."""
    return tuple(heading for column in columns(shape) for heading in column.headings)


def cells(row: Any) -> Iterator[Cell]:
    """Yield what a row has below its headings."""
    for column in columns(row.__class__):
        yield from column.cells(getattr(row, column.name))


def cell(value: Any) -> Cell:
    match value:
        case Channel():
            return value.name
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%SZ}"
        case date():
            return value.isoformat()
        case float():
            return rounded(value)
        case bool():
            return "yes" if value else "no"
        case int() | str():
            return value
    raise TypeError(f"{value!r} is nothing that a report shows")


def rounded(value: float) -> float:
    """Return a figure with the digits that mean something."""
    return float(f"{value:.4g}") if abs(value) < 1000 else round(value, 1)
