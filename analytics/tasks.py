"""Celery tasks: thin envelopes around the verbs of other modules."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import DatabaseError

from analytics import ingest, pace
from shortener.visitors import forget_salts

logger = logging.getLogger(__name__)


@shared_task(name="analytics.ingest_segment")
def ingest_segment(segment: str, lines: str) -> None:
    """Store one journal segment. Safe to deliver any number of times.

    It neither retries nor acknowledges late: the shipper keeps the segment until it is
    committed, and sends it again.
    """
    try:
        ingest.store(segment, lines)
    except DatabaseError as error:
        # A line instead of a traceback: while the database is away, many segments come by.
        reason = str(error).partition("\n")[0]
        logger.warning("Segment %s could not be stored and will come again: %s", segment, reason)


@shared_task(name="analytics.forget")
def forget() -> None:
    """Delete the salts, and with them visitors and slots, that are past their time."""
    forget_salts()
    ingest.forget_visitors()
    pace.forget_slots()
