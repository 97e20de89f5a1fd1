"""Settling: working out what shares came to, a moment after their facts were committed.

Ingest only adds up what a segment says. Who passed on to whom, what a share turned out to
be, and who clicked need a look at other rows, which is cheaper for many segments at once.
Only one process settles at a time, so the tables that settling alone writes to are never
waited for; a segment is settled in one transaction, once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from analytics import ages, audience, cascades, ledger, lineage, tables
from analytics.days import days
from analytics.garbage import uncollected
from analytics.lineage import Lineage
from analytics.models import Outcome, Share, Unsettled
from analytics.outcomes import Additions, State
from analytics.shares import ADDRESSBAR

FACTS = {"postgresql": 250_000, "sqlite": 25_000}
"""About how many are settled in one transaction. The more, the more changes of a row are made
at once; but on SQLite ingest waits meanwhile."""
FEW = 8
"""Segments that are settled at once, however young: on a quiet site all of them."""
GATHERED = timedelta(seconds=5)
"""How long more of them may gather."""
LOCK = 0x67_72_61_70_65
"""Of PostgreSQL's advisory locks; the number means nothing."""

SHARE_FIELDS = (
    "pk",
    "link_id",
    "channel",
    "pressed",
    "placement",
    "observed",
    "seen",
    "first_preview",
    "first_click",
    "clicks",
    "visits",
    "conversions",
)
COLUMNS = {
    "share_id": "bigint",
    "link_id": "bigint",
    "channel": "smallint",
    "start": "timestamptz",
    "day": "date",
    "placement": "text",
    "observed": "smallint",
    "seen": "bigint",
    "pressed": "boolean",
    "pasted": "int",
    "opened": "int",
    "clicks": "int",
    "visits": "int",
    "conversions": "int",
    "parent": "bigint",
    "root": "bigint",
    "generation": "smallint",
    "children": "int",
    "prompt_children": "int",
}
"""The columns of ``Outcome``, in the order of ``State``."""


def is_due(now: datetime) -> bool:
    """Tell whether to settle now, or to let more segments gather.

    Segments of the same minute change the same rows: of a thousand clicks on a link each
    adds to its country's row, all together do it once.
    """
    committed = Unsettled.objects.order_by("batch").values_list("batch__committed", flat=True)
    waiting = list(committed[: FEW + 1])
    return bool(waiting) and (len(waiting) <= FEW or waiting[0] <= now - GATHERED)


def settle(most: int = 0) -> int:
    """Settle the oldest segments, of about ``most`` facts, and return how many they are.

    None while another process settles.
    """
    with uncollected(), transaction.atomic():
        if not _is_alone():
            return 0
        segments = _oldest(most or FACTS[connection.vendor])
        if not segments:
            return 0
        additions = Additions()
        _settle({int(share) for text in segments.values() for share in text.split()}, additions)
        # With the segments still waiting, their clicks count as new.
        for delay, number in ages.of_segments(list(segments)).items():
            additions.add_delay(delay, number)
        additions.write()
        audience.count(list(segments))
        ledger.count(list(segments))
        Unsettled.objects.filter(batch__in=segments).delete()
    return len(segments)


def _oldest(most: int) -> dict[int, str]:
    """Return the shares of the oldest segments, by batch; at least of one."""
    found: dict[int, str] = {}
    facts = 0
    waiting = Unsettled.objects.order_by("batch").values_list("batch", "shares", "batch__received")
    for batch, shares, received in waiting.iterator(chunk_size=100):
        facts += received
        if found and facts > most:
            break
        found[batch] = shares
    return found


def settle_shares(shares: Collection[int]) -> None:
    """Settle shares whose rows were corrected; within a transaction, as the only settler."""
    additions = Additions()
    _settle(shares, additions)
    additions.write()


def wait_until_alone() -> None:
    """Become the only one that settles until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _is_alone() -> bool:
    """Become the only one that settles until the transaction ends, if nobody else is."""
    if connection.vendor != "postgresql":
        return True  # SQLite lets one transaction write at a time.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _settle(shares: Collection[int], additions: Additions) -> None:
    """Bring the outcomes of shares up to date, and of those that change with them."""
    lineages = lineage.resolve(shares)
    touched = sorted({*shares, *lineages})
    before = _read_outcomes(touched)
    after = _work_out(touched, lineages)
    changed = [share for share in touched if before.get(share) != after.get(share)]
    moved = [share for share in changed if _clicks_age(before.get(share), after.get(share))]
    _add_ages(moved, additions, -1)
    _write(changed, after)
    _add_ages(moved, additions, 1)
    for share in changed:
        if state := before.get(share):
            additions.add(state, -1)
        if state := after.get(share):
            additions.add(state)
    states = [states[share] for states in (before, after) for share in changed if share in states]
    cascades.rewrite({state.root for state in states if state.generation or state.children})


def _work_out(shares: Sequence[int], lineages: Mapping[int, Lineage]) -> dict[int, State]:
    """Return the outcomes of those of the shares that have a lineage: the real ones."""
    rows = Share.objects.filter(pk__in=tables.ids(lineages.keys()))
    read = list(rows.values_list(*SHARE_FIELDS))
    zones = days.learn({row[1] for row in read})
    found = {}
    for share, link, channel, pressed, placement, *rest in read:
        observed, seen, first_preview, first_click, *sums = rest
        start, *line = lineages[share]
        day = days.day(zones[link], int(start.timestamp() * 1000))
        times = _seconds(start, first_preview), _seconds(start, first_click)
        known = share, link, channel, start, day, placement, observed, seen, pressed is not None
        found[share] = State._make((*known, *times, *sums, *line))
    return found


def _seconds(start: datetime, then: datetime | None) -> int | None:
    """Return how long something took, in whole seconds.

    Where the press was told of late, an app may seem to have fetched before it.
    """
    return None if then is None else max(0, int((then - start).total_seconds()))


def _read_outcomes(shares: Sequence[int]) -> dict[int, State]:
    rows = Outcome.objects.filter(pk__in=tables.ids(shares)).values_list(*COLUMNS)
    return {row[0]: State._make((*row[:4], str(row[4]), *row[5:])) for row in rows}


def _write(shares: Iterable[int], states: Mapping[int, State]) -> None:
    kept = [states[share] for share in shares if share in states]
    gone = [share for share in shares if share not in states]
    names = list(COLUMNS)[1:]
    tables.upsert(
        "analytics_outcome",
        COLUMNS,
        [(*state[:3], _text(state.start), *state[4:]) for state in kept],
        conflict="(share_id) DO UPDATE SET "
        + ", ".join(f"{name} = EXCLUDED.{name}" for name in names),
    )
    if gone:
        Outcome.objects.filter(pk__in=tables.ids(gone)).delete()


def _text(moment: datetime) -> str:
    """Return a moment as Django writes it into the databases."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None)}"


def _clicks_age(before: State | None, after: State | None) -> bool:
    """Tell whether clicks that were counted before have another age now.

    A new share has none, but one out of the address bar may have been a machine's so far.
    """
    if before is None:
        return after is not None and after.clicks > 0 and after.channel == ADDRESSBAR
    return before.clicks > 0 and (after is None or after.start != before.start)


def _add_ages(shares: Collection[int], additions: Additions, sign: int) -> None:
    for delay, number in ages.of_shares(sorted(shares)).items():
        additions.add_delay(delay, sign * number)
