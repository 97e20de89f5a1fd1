"""Conversions: what visits led to, each counted once however often it is reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from analytics import tables
from analytics.books import Books
from analytics.days import days
from analytics.facts import Fact
from analytics.shares import Shares

PLACES = Decimal("0.0001")

Key = tuple[int, str, str]
"""A site, and the visit and name that make a conversion count once on it."""


@dataclass
class Conversions:
    """The conversions of a segment. Of several with the same visit and name on a site, the
    one that was told first stands."""

    books: Books
    shares: Shares
    told: dict[Key, Fact] = field(default_factory=dict)

    def add(self, fact: Fact) -> None:
        """Take a conversion in. The site's own backend is believed whatever it runs on."""
        if not (fact["server"] or self.books.is_by_person(fact)):
            self.books.ignore()
            return
        if fact["share"]:
            self.shares.trace(fact)
        key = days.site(fact["link"]), fact["visit"], fact["name"]
        if self.told.setdefault(key, fact) is not fact:
            self.books.ignore()

    def write(self) -> None:
        """Insert those that are new, and count them."""
        rows = tables.upsert(
            "analytics_conversion",
            {"site_id": "bigint", "visit": "text", "name": "text"}
            | {"at": "timestamptz", "day": "date"}
            | {"link_id": "bigint", "share_id": "bigint"}
            | {"value": "numeric", "currency": "text", "server": "boolean"},
            [(*key, *self._row(self.told[key])) for key in sorted(self.told)],
            conflict="(site_id, visit, name) DO NOTHING",
            returning="site_id, visit, name",
        )
        for site, visit, name in rows:
            fact = self.told[site, visit, name]
            self.books.count_fact("conversions", fact)
            if fact["share"]:
                self.shares.trace(fact).conversions += 1
        self.books.ledger["ignored"] += len(self.told) - len(rows)

    def _row(self, fact: Fact) -> tuple[object, ...]:
        value = fact["value"]
        return (
            self.books.moments.text(fact["time"]),
            self.books.day(fact["link"], fact["time"]),
            fact["link"],
            fact["share"] or None,
            None if value is None else f"{Decimal(str(value)).quantize(PLACES):f}",
            fact["currency"],
            fact["server"],
        )
