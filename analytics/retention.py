"""Retention: rows about single requests are deleted after their time; sums stay.

A row's time begins when its segment is committed, which is seconds after the request, or as
late as a journal was held up. So the segments of a day lose their rows together, and
``reconcile`` knows of which it can expect them. (A conversion belongs to no segment: its own
time counts.) What stays names nobody: rollups, the ledger, and shares with what they came to.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Model, QuerySet

from analytics.facts import CLOCK_SKEW
from analytics.models import Agent, Conversion, Erased, Hit, Quarantine, Visit
from analytics.tables import chunks

PART = 5_000
"""Rows deleted in one transaction: on SQLite, ingest waits for it."""
AGENT_LIFETIME_DAYS = 2
"""How long an agent stays that no row names. Workers learn agents anew each day, so none
remembers one that nobody has learnt since yesterday."""


def first_day(today: date) -> date:
    """Return the first UTC day whose segments have all of their rows."""
    return today - timedelta(days=settings.HITS_RETENTION_DAYS)


def first_local_day(today: date) -> date:
    """Return the first day, in whatever time zone, of which all rows are kept.

    It may begin 14 hours before that of UTC, and clocks of web nodes may be a day ahead.
    """
    return first_day(today) + timedelta(days=2)


def expire(now: datetime | None = None) -> int:
    """Delete rows that are past their time, at most ``PART`` of a table; return how many.

    There may be more until it returns 0. Each part is a transaction of its own, so it can
    be interrupted at any time.
    """
    today = (now or datetime.now(UTC)).date()
    Erased.objects.filter(committed__lt=first_day(today)).delete()
    return sum(_delete_part(rows) for rows in _past(first_day(today)))


def expire_agents(now: datetime | None = None) -> int:
    """Delete the user agents that no row names any more; return how many."""
    today = (now or datetime.now(UTC)).date()
    old = Agent.objects.filter(learnt__lt=today - timedelta(days=AGENT_LIFETIME_DAYS))
    named = (rows.values_list("agent").distinct() for rows in (Hit.objects, Visit.objects))
    unnamed = [agent for (agent,) in old.values_list("pk").difference(*named)]
    # Asked again whether it is old: a worker may learn it at this moment.
    return sum(old.filter(pk__in=chunk).delete()[0] for chunk in chunks(unnamed))


def _past(day: date) -> Iterator[QuerySet]:
    """Yield the rows whose time ended before a UTC day, the oldest first."""
    start = datetime.combine(day, time(), UTC)
    for rows in (Hit.objects, Visit.objects):
        yield rows.filter(
            # Only ``at`` is indexed.
            at__lt=start + timedelta(milliseconds=CLOCK_SKEW),
            batch__committed__lt=start,
            # Their clicks are still to be told apart by audience.
            batch__unsettled=None,
        ).order_by("at")
    yield Conversion.objects.filter(at__lt=start).order_by("at")
    yield Quarantine.objects.filter(batch__committed__lt=start).order_by("batch")


def _delete_part(rows: QuerySet) -> int:
    model: type[Model] = rows.model
    deleted, _ = model._default_manager.filter(pk__in=rows.values("pk")[:PART]).delete()
    return deleted
