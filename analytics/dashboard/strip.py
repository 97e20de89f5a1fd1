"""The live strip: three rows of bars, a bar for each of the last minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from analytics.dashboard.tables import number
from analytics.dashboard.words import Words
from analytics.live import MINUTES, Live, LiveMinute, live
from shortener.models import Site

HEIGHT = 40
STEP = 8
WIDTH = 6
"""A bar's, of the ``STEP`` from one to the next."""
SERIES: Sequence[tuple[str, Words, Callable[[LiveMinute], int]]] = (
    ("clicks", _("Clicks"), lambda minute: minute.clicks),
    ("presses", _("Presses"), lambda minute: minute.presses),
    ("previews", _("Previews"), lambda minute: minute.previews),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """Of an SVG, whose origin is the upper left corner."""

    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Row:
    """The bars of one of the numbers."""

    name: str
    label: Words
    total: str
    most: str
    bars: Sequence[Bar]


def strip(site: Site) -> dict[str, Any]:
    """Return what the live strip of a site shows."""
    found = live(site)
    return {
        "site": site,
        "live": found,
        "rows": [_row(found, *series) for series in SERIES],
        "minutes": tuple(reversed(found.minutes)),
        "is_quiet": not any(
            minute.clicks or minute.presses or minute.previews for minute in found.minutes
        ),
        "view_box": f"0 0 {MINUTES * STEP - (STEP - WIDTH)} {HEIGHT}",
    }


def _row(found: Live, name: str, label: Words, of: Callable[[LiveMinute], int]) -> Row:
    numbers = [of(minute) for minute in found.minutes]
    most = max(numbers)
    # What is left out is missing on the left: the right end is now.
    first = MINUTES - len(numbers)
    bars = [
        Bar((first + place) * STEP, HEIGHT - height, height)
        for place, value in enumerate(numbers)
        if (height := _height(value, most))
    ]
    return Row(name, label, number(sum(numbers)), number(most), bars)


def _height(value: int, most: int) -> int:
    """Return a height that shows also one beside thousands."""
    return max(2, round(HEIGHT * value / most)) if value else 0
