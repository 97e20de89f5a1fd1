"""What the facts of a segment add up to, and the rows that come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from analytics import tables
from analytics.agents import Key, Sender
from analytics.books import COLUMN, LEDGER, Books
from analytics.classify import Kind, referrer_verdict
from analytics.conversions import Conversions
from analytics.days import days
from analytics.facts import Fact
from analytics.shares import Shares
from analytics.traces import Trace
from analytics.visits import Visits
from shortener.channels import NUMBERS

OF_KIND = {kind: COLUMN[name] for kind, name in LEDGER.items()}

HIT_COLUMNS = (
    "batch_id",
    "at",
    "day",
    "hour",
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


@dataclass
class Tally:
    """What the facts of one segment add up to, before anything is written."""

    books: Books
    shares: Shares
    visits: Visits
    conversions: Conversions
    hits: list[str] = field(default_factory=list)
    """Rows for ``tables.append``."""
    visitors: dict[tuple[int, str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, zones: Mapping[int, str], senders: Mapping[Key, Sender]) -> Tally:
        """Return the tally of a segment that has no facts yet."""
        books = Books(zones, senders)
        shares = Shares(books)
        return cls(books, shares, Visits(books, shares), Conversions(books, shares))

    def write(self, batch: int, read: list[Fact]) -> Counter[str]:
        """Count the facts and write everything; return the ledger's columns.

        Every worker takes the tables in this order, so that none waits for one that waits
        for it. Those in which segments meet in the same rows come last, to keep it short.
        """
        read.sort(key=itemgetter("time"))
        self._add_hits(batch, [fact for fact in read if fact["kind"] == "hit"])
        for fact in read:
            if fact["kind"] != "hit":
                self._add_other(batch, fact)
        self._write_visitors()
        tables.append("analytics_hit", HIT_COLUMNS, self.hits)
        self.visits.write()
        self.conversions.write()
        self.shares.write()
        self._leave_unsettled(batch)
        self.books.write()
        return self.books.ledger

    def _add_hits(self, batch: int, hits: list[Fact]) -> None:
        """Add requests, in the order of their times.

        One loop without calls: most of what ingest computes is here.
        """
        books, visitors, append = self.books, self.visitors, self.hits.append
        senders, zones, traces = books.senders, books.zones, self.shares.traces
        content, moment, local = books.content, books.moments.text, days.local
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
            day, hour = local(zones[link], time)
            content(day, link, channel)[OF_KIND[kind]] += 1
            kinds[kind] += 1
            if kind is PREVIEW:
                # Most messengers fetch from the sharer's own device: not to be counted as
                # an audience, nor located.
                visitor, country = None, ""
            elif kind is CLICK and visitor is not None:
                key = link, day, visitor
                visitors[key] = visitors.get(key, 0) | 1 << channel
            if share:
                trace = traces.get((share, link))
                if trace is None:
                    trace = traces[share, link] = Trace(time)
                if kind is CLICK:
                    trace.clicks += 1
                    if trace.first_click is None:
                        trace.first_click = time
                    trace.last_click = time
                    if observed:
                        trace.see(observed, rule, time)
                elif kind is PREVIEW:
                    trace.previews += 1
                    if trace.first_preview is None:
                        trace.first_preview = time
                    if observed:
                        trace.see(observed, rule, time)
            append(
                f"{batch}\t{moment(time)}\t{day}\t{hour}\t{link}\t{share or NULL}\t{channel}\t"
                f"{observed}\t{kind:d}\t{rule}\t{agent_id}\t{referrer}\t{language}\t{country}\t"
                f"{NULL if visitor is None else visitor}"
            )
        for kind, number in kinds.items():
            books.ledger[LEDGER[kind]] += number

    def _add_other(self, batch: int, fact: Fact) -> None:
        """Add what is no request: each fact ends in one column of the ledger."""
        match fact["kind"]:
            case "offer":
                self.books.count_fact("offers", fact)
            case "press":
                self.shares.add_press(fact)
            case "visit":
                self.visits.add(batch, fact)
            case "conversion":
                self.conversions.add(fact)
            case "cancel" if self.books.is_by_person(fact):
                self.books.count_fact("cancels", fact)
            case _:
                self.books.ignore()

    def _leave_unsettled(self, batch: int) -> None:
        """Leave word of the segment, and of the shares that are to be settled."""
        shares = " ".join(str(share) for share, _ in self.shares.traces)
        tables.upsert(
            "analytics_unsettled",
            {"batch_id": "bigint", "shares": "text"},
            [(batch, shares)],
            # A segment with a fact that the database refuses is written in parts.
            conflict="(batch_id) DO UPDATE SET shares = "
            "analytics_unsettled.shares || ' ' || EXCLUDED.shares",
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
                counts = self.books.content(str(day), link, channel)
                counts[COLUMN["visitors"]] += 1
                counts[COLUMN["new_visitors"]] += not before and channel == first
