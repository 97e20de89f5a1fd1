"""Reconciliation: what came in against what it was counted as, by the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta

from django.db.models.functions import TruncDate

from analytics.models import Batch
from analytics.reconcile import COUNTS, midnight
from analytics.reports.question import Question
from analytics.reports.rollups import add_up


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
    batches = Batch.objects.filter(
        committed__gte=midnight(question.start),
        committed__lt=midnight(question.end + timedelta(1)),
    ).annotate(day=TruncDate("committed", tzinfo=UTC))
    days = sorted(add_up(batches, ["day"], ["received", *COUNTS]))
    return tuple(ReconciliationRow(*[*day, day[1] - sum(day[2:])]) for day in days)
