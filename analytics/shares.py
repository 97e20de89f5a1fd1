"""The shares that a segment's facts tell of, and how each came about.

A share's row appears with the first fact that names it; its press completes it. What is
copied out of the address bar has no press: the first arrival makes it a share. Of several
presses, or arrivals, the earliest stands, in whatever order they were told.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from analytics import pace, tables, traces
from analytics.books import Books
from analytics.days import days
from analytics.facts import ARRIVALS, Fact
from analytics.models import Share
from analytics.traces import Trace
from shortener.channels import BY_NAME, NUMBERS

ADDRESSBAR = BY_NAME["addressbar"].number
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
AUTOMATED = Share.Flag.AUTOMATED.value


class Press(NamedTuple):
    """How a share came about. It counts as a press unless it is flagged."""

    link: int
    time: int
    parent: int | None
    placement: str
    flag: str

    def merged(self, later: Press) -> Press:
        """Return what is known once another press, or arrival, was told as well.

        A code of another link with the number of this share is somebody's invention.
        """
        if later.link != self.link:
            return self
        first = min(self, later, key=lambda press: press.time)
        # Of a person's arrival and a machine's, the person's makes it count.
        return first._replace(flag=later.flag if self.flag == AUTOMATED else self.flag)


@dataclass
class Shares:
    """What is told of shares, and the rows that come of it."""

    books: Books
    traces: dict[tuple[int, int], Trace] = field(default_factory=dict)
    """By share and link, as codes name them."""
    told: dict[int, Press] = field(default_factory=dict)
    visitors: dict[int, int | None] = field(default_factory=dict)
    """Who pressed, by share id. Shares of the address bar are not among them."""
    fresh: set[int] = field(default_factory=set)
    """Those that were told of a press for the first time; known once written."""

    def trace(self, fact: Fact) -> Trace:
        """Return what is known of the share that a fact names, to be added to."""
        key, time = (fact["share"], fact["link"]), fact["time"]
        trace = self.traces.get(key)
        if trace is None:
            trace = self.traces[key] = Trace(time)
        elif time < trace.created:
            trace.created = time
        return trace

    def add_press(self, fact: Fact) -> None:
        """Take a press in. What is entered in the ledger is decided once all are written."""
        share = fact["share"]
        if (
            share in self.told
            or share % NUMBERS == ADDRESSBAR
            or not self.books.is_by_person(fact)
        ):
            self.books.ignore()
            return
        self.trace(fact)
        self.told[share] = press_of(fact)
        self.visitors[share] = fact["visitor"]

    def add_visit(self, fact: Fact) -> None:
        """Take a visit with a share's code in."""
        trace = self.trace(fact)
        share = fact["share"]
        if fact["navigation"] not in ARRIVALS:
            return
        is_by_person = self.books.is_by_person(fact)
        trace.visits += is_by_person
        if share % NUMBERS != ADDRESSBAR:
            return
        arrival = press_of(fact, flag="" if is_by_person else AUTOMATED)
        before = self.told.get(share)
        self.told[share] = before.merged(arrival) if before else arrival

    def write(self) -> None:
        """Write the shares, and count the presses that are new."""
        self._upsert()
        if not self.told:
            return
        changed = self._count_fresh() | self._count_known()
        moment = self.books.moments.text
        tables.update(
            "analytics_share",
            {"id": "bigint", "pressed": "timestamptz", "parent": "bigint"}
            | {"placement": "text", "flag": "text"},
            [
                (share, moment(press.time), press.parent, press.placement, press.flag)
                for share, press in changed.items()
            ],
        )

    def _upsert(self) -> None:
        """Create the shares, and complete those that are there."""
        text = self.books.moments.text
        presses = {
            share: (text(press.time), press.parent, press.placement, press.flag)
            for share, press in self.told.items()
        }
        told = traces.write(self.traces, presses, self.books.moments)
        self.fresh = {share for share in self.told if told.get(share) == 1}

    def _count_fresh(self) -> dict[int, Press]:
        """Count what is new; return the presses that turn out to be flagged."""
        flags = self._judge()
        for share in self.fresh:
            press = self.told[share] = self.told[share]._replace(
                flag=flags.get(share, self.told[share].flag)
            )
            self._count(share, press)
            if share in self.visitors:
                self.books.ledger["flagged" if share in flags else "presses"] += 1
        return {share: self.told[share] for share in flags}

    def _judge(self) -> dict[int, str]:
        presses = [
            pace.Pressed(self.told[share].time, share, days.site(self.told[share].link), visitor)
            for share, visitor in self.visitors.items()
            if share in self.fresh
        ]
        if not presses:
            return {}
        return {share: flag.value for share, flag in pace.judge(presses).items()}

    def _count_known(self) -> dict[int, Press]:
        """Count what was known already where it is to be counted now; return what changed."""
        again = self.told.keys() - self.fresh
        self.books.ledger["ignored"] += len(again & self.visitors.keys())
        changed = {}
        for share, before in _read(again).items():
            after = before.merged(self.told[share])
            if after != before:
                self._count(share, before, -1)
                self._count(share, after)
                changed[share] = after
        return changed

    def _count(self, share: int, press: Press, number: int = 1) -> None:
        if not press.flag:
            self.books.count("presses", press.link, press.time, share % NUMBERS, number)


def press_of(fact: Fact, flag: str = "") -> Press:
    """Return the press that a fact tells of. No share is its own parent."""
    parent = fact["parent"] if fact["parent"] != fact["share"] else 0
    return Press(fact["link"], fact["time"], parent or None, fact.get("placement", ""), flag)


def _read(shares: Collection[int]) -> dict[int, Press]:
    """Return how the shares came about that were pressed before."""
    if not shares:
        return {}
    rows = Share.objects.filter(pk__in=shares).values_list(
        "pk", "link_id", "pressed", "parent", "placement", "flag"
    )
    return {
        share: Press(link, (pressed - EPOCH) // MILLISECOND, parent, placement, flag)
        for share, link, pressed, parent, placement, flag in rows
        if pressed
    }
