"""What the facts of a segment add up to, and the rows that come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from analytics import tables
from analytics.agents import Key, Sender
from analytics.classify import Kind, referrer_verdict
from analytics.days import Moments, days
from analytics.facts import Fact
from shortener.channels import DIRECT, NUMBERS

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
    *LEDGER.values(),
    "visits",
    "visitors",
    "new_visitors",
)
COLUMN = {name: position for position, name in enumerate(COUNTS)}
OF_KIND = {kind: COLUMN[name] for kind, name in LEDGER.items()}

HIT_COLUMNS = (
    "batch_id",
    "at",
    "day",
    "link_id",
    "share_id",
    "channel",
    "observed",
    "kind",
    "rule",
    "agent_id",
    "referrer",
    "language",
    "country",
    "visitor",
)

CLICK, PREVIEW = Kind.CLICK, Kind.PREVIEW
NULL = "\\N"

Content = tuple[str, int, int]
"""Key of a rollup: day, link id, channel number."""


@dataclass
class Tally:
    """What the facts of one segment add up to, before anything is written."""

    zones: Mapping[int, str]
    senders: Mapping[Key, Sender]
    moments: Moments = field(default_factory=Moments)
    ledger: Counter[str] = field(default_factory=Counter)
    hits: list[str] = field(default_factory=list)
    """Rows for ``tables.append``."""
    contents: dict[Content, list[int]] = field(default_factory=dict)
    visitors: dict[tuple[int, str, int], int] = field(default_factory=dict)
    shares: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Share id -> link id, time of its first fact."""
    presses: dict[int, Fact] = field(default_factory=dict)

    def write(self, batch: int, read: list[Fact]) -> Counter[str]:
        """Count the facts and write everything; return the ledger's columns."""
        self._add_hits(batch, [fact for fact in read if fact["kind"] == "hit"])
        for fact in read:
            if fact["kind"] != "hit":
                self._add_other(fact)
        self._write_shares()
        self._write_visitors()
        self._write_contents()
        tables.append("analytics_hit", HIT_COLUMNS, self.hits)
        return self.ledger

    def _content(self, day: str, link: int, channel: int) -> list[int]:
        key = day, link, channel
        counts = self.contents.get(key)
        if counts is None:
            counts = self.contents[key] = [0] * len(COUNTS)
        return counts

    def _add_hits(self, batch: int, hits: list[Fact]) -> None:
        """Add requests. One loop without calls: most of what ingest computes is here."""
        senders, zones, shares, visitors = self.senders, self.zones, self.shares, self.visitors
        content, moment, day_of, append = (
            self._content,
            self.moments.text,
            days.day,
            self.hits.append,
        )
        kinds: Counter[Kind] = Counter()
        for fact in hits:
            link, share, time = fact["link"], fact["share"], fact["time"]
            referrer, visitor, country = fact["referrer"], fact["visitor"], fact["country"]
            language = fact["language"].replace("\\", "")
            agent_id, kind, observed, rule = senders[fact["agent"], fact["signals"]]
            if referrer:
                referrer = referrer.replace("\\", "")
                if kind is CLICK and not observed:
                    _, observed, rule = referrer_verdict(referrer)
            channel = share % NUMBERS
            day = day_of(zones[link], time)
            content(day, link, channel)[OF_KIND[kind]] += 1
            kinds[kind] += 1
            if kind is PREVIEW:
                # Most messengers fetch from the sharer's own device: not to be counted as
                # an audience, nor located.
                visitor, country = None, ""
            elif kind is CLICK and visitor is not None:
                key = link, day, visitor
                visitors[key] = visitors.get(key, 0) | 1 << channel
            if share and share not in shares:
                shares[share] = link, time
            append(
                f"{batch}\t{moment(time)}\t{day}\t{link}\t{share or NULL}\t{channel}\t{observed}\t"
                f"{kind:d}\t{rule}\t{agent_id}\t{referrer}\t{language}\t{country}\t"
                f"{NULL if visitor is None else visitor}"
            )
        for kind, number in kinds.items():
            self.ledger[LEDGER[kind]] += number

    def _add_other(self, fact: Fact) -> None:
        """Add an offer, a press or a visit. What a machine did is not counted."""
        kind, link = fact["kind"], fact["link"]
        day = days.day(self.zones[link], fact["time"])
        if kind == "offer":
            self._content(day, link, DIRECT.number)[COLUMN["offers"]] += 1
            self.ledger["offers"] += 1
            return
        if self.senders[fact["agent"], fact["signals"]].kind is not Kind.CLICK:
            self.ledger["ignored"] += 1
            return
        share = fact["share"]
        if kind == "visit":
            self._content(day, link, share % NUMBERS)[COLUMN["visits"]] += 1
            self.ledger["visits"] += 1
        elif share in self.presses:
            self.ledger["ignored"] += 1
        else:
            self.presses[share] = fact
        if share and share not in self.shares:
            self.shares[share] = link, fact["time"]

    def _write_shares(self) -> None:
        """Create the shares, and complete those whose press is known now.

        One statement for both, in the order of the ids: two would let two workers wait for
        each other.
        """
        rows = tables.upsert(
            "analytics_share",
            {
                "id": "bigint",
                "link_id": "bigint",
                "channel": "smallint",
                "created": "timestamptz",
                "pressed": "timestamptz",
                "parent": "bigint",
                "placement": "text",
            },
            [self._share_row(share) for share in sorted(self.shares)],
            conflict=(
                "(id) DO UPDATE SET pressed = EXCLUDED.pressed, parent = EXCLUDED.parent, "
                "placement = EXCLUDED.placement "
                "WHERE analytics_share.pressed IS NULL AND EXCLUDED.pressed IS NOT NULL"
            ),
            returning="id",
        )
        pressed = [share for (share,) in rows if share in self.presses]
        for share in pressed:
            fact = self.presses[share]
            day = days.day(self.zones[fact["link"]], fact["time"])
            self._content(day, fact["link"], share % NUMBERS)[COLUMN["presses"]] += 1
        self.ledger["presses"] += len(pressed)
        self.ledger["ignored"] += len(self.presses) - len(pressed)

    def _share_row(self, share: int) -> tuple[object, ...]:
        link, first = self.shares[share]
        press = self.presses.get(share, {})
        pressed = self.moments.text(press["time"]) if press else None
        return (
            share,
            link,
            share % NUMBERS,
            self.moments.text(first),
            pressed,
            press.get("parent") or None,
            press.get("placement", ""),
        )

    def _write_visitors(self) -> None:
        """Note who came, and count those whom the day has not seen yet."""
        rows = tables.upsert(
            "analytics_dailyvisitor",
            {"link_id": "bigint", "day": "date", "visitor": "bigint"}
            | {"channels": "bigint", "before": "bigint"},
            [(*key, channels, 0) for key, channels in sorted(self.visitors.items())],
            conflict=(
                "(link_id, day, visitor) DO UPDATE SET "
                "before = analytics_dailyvisitor.channels, "
                "channels = analytics_dailyvisitor.channels | EXCLUDED.channels "
                "WHERE analytics_dailyvisitor.channels | EXCLUDED.channels "
                "<> analytics_dailyvisitor.channels"
            ),
            returning="link_id, day, channels, before",
        )
        for link, day, channels, before in rows:
            added = channels & ~before
            first = (added & -added).bit_length() - 1
            while added:
                channel = (added & -added).bit_length() - 1
                added &= added - 1
                counts = self._content(str(day), link, channel)
                counts[COLUMN["visitors"]] += 1
                counts[COLUMN["new_visitors"]] += not before and channel == first

    def _write_contents(self) -> None:
        table = "analytics_dailycontent"
        sums = ", ".join(f"{name} = {table}.{name} + EXCLUDED.{name}" for name in COUNTS)
        tables.upsert(
            table,
            {"day": "date", "link_id": "bigint", "channel": "smallint"}
            | dict.fromkeys(COUNTS, "bigint"),
            [(*key, *counts) for key, counts in sorted(self.contents.items())],
            conflict=f"(day, link_id, channel) DO UPDATE SET {sums}",
        )
