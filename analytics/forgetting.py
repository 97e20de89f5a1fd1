"""Forgetting on request: erasing the rows of one share, or of one visitor on one day.

What has been added up stays, since sums single out nobody. The books stay true: every row that
was counted is entered as erased, in the transaction that deletes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from analytics import agents, settle, tables
from analytics.books import LEDGER
from analytics.classify import Kind
from analytics.facts import ARRIVALS
from analytics.models import Conversion, DailyContent, DailyVisitor, Hit, Pace, Share, Visit
from analytics.pace import SLOT
from shortener.channels import NUMBERS
from shortener.visitors import DAY_SECONDS, Salts, locate

PART = 2_000
"""Rows erased in one transaction."""
ONE_DAY = timedelta(days=1)

Entry = tuple[date, date, int, int, str]
"""Key of ``Erased``."""


def settle_all() -> None:
    """Settle whatever is committed: only then has everything that a row stands for been
    added up. Facts that come later are new ones."""
    segments = 1
    while segments:
        with transaction.atomic():
            settle.wait_until_alone()
            segments = settle.settle()


def share_rows(link: int, share: int) -> tuple[QuerySet, ...]:
    """Return the rows that came of opening a share's short link."""
    of_share = Q(link=link, share=share)
    row = Share.objects.filter(pk=share, link=link).first()
    # Only hits are indexed by share; nothing is older than the share's first fact.
    later = of_share & Q(at__gte=row.created) if row else of_share
    return (
        Hit.objects.filter(of_share, batch__unsettled=None),
        Visit.objects.filter(later),
        Conversion.objects.filter(later),
    )


def children(link: int, share: int) -> QuerySet[Share]:
    """Return the shares that were passed on from a share."""
    # The same number in a code of another link is somebody's invention.
    is_there = Share.objects.filter(pk=share, link=link).exists()
    return Share.objects.filter(parent=share) if is_there else Share.objects.none()


@transaction.atomic
def cut_off(link: int, share: int) -> None:
    """Erase where a share was pressed, which share it came from and which ones came of it."""
    settle.wait_until_alone()
    touched = [share, *children(link, share).values_list("pk", flat=True)]
    rows = Share.objects.filter(pk__in=touched)
    # Ingest locks shares in this order too.
    list(rows.select_for_update().order_by("pk").values_list("pk"))
    rows.filter(parent=share).update(parent=None)
    rows.filter(pk=share, link=link).update(parent=None, placement="")
    settle.settle_shares(touched)


def visitors(day: date, address: str, user_agent: str, link: int | None) -> dict[int, int] | None:
    """Return the hash of a visitor on each link that was used on a UTC day, by link.

    None where the day's salt is gone: from then on nobody can tell. Raises ValueError where
    the address is none.
    """
    network, _ = locate(address)
    if not network:
        raise ValueError(f"{address!r} is not an address.")
    salts = Salts()
    if not salts.recall(day):
        return None
    # Headers come as Latin-1 from the web server, and are cut.
    agent = user_agent.encode().decode("latin-1")[:512]
    seconds = midnight(day).timestamp()
    hashes = {used: salts.visitor(seconds, used, network, agent) for used in _used(day, link)}
    return {used: number for used, number in hashes.items() if number is not None}


def visitor_rows(day: date, hashes: dict[int, int]) -> Iterator[QuerySet[Hit]]:
    """Yield the hits of a visitor on a UTC day."""
    start = midnight(day)
    for chunk in tables.chunks(list(hashes.values())):
        yield Hit.objects.filter(
            at__gte=start, at__lt=start + ONE_DAY, visitor__in=chunk, batch__unsettled=None
        )


def forget_visitor(day: date, hashes: dict[int, int]) -> None:
    """Delete what counting remembers of a visitor for a while."""
    first = int(midnight(day).timestamp()) * 1000 // SLOT
    slots = range(first, first + DAY_SECONDS * 1000 // SLOT)
    for links in tables.chunks(list(hashes)):
        chunk = [hashes[link] for link in links]
        DailyVisitor.objects.filter(link_id__in=links, visitor__in=chunk).delete()
        Pace.objects.filter(
            slot__range=(slots[0], slots[-1]), scope=Pace.Scope.VISITOR, number__in=chunk
        ).delete()


def erase(rows: QuerySet) -> int:
    """Delete rows, some at a time, and enter them as erased; return how many there were."""
    erased = 0
    while part := _erase_part(rows):
        erased += part
    return erased


@transaction.atomic
def _erase_part(rows: QuerySet) -> int:
    fields, entry = ERASABLE[rows.model]
    table = rows.model.objects
    found = list(rows.values_list("pk", flat=True)[:PART])
    # Locked, so that nobody else deletes and enters them as well.
    part = table.filter(pk__in=found).select_for_update().values_list("pk", flat=True)
    locked = table.filter(pk__in=list(part))
    _enter(entry(*values) for values in locked.values_list(*fields))
    locked.delete()
    return len(found)


def _enter(entries: Iterator[Entry | None]) -> None:
    counts = Counter(entry for entry in entries if entry)
    tables.upsert(
        "analytics_erased",
        {"committed": "date", "day": "date", "link_id": "bigint", "channel": "smallint"}
        | {"counted_as": "text", "number": "bigint"},
        [(*key, number) for key, number in sorted(counts.items())],
        conflict=(
            "(committed, day, link_id, channel, counted_as) DO UPDATE SET "
            "number = analytics_erased.number + EXCLUDED.number"
        ),
    )


class Erasable(NamedTuple):
    """What is read of a row, and what its count in the rollups is entered under."""

    fields: tuple[str, ...]
    entry: Callable[..., Entry | None]


def _of_hit(committed: date, day: date, link: int, channel: int, kind: int) -> Entry:
    return committed, day, link, channel, LEDGER[Kind(kind)]


def _of_visit(
    committed: date,
    day: date,
    link: int,
    share: int,
    navigation: str,
    automated: bool,
    user_agent: str,
    signals: str,
) -> Entry | None:
    """Return the entry of a visit; None where it did not count as one."""
    kind, *_ = agents.verdict(user_agent, signals)
    if navigation not in ARRIVALS or automated or kind is not Kind.CLICK:
        return None
    return committed, day, link, share % NUMBERS, "visits"


def _of_conversion(committed: date, day: date, link: int, share: int) -> Entry:
    return committed, day, link, share % NUMBERS, "conversions"


COMMITTED = "batch__committed__date", "day", "link"
ERASABLE: dict[Any, Erasable] = {
    Hit: Erasable((*COMMITTED, "channel", "kind"), _of_hit),
    Visit: Erasable(
        (*COMMITTED, "share", "navigation", "automated", "agent__user_agent", "agent__signals"),
        _of_visit,
    ),
    Conversion: Erasable(("at__date", "day", "link", "share"), _of_conversion),
}


def _used(day: date, link: int | None) -> Collection[int]:
    """Return the links that something happened with on a UTC day, in any time zone."""
    if link is not None:
        return [link]
    around = DailyContent.objects.filter(day__range=(day - ONE_DAY, day + ONE_DAY))
    return list(around.values_list("link", flat=True).distinct())


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
