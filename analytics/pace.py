"""Presses faster than a person's, or far above their site's own rate: kept, not counted.

Presses are added up by slots of ten seconds, in a table, so that the limits hold exactly
over segments and workers. A visitor's come first: one that is too fast takes no part in
what the site is allowed, so nobody's machine makes the presses of others a flood.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Sum

from analytics import tables
from analytics.models import DailyContent, Pace, Share

SLOT = 10_000
"""Milliseconds."""
FAST = 10
"""Presses of one visitor in a slot. Whoever shares through every channel there is needs
longer: each press opens another app."""
FLOOD = 100
"""Presses of one site in a slot that are always believed: a message to a large audience
makes as many."""
FLOOD_TIMES = 100
"""How many times the mean of a site's last days its presses in a slot may reach, where that
is more."""
MEAN_DAYS = 7
LIFETIME = 600.0
"""Seconds after which a site's limit is worked out again."""
KEPT = timedelta(days=2)
"""How long a slot is remembered. A press that arrives still later starts anew: inexact, and
rarer than anything that the limits are for."""


class Pressed(NamedTuple):
    """One press that nobody told of before."""

    time: int
    share: int
    site: int
    visitor: int | None

    @property
    def slot(self) -> int:
        return self.time // SLOT


Key = tuple[int, int]
"""A slot, and the visitor or the site."""


def judge(presses: Sequence[Pressed]) -> dict[int, Share.Flag]:
    """Return the shares whose presses are not to be counted, each with the reason.

    The presses come in the order of their times: the later ones are those beyond a limit.
    """
    known = [press for press in presses if press.visitor is not None]
    keys = [(press.slot, press.visitor or 0) for press in known]
    fast = _beyond(Pace.Scope.VISITOR, keys, lambda _: FAST)
    flags = {known[number].share: Share.Flag.FAST for number in fast}
    rest = [press for press in presses if press.share not in flags]
    limits.learn({press.site for press in rest})
    keys = [(press.slot, press.site) for press in rest]
    flood = _beyond(Pace.Scope.SITE, keys, limits.of)
    return flags | {rest[number].share: Share.Flag.FLOOD for number in flood}


def _beyond(scope: Pace.Scope, keys: Sequence[Key], limit: Callable[[int], int]) -> list[int]:
    """Add the presses to their slots; return the positions of those beyond the limit."""
    counts = Counter(keys)
    rows = tables.upsert(
        "analytics_pace",
        {"slot": "bigint", "scope": "smallint", "number": "bigint", "presses": "int"},
        [(slot, scope.value, number, counts[slot, number]) for slot, number in sorted(counts)],
        conflict=(
            "(slot, scope, number) DO UPDATE SET "
            "presses = analytics_pace.presses + EXCLUDED.presses"
        ),
        returning="slot, number, presses",
    )
    reached = {(slot, number): total - counts[slot, number] for slot, number, total in rows}
    beyond = []
    for position, key in enumerate(keys):
        reached[key] += 1
        if reached[key] > limit(key[1]):
            beyond.append(position)
    return beyond


class Limits:
    """How many presses in a slot each site is believed, remembered for ten minutes."""

    def __init__(self) -> None:
        self._limits: dict[int, int] = {}
        self._expires = 0.0

    def learn(self, sites: Collection[int]) -> None:
        """Work out the limits of those of the sites that are not remembered."""
        if time.monotonic() > self._expires:
            self.forget()
            self._expires = time.monotonic() + LIFETIME
        if missing := [site for site in sites if site not in self._limits]:
            self._limits.update(dict.fromkeys(missing, FLOOD))
            self._limits.update(_work_out(missing))

    def of(self, site: int) -> int:
        return self._limits[site]

    def forget(self) -> None:
        self._limits.clear()


limits = Limits()


def _work_out(sites: Collection[int]) -> dict[int, int]:
    """Return the limits of the sites that have rollups, from the days before today."""
    today = datetime.now(UTC).date()
    sums = (
        DailyContent.objects.filter(
            day__range=(today - timedelta(days=MEAN_DAYS), today - timedelta(days=1)),
            link__site__in=sites,
        )
        .values_list("link__site")
        .annotate(Sum("presses"))
    )
    slots = MEAN_DAYS * 86_400_000 // SLOT
    return {site: max(FLOOD, FLOOD_TIMES * int(presses) // slots) for site, presses in sums}


def forget_slots(now: datetime | None = None) -> int:
    """Delete the slots that are past their time; return how many."""
    oldest = (now or datetime.now(UTC)) - KEPT
    slot = int(oldest.timestamp() * 1000) // SLOT
    deleted, _ = Pace.objects.filter(slot__lt=slot).delete()
    return deleted
