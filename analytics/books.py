"""The books of a segment: what its facts add to the ledger and to the rollups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import add

from analytics import tables
from analytics.agents import Key, Sender
from analytics.classify import Kind
from analytics.days import Moments, days
from analytics.facts import Fact
from shortener.channels import NUMBERS

LEDGER = {
    Kind.CLICK: "clicks",
    Kind.PREVIEW: "previews",
    Kind.PREFETCH: "prefetches",
    Kind.SCANNER: "scanners",
    Kind.BOT: "bots",
}
"""The ledger's and the rollups' column for each kind of hit."""

COUNTS = (
    "offers",
    "presses",
    "cancels",
    *LEDGER.values(),
    "visits",
    "dark_visits",
    "conversions",
    "visitors",
    "new_visitors",
)
COLUMN = {name: position for position, name in enumerate(COUNTS)}
CONTENT_KEY = {"day": "date", "link_id": "bigint", "channel": "smallint"}
SITE_KEY = {"site_id": "bigint", "day": "date", "channel": "smallint"}

Content = tuple[str, int, int]
"""Key of a rollup: day, link id, channel number."""


@dataclass
class Books:
    """What the facts of one segment add up to, before it is written."""

    zones: Mapping[int, str]
    senders: Mapping[Key, Sender]
    moments: Moments = field(default_factory=Moments)
    ledger: Counter[str] = field(default_factory=Counter)
    contents: dict[Content, list[int]] = field(default_factory=dict)

    def content(self, day: str, link: int, channel: int) -> list[int]:
        """Return the counts of a rollup's row, to be added to."""
        key = day, link, channel
        counts = self.contents.get(key)
        if counts is None:
            counts = self.contents[key] = [0] * len(COUNTS)
        return counts

    def count(self, name: str, link: int, time: int, channel: int, number: int = 1) -> None:
        """Add to one of the counts of a link and channel on the day of a moment."""
        self.content(self.day(link, time), link, channel)[COLUMN[name]] += number

    def count_fact(self, name: str, fact: Fact) -> None:
        """Count a fact in the rollup of its link and channel, and in the ledger."""
        self.count(name, fact["link"], fact["time"], fact.get("share", 0) % NUMBERS)
        self.ledger[name] += 1

    def ignore(self) -> None:
        """Enter a fact in the ledger that tells nothing new."""
        self.ledger["ignored"] += 1

    def day(self, link: int, time: int) -> str:
        """Return the day of a moment in the time zone of a link's site."""
        return days.day(self.zones[link], time)

    def sender(self, fact: Fact) -> Sender:
        return self.senders[fact["agent"], fact["signals"]]

    def is_by_person(self, fact: Fact) -> bool:
        """Tell whether a person did what a page reports, as far as can be seen."""
        return self.sender(fact).kind is Kind.CLICK and not fact.get("automated")

    def write(self) -> None:
        """Add what was counted to the rollups; those of sites last, since all segments meet
        in their rows."""
        tables.add("analytics_dailycontent", CONTENT_KEY, COUNTS, self.contents)
        sites: dict[tuple[int, str, int], list[int]] = {}
        for (day, link, channel), counts in self.contents.items():
            key = days.site(link), day, channel
            before = sites.get(key)
            sites[key] = list(map(add, before, counts)) if before else counts
        tables.add("analytics_dailysite", SITE_KEY, COUNTS, sites)
