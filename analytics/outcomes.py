"""What a share came to, and what it adds to the rollups of outcomes.

A share adds what its outcome says, and nothing else: when the outcome changes, the
difference is added. So late facts move a share from one day or channel to another, and the
rollups can be made again from the outcomes at any time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import add
from typing import Any, NamedTuple

from analytics import tables
from analytics.days import days
from analytics.models import Delays
from analytics.observed import conflicts

MAX_GENERATION = 20
"""Rollups tell generations apart up to here; those beyond are added to it."""
EDGES = tuple(2 ** (n / 2) for n in range(50))
"""Seconds with which the buckets of delays begin, but for the first: from 1 to 273 days."""
COUNTS = (
    "shares",
    "pressed",
    "pasted",
    "opened",
    "passed_on",
    "converted",
    "clicks",
    "visits",
    "conversions",
    "children",
    "prompt_children",
    "prompt_children_squared",
)
"""The columns of ``DailyOutcome`` that are added up."""


class State(NamedTuple):
    """The outcome of one share: the columns of ``Outcome``, in their order."""

    share: int
    link: int
    channel: int
    start: datetime
    day: str
    placement: str
    observed: int
    seen: int
    pressed: bool
    pasted: int | None
    opened: int | None
    clicks: int
    visits: int
    conversions: int
    parent: int | None
    root: int
    generation: int
    children: int
    prompt_children: int


class Cell(NamedTuple):
    """Key of a rollup of outcomes."""

    link: int
    day: str
    channel: int
    observed: int
    placement: str
    generation: int


Delay = tuple[int, str, int, int, int]
"""Key of a rollup of delays: link, day, channel, measure, bucket."""
Forward = tuple[str, int, int, int]
"""Key of a rollup of forwards: day, link, channel, the channel it was seen in."""


class Contributions(NamedTuple):
    """What one share adds to the rollups: one to each delay and forward."""

    cell: Cell
    counts: tuple[int, ...]
    """One for each of ``COUNTS``."""
    delays: tuple[Delay, ...]
    forwards: tuple[Forward, ...]


def contributions(state: State) -> Contributions:
    """Return what a share with this outcome adds to the rollups."""
    generation = min(state.generation, MAX_GENERATION)
    cell = Cell(state.link, state.day, state.channel, state.observed, state.placement, generation)
    prompt = state.prompt_children
    counts = (
        1,
        int(state.pressed),
        int(state.pasted is not None),
        int(state.opened is not None),
        int(state.children > 0),
        int(state.conversions > 0),
        state.clicks,
        state.visits,
        state.conversions,
        state.children,
        prompt,
        prompt * prompt,
    )
    own, others = conflicts(state.channel, state.observed, state.seen) if state.seen else (0, ())
    forwards = tuple((state.day, state.link, own, other) for other in others)
    return Contributions(cell, counts, tuple(_delays(state)), forwards)


def _delays(state: State) -> Iterator[Delay]:
    key = state.link, state.day, state.channel
    # Where no press was told of, the time since then is not known.
    if state.pasted is not None and state.pressed:
        yield *key, Delays.Measure.PASTE.value, bucket(state.pasted)
    if state.opened is not None:
        yield *key, Delays.Measure.OPEN.value, bucket(state.opened)


def bucket(seconds: float) -> int:
    """Return the bucket of a delay: 0 below a second, then two for each doubling."""
    return bisect_right(EDGES, seconds)


def bounds(bucket: int) -> tuple[float, float]:
    """Return the seconds from which, and up to which, delays fall into a bucket."""
    return (0.0, *EDGES)[bucket], (*EDGES, 2 * EDGES[-1])[bucket]


CELL = {
    "day": "date",
    "channel": "smallint",
    "observed": "smallint",
    "placement": "text",
    "generation": "smallint",
}
DELAY = {"day": "date", "channel": "smallint", "measure": "smallint", "bucket": "smallint"}
FORWARD = {"day": "date", "link_id": "bigint", "channel": "smallint", "seen_in": "smallint"}
LINK, SITE = {"link_id": "bigint"}, {"site_id": "bigint"}


@dataclass
class Additions:
    """What is to be added to the rollups of outcomes; may be less than nothing."""

    cells: dict[Cell, list[int]] = field(default_factory=dict)
    delays: dict[Delay, int] = field(default_factory=dict)
    forwards: dict[Forward, int] = field(default_factory=dict)

    def add(self, state: State, sign: int = 1) -> None:
        """Add what a share contributes, or with -1 take it back."""
        cell, counts, delays, forwards = contributions(state)
        sums = self.cells.get(cell)
        if sums is None:
            sums = self.cells[cell] = [0] * len(COUNTS)
        for position, count in enumerate(counts):
            sums[position] += sign * count
        for delay in delays:
            self.add_delay(delay, sign)
        for forward in forwards:
            self.forwards[forward] = self.forwards.get(forward, 0) + sign

    def add_delay(self, delay: Delay, number: int) -> None:
        self.delays[delay] = self.delays.get(delay, 0) + number

    def write(self) -> None:
        """Add all of it, for links and for their sites."""
        cells = {cell: sums for cell, sums in self.cells.items() if any(sums)}
        tables.add("analytics_dailyoutcome", LINK | CELL, COUNTS, cells)
        tables.add("analytics_dailysiteoutcome", SITE | CELL, COUNTS, by_site(cells))
        delays = {key: (number,) for key, number in self.delays.items() if number}
        tables.add("analytics_dailydelay", LINK | DELAY, ("number",), delays)
        tables.add("analytics_dailysitedelay", SITE | DELAY, ("number",), by_site(delays))
        forwards = {key: (number,) for key, number in self.forwards.items() if number}
        tables.add("analytics_dailyforward", FORWARD, ("shares",), forwards)


def by_site(sums: Mapping[Any, Sequence[int]]) -> dict[tuple[Any, ...], Sequence[int]]:
    """Return the sums of links, whose ids stand first in the keys, as those of their sites."""
    found: dict[tuple[Any, ...], Sequence[int]] = {}
    for (link, *rest), counts in sums.items():
        key = days.site(link), *rest
        before = found.get(key)
        found[key] = tuple(map(add, before, counts)) if before else counts
    return found
