"""Ingest: one journal segment, one transaction, counted once however often it is delivered.

The ledger row, the shares, the hits and the rollups commit together. A segment that comes
again finds its ledger row and changes nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db import DataError, IntegrityError, transaction

from analytics import agents, facts, tables
from analytics.agents import Key, Sender
from analytics.days import Moments, days
from analytics.facts import Fact, Refused
from analytics.garbage import uncollected
from analytics.models import Batch, DailyVisitor, Quarantine
from analytics.tally import Tally

VISITORS_LIFETIME_DAYS = 8
"""How long a day's visitors are kept to recognise them in facts that arrive late."""


def store(segment: str, lines: str) -> bool:
    """Store a segment's lines; return False where that has been done before.

    Raises DatabaseError where the database is away: the segment will be sent again.
    """
    with uncollected():
        return _store(segment, lines)


def _store(segment: str, lines: str) -> bool:
    writer, _, number = segment.rpartition("-")
    read, refused = facts.read(lines)
    links = {fact["link"] for fact in read}
    zones = days.learn(links)
    if not zones.keys() >= links:
        read, unknown = facts.without_unknown_links(read, zones)
        refused += unknown
    senders = agents.learn({(f["agent"], f["signals"]) for f in read if f["kind"] != "offer"})
    with transaction.atomic():
        batch = _open_batch(writer, int(number), received=len(read) + len(refused))
        if batch is None:
            return False
        counted = _store_facts(batch.pk, read, zones, senders, refused)
        Quarantine.objects.bulk_create(
            Quarantine(batch=batch, line=agents.printable(line)[:4000], reason=reason[:200])
            for line, reason in refused
        )
        Batch.objects.filter(pk=batch.pk).update(**counted, quarantined=len(refused))
    return True


def _open_batch(writer: str, sequence: int, *, received: int) -> Batch | None:
    """Insert the ledger row; None where it is there already.

    A worker that stores the same segment at this moment is waited for.
    """
    now = Moments().text(int(time.time() * 1000))
    rows = tables.upsert(
        "analytics_batch",
        {"writer": "text", "sequence": "bigint", "received": "int", "committed": "timestamptz"},
        [(writer, sequence, received, now)],
        conflict="(writer, sequence) DO NOTHING",
        returning="id",
    )
    return Batch(pk=rows[0][0]) if rows else None


def _store_facts(
    batch: int,
    read: list[Fact],
    zones: Mapping[int, str],
    senders: Mapping[Key, Sender],
    refused: list[Refused],
) -> Counter[str]:
    """Write the facts and return what they were counted as, by ledger column.

    A fact that the database refuses is looked for by halves and put with the refused, so
    that it blocks nothing.
    """
    try:
        with transaction.atomic():
            return Tally.of(zones, senders).write(batch, read)
    except (DataError, IntegrityError, OverflowError) as error:
        if len(read) == 1:
            refused += [(str(read[0]), f"The database refuses it: {error}".partition("\n")[0])]
            return Tally.of(zones, senders).write(batch, [])
        middle = len(read) // 2
        return _store_facts(batch, read[:middle], zones, senders, refused) + _store_facts(
            batch, read[middle:], zones, senders, refused
        )


def forget_visitors(now: datetime | None = None) -> int:
    """Delete the visitors of days for which no more facts are expected; return how many."""
    today = (now or datetime.now(UTC)).date()
    old = DailyVisitor.objects.filter(day__lt=today - timedelta(days=VISITORS_LIFETIME_DAYS))
    deleted, _ = old.delete()
    return deleted
