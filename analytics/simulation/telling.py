"""Telling a world's story straight to ingest, as the facts that its requests would have left.

So a month can be told in seconds, at the times at which it happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from analytics import ingest
from analytics.simulation.actions import Action, Cancel, Conversion, Offer, Open, Press, Visit
from analytics.simulation.people import FROM_PAGES, IN_TABS
from analytics.simulation.playing import Played
from analytics.simulation.stage import World
from shortener import codes
from shortener.channels import BY_NAME
from shortener.headers import SIGNALS
from shortener.journal import FACT_VERSION, SEGMENT_FACTS
from shortener.models import Link, SerialCounter

DAY = 86_400


def tell(world: World, links: Sequence[Link], *, start: int, until: int, writer: str) -> Played:
    """Store what happened between two moments, in seconds since 1970, as if by a journal.

    ``start`` is when the world began, ``writer`` the name that its segments go by.
    """
    teller = Teller(world, links, start)
    lines: list[str] = []
    segment = 0
    for action in world.actions():
        if start + action.at >= until:
            break
        lines.append(orjson.dumps(teller.fact(action)).decode())
        if len(lines) == SEGMENT_FACTS:
            segment += 1
            ingest.store(f"{writer}-{segment}", "\n".join(lines))
            lines.clear()
    if lines:
        ingest.store(f"{writer}-{segment + 1}", "\n".join(lines))
    return Played(list(links), teller.shares)


class Teller:
    """Knows under which ids, and at which time, what happened is told."""

    def __init__(self, world: World, links: Sequence[Link], start: int) -> None:
        self.links = links
        self.start = start
        serials = SerialCounter.reserve(max(1, len(world.shares)))
        self.shares = {
            share.number: codes.share_id(serials[share.number], BY_NAME[share.channel].number)
            for share in world.shares
        }
        self._fronts = [world.article(number).is_front for number in range(world.articles)]

    def fact(self, action: Action) -> dict[str, Any]:
        """Return the fact that an action leaves."""
        share = getattr(action, "share", None)
        fact = {
            "version": FACT_VERSION,
            "kind": "",
            "time": int((self.start + action.at) * 1000),
            "link": self.links[action.article].pk,
            "share": 0 if share is None else self.shares[share],
            "agent": action.who.agent,
            "signals": signals(action),
        }
        return fact | self.details(action)

    def details(self, action: Action) -> dict[str, Any]:
        """Return what an action's own kind of fact tells."""
        who = action.who
        match action:
            case Offer():
                return {"kind": "offer"}
            case Cancel():
                return {"kind": "cancel"}
            case Press():
                return {
                    "kind": "press",
                    "parent": self.parent(action.parent),
                    "placement": action.placement,
                    "visitor": self.visitor(action),
                }
            case Conversion():
                return {
                    "kind": "conversion",
                    "visit": action.visit,
                    "name": action.name,
                    "value": action.cents / 100,
                    "currency": "EUR",
                    "automated": False,
                    "server": False,
                }
            case Visit():
                return {
                    "kind": "visit",
                    "parent": self.parent(action.parent),
                    "referrer": host(action.referrer),
                    "navigation": action.navigation,
                    "automated": action.automated,
                    "home": self._fronts[action.article],
                    "language": who.language,
                    "country": who.country,
                }
            case Open():
                return {
                    "kind": "hit",
                    "referrer": host(action.referrer),
                    "language": who.language,
                    "visitor": self.visitor(action),
                    "country": who.country,
                }
        raise TypeError(action)

    def parent(self, share: int | None) -> int:
        return 0 if share is None else self.shares[share]

    def visitor(self, action: Action) -> int | None:
        """Return a number that is the same for a visitor, article and UTC day."""
        if action.who.private:
            return None
        day = int(self.start + action.at) // DAY
        text = "|".join((str(day), str(self.links[action.article].pk), *action.who.visitor))
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


def signals(action: Action) -> str:
    """Return what of a request's headers becomes part of its fact."""
    is_open = isinstance(action, Open)
    headers = action.who.headers(IN_TABS if is_open else FROM_PAGES)
    headers |= dict(action.headers) if isinstance(action, Open) else {}
    given = {name.lower(): value for name, value in headers.items()}
    method = action.method if isinstance(action, Open) else "POST"
    lines = [f"{name}: {given[name]}" for name in SIGNALS if name in given]
    return "\n".join([f"{method} https", *lines])


def host(referrer: str) -> str:
    return referrer.split("/")[2] if referrer else ""
