"""Reports as tables on a page: what stands in their cells, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from analytics.dashboard.words import COLUMNS, SPOKEN, Words, duration
from analytics.intervals import Estimate
from analytics.reports.shapes import Column, columns
from shortener import codes
from shortener.channels import Channel

MAX_ROWS = 500
"""On a page; files have all of them."""
SECONDS = frozenset({"half_life", "time_to_open", "time_to_paste"})
PERCENT = frozenset({"percent"})
WORDS = frozenset({"certainty", "finding", "ratio", "reach", "value", "weekday"})
"""Columns whose texts are words, not names."""
HIDDEN = frozenset({"destination"})
ALL = "all"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says, and how."""

    text: str
    note: str = ""
    url: str = ""
    channel: str = ""
    """The name of a channel, for its colour."""
    code: str = ""
    """"region" or "language": the text is a code that browsers know the name of."""


@dataclass(frozen=True, slots=True)
class Heading:
    text: Words
    is_number: bool


@dataclass(frozen=True, slots=True)
class Table:
    headings: Sequence[Heading]
    rows: Sequence[Sequence[tuple[Heading, Cell]]]
    has_more: bool
    """Whether rows were left out."""


def table(shape: Any, rows: Iterable[Any], *, codes_of: str = "") -> Table:
    """Return rows of a report as they are shown.

    ``codes_of`` says what the values are codes of, if they are: "region" or "language".
    """
    shown = [column for column in columns(shape) if column.name not in HIDDEN]
    if {"link", "title"} <= {column.name for column in shown}:
        shown = [column for column in shown if column.name != "link"]
    headings = [_heading(column) for column in shown]
    some = list(islice(rows, MAX_ROWS + 1))
    return Table(
        headings,
        [
            list(zip(headings, [_cell(column, row, codes_of) for column in shown], strict=True))
            for row in some[:MAX_ROWS]
        ],
        len(some) > MAX_ROWS,
    )


def number(value: float, places: int = 0) -> str:
    return number_format(value, places, force_grouping=True)


def percent(value: float, places: int = 1) -> str:
    return _("%(number)s %%") % {"number": number(value, places)}


def figure(value: float) -> str:
    """Return a figure with the digits that mean something."""
    return number(value, 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0)


def _heading(column: Column) -> Heading:
    is_number = column.type in (int, float, Estimate) and column.name != "cascade"
    return Heading(COLUMNS[column.name], is_number)


def _cell(column: Column, row: Any, codes_of: str) -> Cell:
    value = getattr(row, column.name)
    match value:
        case None if column.type is int:
            return Cell(_("not observable"))
        case None:
            return Cell(_("all") if column.name == "channel" else "–")
        case Channel():
            return Cell(value.title, channel=value.name)
        case Estimate():
            return _estimate(column.name, value)
        case datetime():
            return Cell(date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT"))
        case date():
            return Cell(date_format(value, "SHORT_DATE_FORMAT"))
        case float() if column.name in SECONDS:
            return Cell(duration(value))
        case float():
            return Cell(percent(value) if column.name in PERCENT else figure(value))
        case int():
            return Cell(number(value))
    return _text(column.name, row, str(value), codes_of)


def _text(name: str, row: Any, text: str, codes_of: str) -> Cell:
    if name in WORDS and text in SPOKEN:
        return Cell(str(SPOKEN[text]))
    if name == "title":
        return _title(row, text)
    if name == "value" and codes_of:
        return Cell(text, code=codes_of)
    return Cell(text or "–")


def _title(row: Any, text: str) -> Cell:
    if not row.link:
        return Cell(_("All other content"))
    link, _share = codes.decode(row.link) or (0, 0)
    return Cell(text, note=row.link, url=reverse("reports:link", args=[link]))


def _estimate(name: str, estimate: Estimate) -> Cell:
    if name.endswith("_rate"):
        low, high = (number(100 * bound) for bound in (estimate.low, estimate.high))
        between = _("%(low)s to %(high)s %%") % {"low": low, "high": high}
        return Cell(percent(100 * estimate.value), note=between)
    low, high = figure(estimate.low), figure(estimate.high)
    between = _("%(low)s to %(high)s") % {"low": low, "high": high}
    return Cell(figure(estimate.value), note=between)
