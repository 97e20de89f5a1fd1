"""Celery tasks: thin envelopes around the verbs of other modules."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from celery import shared_task
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from analytics import audience, ingest, pace, retention, settle
from analytics.alerts.send import send_due
from analytics.alerts.watch import watch
from analytics.exports.making import forget_exports, make_next
from analytics.imports.undo import delete_unused
from analytics.imports.work import go_on
from analytics.schedules.deliver import deliver_due
from analytics.schedules.runs import begin_due, forget_runs
from shortener import valkey
from shortener.answered import forget_answers
from shortener.imports.keeping import forget_files
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
    """Delete what is past its time: the salts, and with them visitors and slots, the answers of
    the API that are kept for requests that come twice, files that were made, what was sent
    long ago, and the files of imports."""
    forget_exports()
    forget_runs(timezone.now())
    forget_salts()
    forget_answers()
    forget_files()
    ingest.forget_visitors()
    pace.forget_slots()


@shared_task(name="analytics.expire")
def expire() -> None:
    """Delete rows that are past their time, a part for each message: segments come between."""
    if retention.expire() + delete_unused():
        expire.delay()


@shared_task(name="analytics.expire_agents")
def expire_agents() -> None:
    """Delete the user agents that no row names any more, and fold the audience of the day
    whose hits were deleted last."""
    retention.expire_agents()
    audience.fold(retention.first_day(timezone.now().date()) - timedelta(days=1))


@shared_task(name="analytics.settle")
def settle_segments() -> None:
    """Settle what was counted, if it is time to.

    Where there are several workers, one of them settles and the others have nothing to do.
    """
    try:
        if settle.is_due(timezone.now()):
            settle.settle()
    except DatabaseError as error:
        reason = str(error).partition("\n")[0]
        logger.warning("Nothing could be settled, it will be tried again: %s", reason)


@shared_task(name="analytics.watch_links")
def watch_links() -> None:
    """Find links that begin to travel, on the sites whose turn it is."""
    try:
        watch()
    except DatabaseError as error:
        reason = str(error).partition("\n")[0]
        logger.warning("Links could not be watched, it will be tried again: %s", reason)


@shared_task(name="analytics.send_alerts")
def send_alerts() -> None:
    """Send the mails about links that are due."""
    try:
        send_due()
    except DatabaseError as error:
        reason = str(error).partition("\n")[0]
        logger.warning("Alerts could not be sent, it will be tried again: %s", reason)


@shared_task(name="analytics.make_exports")
def make_exports(pk: int = 0, due: str = "") -> None:
    """Write a slice of an export, and send a message for the next one: segments come between.

    Without ``pk``, it is one that nobody is at: a new one, or one whose worker was killed.
    """
    try:
        export = make_next(pk, datetime.fromisoformat(due) if due else None)
    except DatabaseError as error:
        reason = str(error).partition("\n")[0]
        logger.warning("An export could not go on, it will be tried again: %s", reason)
        return
    if export and export.due:
        make_exports.delay(export.pk, export.due.isoformat())


@shared_task(name="analytics.run_schedules")
def run_schedules() -> None:
    """Begin the files of schedules that are due, and hand over those that are made."""
    now = timezone.now()
    try:
        begin_due(now)
        deliver_due(now)
    except DatabaseError as error:
        reason = str(error).partition("\n")[0]
        logger.warning("Schedules could not be run, it will be tried again: %s", reason)


@shared_task(name="analytics.go_on_with_imports")
def go_on_with_imports() -> None:
    """Read, make and undo imports, for a moment: segments come between."""
    try:
        go_on()
    except DatabaseError as error:
        reason = str(error).partition("\n")[0]
        logger.warning("Imports could not go on, it will be tried again: %s", reason)


@shared_task(name="analytics.compact_broker")
def compact_broker() -> None:
    """Let the embedded broker's file forget the facts that have passed through."""
    if settings.CELERY_BROKER_URL == settings.EMBEDDED_BROKER_URL:
        valkey.compact(settings.VALKEY_SOCKET)
