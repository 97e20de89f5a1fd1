"""Visits: who landed on a page, with a share's code in the address or without."""

from __future__ import annotations

from dataclasses import dataclass, field

from analytics import tables
from analytics.books import Books
from analytics.facts import ARRIVALS, Fact
from analytics.shares import Shares

COLUMNS = (
    "batch_id",
    "at",
    "day",
    "link_id",
    "share_id",
    "referrer",
    "navigation",
    "language",
    "country",
    "agent_id",
    "automated",
)


@dataclass
class Visits:
    """The visits of a segment. Only those with a code become rows: the others are as many
    as page views."""

    books: Books
    shares: Shares
    rows: list[str] = field(default_factory=list)
    """For ``tables.append``."""

    def add(self, batch: int, fact: Fact) -> None:
        if fact["share"]:
            self.shares.add_visit(fact)
            self.rows.append(self._row(batch, fact))
        if fact["navigation"] not in ARRIVALS or not self.books.is_by_person(fact):
            self.books.ignore()
            return
        self.books.count_fact("visits", fact)
        if is_dark(fact):
            self.books.count("dark_visits", fact["link"], fact["time"], 0)

    def write(self) -> None:
        if self.rows:
            tables.append("analytics_visit", COLUMNS, self.rows)

    def _row(self, batch: int, fact: Fact) -> str:
        values = (
            batch,
            self.books.moments.text(fact["time"]),
            self.books.day(fact["link"], fact["time"]),
            fact["link"],
            fact["share"],
            fact["referrer"] or "",
            fact["navigation"],
            fact["language"],
            fact["country"],
            self.books.sender(fact).agent_id,
            int(fact["automated"]),
        )
        return "\t".join(map(str, values)).replace("\\", "")


def is_dark(fact: Fact) -> bool:
    """Tell whether nothing says where a visit came from, and nobody types such an address."""
    return not fact["share"] and fact["referrer"] == "" and not fact["home"]
