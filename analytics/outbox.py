"""Sending what is due: each thing once, and again after a failure.

Whoever sends something first puts off when it is due, which only one can do. Killed meanwhile, it
is due again later. Only where that happens in the moment between the other server's word and the
database's is it sent twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from analytics.models.outbox import Outgoing

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""For whoever sends one: by far longer than a mail server may take."""
WAITS = (1, 2, 5, 10, 30)
"""Minutes after a failure, the last ones again and again."""
Failures = tuple[type[Exception], ...]


def claim(row: Outgoing, now: datetime, lease: timedelta = LEASE) -> bool:
    """Take what is due, unless somebody else has; tell whether it is the caller's now."""
    due = now + lease
    rows = type(row)._default_manager.filter(pk=row.pk, due=row.due)
    if not rows.update(due=due, tries=F("tries") + 1):
        return False
    row.due, row.tries = due, row.tries + 1
    return True


def attempt(row: Outgoing, now: datetime, send: Callable[[], object], failures: Failures) -> None:
    """Send what was taken, and keep what came of it; ``failures`` are what may work later."""
    try:
        send()
    except failures as error:
        wait = WAITS[min(row.tries, len(WAITS)) - 1]
        row.due, row.problem = now + timedelta(minutes=wait), f"{error}"[:200]
        logger.warning("%s could not be sent and will be tried again: %s", row, error)
    else:
        row.due, row.sent, row.problem = None, timezone.now(), ""
    row.save(update_fields=["due", "sent", "problem"])


def give_up(row: Outgoing, problem: str) -> None:
    """Keep why something that was taken is not sent at all."""
    row.due, row.problem = None, problem[:200]
    row.save(update_fields=["due", "problem"])
