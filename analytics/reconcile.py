"""Proof of the counting: what came in against what is stored and what the reports say.

Three comparisons, each in one statement, so that both of its sides are of the same moment
while counting goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum, Value, Window
from django.db.models.functions import Lag, TruncDate

from analytics.books import LEDGER
from analytics.ledger import COUNTS, KINDS, lacks, midnight
from analytics.models import Batch, DailyContent, Erased, Hit

Sums = dict[date, dict[str, int]]
SETTLED = timedelta(minutes=10)
"""How long a later segment must be committed before one without a number is missed: four
times as long as it takes to notice and to send again what a broker has lost."""


@dataclass(frozen=True, slots=True)
class LedgerDay:
    """One UTC day of the ledger, and how many hits its batches have.

    Those erased because somebody asked are among them: they were counted.
    """

    day: date
    received: int
    counts: Mapping[str, int]
    stored: Mapping[str, int]
    is_misreported: bool = False
    """Whether reports have other sums of the day's batches than these have."""

    @property
    def difference(self) -> int:
        return self.received - sum(self.counts[name] for name in COUNTS)

    def problems(self, *, with_hits: bool) -> Iterable[str]:
        if self.difference:
            yield f"{self.day}: {self.difference:+,} of {self.received:,} received not counted."
        if self.is_misreported:
            yield f"{self.day}: the report of the ledger differs from the ledger."
        for kind in KINDS if with_hits else ():
            if self.counts[kind] != self.stored[kind]:
                yield (
                    f"{self.day}: the ledger has {self.counts[kind]:,} {kind}, "
                    f"the table of hits {self.stored[kind]:,}."
                )


@dataclass(frozen=True, slots=True)
class RollupDay:
    """One day of the sites' time zones: the rollups' sums, and the hits they stand for.

    Those erased because somebody asked are among them: they were counted.
    """

    day: date
    counts: Mapping[str, int]
    stored: Mapping[str, int]

    def problems(self) -> Iterable[str]:
        for kind in KINDS:
            if self.counts[kind] != self.stored[kind]:
                yield (
                    f"{self.day} (sites' days): the reports have {self.counts[kind]:,} {kind}, "
                    f"the table of hits {self.stored[kind]:,}."
                )


@dataclass(frozen=True, slots=True)
class Missing:
    """Segments of one writer that never came, although later ones did."""

    writer: str
    first: int
    last: int
    count: int

    def __str__(self) -> str:
        if self.count == 1:
            return f"Segment {self.writer}-{self.first} is missing."
        span = f"{self.writer}-{self.first} to {self.last}"
        return f"{self.count:,} segments from {span} are missing."


def ledger_days(start: date, end: date) -> list[LedgerDay]:
    """Return the days on which batches were committed, from the first to the last."""
    since, until = midnight(start), midnight(end + timedelta(days=1))
    batches = (
        Batch.objects.filter(committed__gte=since, committed__lt=until)
        .values(source=Value(1), of=TruncDate("committed", tzinfo=UTC))
        .annotate(**{f"n_{name}": Sum(name) for name in ("received", *COUNTS)})
    )
    hits = (
        Hit.objects.filter(batch__committed__gte=since, batch__committed__lt=until)
        .values(source=Value(2), of=TruncDate("batch__committed", tzinfo=UTC))
        .annotate(n_received=Count("pk"), **hits_by_kind())
        .annotate(**{f"n_{name}": Value(0) for name in COUNTS if name not in KINDS})
    )
    erased = (
        Erased.objects.filter(committed__range=(start, end), counted_as__in=KINDS)
        .values(source=Value(2), of=F("committed"))
        .annotate(n_received=Sum("number"), **erased_by_kind())
        .annotate(**{f"n_{name}": Value(0) for name in COUNTS if name not in KINDS})
    )
    ledger, stored = both(batches, hits, erased)
    return [
        LedgerDay(day, sums["received"], sums, stored.get(day, NOTHING), bool(lacks(day)))
        for day, sums in sorted(ledger.items())
    ]


def rollup_days(start: date, end: date) -> list[RollupDay]:
    """Return the days of the sites' time zones that have rollups or hits."""
    rollups = (
        DailyContent.objects.filter(day__range=(start, end))
        .values(source=Value(1), of=F("day"))
        .annotate(**{f"n_{kind}": Sum(kind) for kind in KINDS})
    )
    hits = (
        Hit.objects.filter(
            # The days of time zones begin up to 14 hours off; only ``at`` is indexed.
            at__gte=midnight(start) - timedelta(days=1),
            at__lt=midnight(end) + timedelta(days=2),
            day__range=(start, end),
        )
        .values(source=Value(2), of=F("day"))
        .annotate(**hits_by_kind())
    )
    erased = (
        Erased.objects.filter(day__range=(start, end))
        .values(source=Value(2), of=F("day"))
        .annotate(**erased_by_kind())
    )
    counts, stored = both(rollups, hits, erased)
    return [
        RollupDay(day, counts.get(day, NOTHING), stored.get(day, NOTHING))
        for day in sorted({*counts, *stored})
    ]


def missing_segments(start: date, now: datetime, journal: Path) -> list[Missing]:
    """Return what lacks in the sequences of the writers that committed anything since a day.

    Segments that still wait in this machine's journal are late, not missing.
    """
    writers = Batch.objects.filter(committed__gte=midnight(start)).values_list("writer").distinct()
    incomplete = (
        Batch.objects.filter(writer__in=writers)
        .values("writer")
        .annotate(batches=Count("pk"), highest=Max("sequence"))
        .exclude(batches=F("highest"))
        .values_list("writer", flat=True)
    )
    return [gap for writer in incomplete.order_by("writer") for gap in gaps(writer, now, journal)]


def gaps(writer: str, now: datetime, journal: Path) -> list[Missing]:
    """Return the numbers that lack in front of the writer's settled segments."""
    rows = (
        Batch.objects.filter(writer=writer)
        .annotate(before=Window(Lag("sequence", default=0), order_by="sequence"))
        .order_by("sequence")
        .values_list("before", "sequence", "committed")
    )
    waiting = {int(path.stem) for path in (journal / writer).glob("[0-9]*.*")}
    found = []
    for before, sequence, committed in rows.iterator():
        lacking = [n for n in range(before + 1, sequence) if n not in waiting]
        if lacking and committed < now - SETTLED:
            found.append(Missing(writer, lacking[0], lacking[-1], len(lacking)))
    return found


NOTHING: Mapping[str, int] = dict.fromkeys((*COUNTS, "received"), 0)


def hits_by_kind() -> dict[str, Count]:
    return {f"n_{name}": Count("pk", filter=Q(kind=kind)) for kind, name in LEDGER.items()}


def erased_by_kind() -> dict[str, Sum]:
    return {f"n_{name}": Sum("number", filter=Q(counted_as=name), default=0) for name in KINDS}


def both(left: QuerySet[Any, Any], *right: QuerySet[Any, Any]) -> tuple[Sums, Sums]:
    """Run queries as one statement and return what both sides found, by day."""
    found: tuple[Sums, Sums] = {}, {}
    for row in left.union(*right, all=True):
        sums = found[row["source"] - 1].setdefault(row["of"], dict.fromkeys(NOTHING, 0))
        for name, count in row.items():
            if name.startswith("n_"):
                sums[name[2:]] += count
    return found
