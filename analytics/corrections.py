"""Hits that were taken for something else, corrected with all that was counted of them.

Sums are moved, not made again: facts whose rows are gone still count, and facts that are
being counted at the same moment are not lost. Daily visitors stay as they are: who else came
on a day that is past, nobody remembers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import NamedTuple, TypeVar

from analytics import ledger, settle, tables
from analytics.books import COLUMN, LEDGER, Books
from analytics.classify import Kind, Verdict
from analytics.days import days
from analytics.ledger import KINDS
from analytics.models import Batch, Delays, Hit, Outcome
from analytics.outcomes import Additions, bucket
from analytics.retrace import retrace
from analytics.shares import ADDRESSBAR
from analytics.tables import chunks

CHUNK = 5_000
"""Hits that are worked on at once."""
CLICK = Delays.Measure.CLICK.value
VERDICT = {"id": "bigint", "kind": "smallint", "observed": "smallint", "rule": "text"}
LEDGER_COLUMNS = {"id": "bigint"} | dict.fromkeys(KINDS, "int")


class Row(NamedTuple):
    """A hit, as far as anything was counted of it; what it was taken for, and what it is."""

    pk: int
    batch: int
    link: int
    share: int | None
    channel: int
    at: datetime
    waits: bool
    """Whether its segment is not settled yet."""
    before: Kind
    after: Verdict

    @property
    def was_click(self) -> bool:
        return self.before is Kind.CLICK

    @property
    def is_click(self) -> bool:
        return self.after.kind is Kind.CLICK


class Corrections:
    """The hits of one day of the sites' time zones, and what their sums change by."""

    def __init__(self, day: date) -> None:
        self.day = str(day)
        self.books = Books({}, {})
        self.ledger: dict[int, list[int]] = defaultdict(lambda: [0] * len(KINDS))
        """By batch, a number for each of ``KINDS``."""
        self.committed: dict[str, Counter[str]] = defaultdict(Counter)
        """The same by the UTC day of the commit, of batches that are settled."""
        self.waiting: set[int] = set()
        """The other batches."""
        self.moved: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
        """By share and link: clicks and previews."""
        self.ages = Additions()
        self.fresh: list[Row] = []
        """The first clicks of shares, whose ages are told once the shares are settled."""

    @property
    def links(self) -> set[int]:
        return {link for _, link, _ in self.books.contents}

    def add(self, rows: Sequence[Row]) -> None:
        """Correct hits, and note what is to be corrected with them."""
        tables.update(
            "analytics_hit",
            VERDICT,
            [(row.pk, row.after.kind.value, row.after.channel, row.after.rule) for row in rows],
        )
        # Most messengers fetch from the sharer's own device, which is not to be located.
        previews = [row.pk for row in rows if row.after.kind is Kind.PREVIEW]
        Hit.objects.filter(pk__in=previews).update(visitor=None, country="")
        for row in rows:
            self._count(row)
        moved = [row for row in rows if row.is_click is not row.was_click]
        self._count_ages([row for row in moved if row.share and not row.waits])

    def write(self) -> None:
        """Correct ledger, shares, outcomes and rollups."""
        self._write_ledger()
        retrace(self.moved)
        self._write_ages()
        for shares in chunks(sorted({share for share, _ in self.moved})):
            settle.settle_shares(shares)
        for rows in parts(self.fresh):
            outcomes = Outcome.objects.in_bulk({row.share for row in rows})
            for row in rows:
                self._count_age(row, outcomes.get(row.share))
        self._write_ages()
        days.learn(self.links)
        self.books.write()
        ledger.add(self.committed)

    def _count(self, row: Row) -> None:
        kinds = row.before, row.after.kind
        content = self.books.content(self.day, row.link, row.channel)
        for kind, number in zip(kinds, (-1, 1), strict=True):
            content[COLUMN[LEDGER[kind]]] += number
            self.ledger[row.batch][KINDS.index(LEDGER[kind])] += number
        if row.waits:
            self.waiting.add(row.batch)
        if row.share:
            counts = self.moved[row.share, row.link]
            for position, kind in enumerate((Kind.CLICK, Kind.PREVIEW)):
                counts[position] += (kinds[1] is kind) - (kinds[0] is kind)

    def _count_ages(self, rows: Sequence[Row]) -> None:
        """Note at which ages shares are clicked newly, or no longer.

        Where settling finds that a share had clicks and starts at another time, it moves
        them: so these must be there by then, and all others come later. New shares of the
        address bar it counts itself.
        """
        outcomes = Outcome.objects.in_bulk({row.share for row in rows})
        for row in rows:
            outcome = outcomes.get(row.share)
            if row.was_click or (outcome and outcome.clicks):
                self._count_age(row, outcome)
            elif outcome or row.channel != ADDRESSBAR:
                self.fresh.append(row)

    def _count_age(self, row: Row, outcome: Outcome | None) -> None:
        if outcome and outcome.link_id == row.link:
            age = int(row.at.timestamp()) - int(outcome.start.timestamp())
            key = row.link, str(outcome.day), outcome.channel, CLICK, bucket(age)
            self.ages.add_delay(key, 1 if row.is_click else -1)

    def _write_ages(self) -> None:
        days.learn(self.links)
        self.ages.write()
        self.ages = Additions()

    def _write_ledger(self) -> None:
        for chunk in chunks(sorted(self.ledger)):
            batches = Batch.objects.select_for_update().filter(pk__in=chunk).order_by("pk")
            rows = []
            for batch, committed, *counts in batches.values_list("pk", "committed", *KINDS):
                changes = self.ledger[batch]
                rows.append((batch, *map(sum, zip(counts, changes, strict=True))))
                if batch not in self.waiting:
                    day = f"{committed.astimezone(UTC).date()}"
                    self.committed[day].update(dict(zip(KINDS, changes, strict=True)))
            tables.update("analytics_batch", LEDGER_COLUMNS, rows)


Item = TypeVar("Item")


def parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the items, some at a time."""
    iterator = iter(items)
    while part := list(islice(iterator, CHUNK)):
        yield part
