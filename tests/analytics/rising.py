"""Links with a past, and hours in which they travel, for the tests of alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from shortener.models import Link
from tests.analytics.story import settle_all
from tests.factories import make_link
from tests.facts import hit, press, share_of, store

NOW = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)
"""A Thursday."""
_visitors = count(1_000)
_serials = count(20_000)


def at(now: datetime = NOW, **ago: float) -> int:
    """Return a moment before another, as facts tell it."""
    return int((now - timedelta(**ago)).timestamp() * 1000)


def make_old_link(**values: Any) -> Link:
    """Make a link whose past is long enough to be compared with."""
    link = make_link(**values)
    Link.objects.filter(pk=link.pk).update(created=NOW - timedelta(weeks=12))
    link.refresh_from_db()
    return link


def clicks(link: Link, number: int, time: int, **values: Any) -> list[dict[str, Any]]:
    """Return that many people's clicks on a share of a link, at about the same time."""
    values.setdefault("share", share_of("whatsapp", link.pk + 5_000))
    return [
        hit(link, **{"time": time + n, "visitor": next(_visitors), **values})
        for n in range(number)
    ]


def travel(link: Link, number: int = 40, now: datetime = NOW, **values: Any) -> None:
    """Let a link be opened by that many within the last minutes."""
    store(*clicks(link, number, at(now, minutes=10), **values))
    settle_all()


def passed_on(link: Link, shares: int, children: int, time: int) -> list[dict[str, Any]]:
    """Return the presses of some shares, and of as many that were passed on from the first."""
    seeds = [share_of("whatsapp", next(_serials)) for _ in range(shares)]
    facts = [press(link, share=seed, time=time + n * 60_000) for n, seed in enumerate(seeds)]
    facts += [
        press(
            link,
            share=share_of("whatsapp", next(_serials)),
            parent=seeds[n % shares],
            time=time + (shares + n) * 60_000,
        )
        for n in range(children)
    ]
    return facts
