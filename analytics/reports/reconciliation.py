"""Reconciliation: what came in against what it was counted as, by the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from analytics.ledger import COLUMNS
from analytics.models import DailyLedger
from analytics.reports.question import Question


@dataclass(frozen=True, slots=True)
class ReconciliationRow:
    """One UTC day of the ledger."""

    day: date
    received: int
    clicks: int
    previews: int
    prefetches: int
    scanners: int
    bots: int
    presses: int
    offers: int
    visits: int
    conversions: int
    cancels: int
    flagged: int
    ignored: int
    quarantined: int
    difference: int
    """Received and not counted: zero, or something is wrong."""


def reconciliation(question: Question) -> tuple[ReconciliationRow, ...]:
    """Return the days on which facts were committed, those of all sites together."""
    rows = DailyLedger.objects.filter(day__range=(question.start, question.end))
    days = rows.order_by("day").values_list("day", *COLUMNS)
    return tuple(ReconciliationRow(*[*day, day[1] - sum(day[2:])]) for day in days)
