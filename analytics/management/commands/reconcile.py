"""``manage.py reconcile``: show that everything that came in was counted, once."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.ledger import COUNTS, KINDS
from analytics.reconcile import (
    LedgerDay,
    RollupDay,
    ledger_days,
    missing_segments,
    rollup_days,
)
from analytics.retention import first_day, first_local_day
from shortener.backlog import backlog

DEFAULT_DAYS = 30


class Command(BaseCommand):
    help = (
        "Compare what came in with what is stored and reported, day by day. "
        "Ends with status 1 if anything does not add up."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, help="How many days, up to today (30).")
        parser.add_argument("--from", type=day, dest="start", help="First day: 2026-11-01.")
        parser.add_argument("--to", type=day, dest="end", help="Last day; today if not given.")

    def handle(
        self, *, days: int | None, start: date | None, end: date | None, **options: Any
    ) -> None:
        now = timezone.now()
        start, end = period(now.date(), days, start, end)
        # Older hits may have been deleted, so that only the ledger itself can be checked.
        kept = first_day(now.date())
        rollups = rollup_days(max(start, first_local_day(now.date())), end)
        ledger = ledger_days(start, end)
        missing = missing_segments(start, now, settings.JOURNAL_DIR)
        for line in report(ledger, rollups):
            self.stdout.write(line)
        self.stdout.write(journal_line())
        problems = [
            *(text for row in ledger for text in row.problems(with_hits=row.day >= kept)),
            *(text for row in rollups for text in row.problems()),
            *map(str, missing),
        ]
        if problems:
            raise CommandError("\n".join(["This does not add up:", *problems]))
        self.stdout.write(self.style.SUCCESS("Everything adds up."))


def period(
    today: date, days: int | None, start: date | None, end: date | None
) -> tuple[date, date]:
    """Return the first and the last day that are meant."""
    if days is not None and (start or end):
        raise CommandError("Use either --days or --from and --to.")
    if days is not None and days < 1:
        raise CommandError("--days must be at least 1.")
    end = end or today
    start = start or end - timedelta(days=(days or DEFAULT_DAYS) - 1)
    if end < start:
        raise CommandError(f"The period ends ({end}) before it starts ({start}).")
    return start, end


def report(ledger: Sequence[LedgerDay], rollups: Sequence[RollupDay]) -> Iterator[str]:
    """Yield the tables."""
    yield "Received and counted, by the UTC day of its commit:"
    yield from table(
        ("day", "received", *COUNTS, "difference"),
        (
            (row.day, row.received, *(row.counts[name] for name in COUNTS), row.difference)
            for row in ledger
        ),
    )
    yield "Hits stored, with those erased on request, by the same day:"
    yield from table(
        ("day", *KINDS), ((row.day, *(row.stored[kind] for kind in KINDS)) for row in ledger)
    )
    yield "Reported, and in brackets the hits stored, by the sites' days:"
    yield from table(
        ("day", *KINDS),
        (
            (row.day, *(f"{row.counts[kind]:,} ({row.stored[kind]:,})" for kind in KINDS))
            for row in rollups
        ),
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a table, each column as wide as it must be."""
    cells = [headings, *([f"{c:,}" if isinstance(c, int) else str(c) for c in r] for r in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True))
    yield ""


def journal_line() -> str:
    waiting = backlog(settings.JOURNAL_DIR)
    lost = f"{waiting.lost:,} facts lost" if waiting.lost else "nothing lost"
    return (
        f"Journal of this machine: {waiting.segments:,} segments waiting, "
        f"the oldest fact {waiting.lag:.1f} s old, {lost}."
    )


def day(text: str) -> date:
    """Read a date of the command line."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date. Write it like 2026-11-01.") from None
