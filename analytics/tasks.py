"""Celery tasks: thin envelopes around the verbs of other modules."""

from __future__ import annotations

from celery import shared_task

from analytics import ingest
from shortener.visitors import forget_salts


@shared_task(name="analytics.ingest_segment")
def ingest_segment(segment: str, lines: str) -> None:
    """Store one journal segment. Safe to deliver any number of times.

    It neither retries nor acknowledges late: the shipper keeps the segment until it is
    committed, and sends it again.
    """
    ingest.store(segment, lines)


@shared_task(name="analytics.forget")
def forget() -> None:
    """Delete the salts, and with them the visitors, that are past their time."""
    forget_salts()
    ingest.forget_visitors()
