"""User agents, stored once each, and what they were taken for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from analytics import signatures
from analytics.classify import Kind, classify
from analytics.families import UNREAD, families
from analytics.models import Agent

MAX_KNOWN = 50_000
APP = "x-requested-with: "


class Sender(NamedTuple):
    """An agent's row, and the verdict on what it sends (without a referrer)."""

    agent_id: int
    kind: Kind
    channel: int
    rule: str


Key = tuple[str, str]
"""A user agent and its signals, as facts carry them."""

_known: dict[Key, Sender] = {}
_learnt_on = date.min
"""The UTC day on which ``_known`` was learnt."""


def learn(keys: Iterable[Key]) -> Mapping[Key, Sender]:
    """Return a mapping that has all the keys.

    Agents are inserted outside of a segment's transaction: an agent that nothing refers
    to does no harm, while one that is remembered here and was rolled back would.
    """
    today = datetime.now(UTC).date()
    _forget_before(today)
    missing = {key for key in keys if key not in _known}
    if not missing:
        return _known
    if len(_known) + len(missing) > MAX_KNOWN:
        known = {key: _known[key] for key in keys if key in _known}
        _known.clear()
        _known.update(known)
    # In their order, so that workers which learn the same at once never deadlock.
    digests = dict(sorted((digest(key), key) for key in missing))
    verdicts = {key: verdict(*key) for key in missing}
    there = stored(digests)
    rows = [
        agent(key, today, "" if value in there else verdicts[key][2])
        for value, key in digests.items()
    ]
    Agent.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["digest"], update_fields=["learnt"]
    )
    for row, key in zip(rows, digests.values(), strict=True):
        _known[key] = Sender(row.pk, *verdicts[key])
    return _known


def agent(key: Key, today: date, rule: str) -> Agent:
    """Return the row of an agent; ``rule`` decided about it, or is empty where it has a row.

    The families of such a one are left out: reading them takes longer than all the rest.
    """
    user_agent = printable(key[0])[:512]
    read = families(user_agent, rule) if rule else UNREAD
    return Agent(
        digest=digest(key),
        user_agent=user_agent,
        signals=printable(without_unknown_app(key[1]))[:1024],
        learnt=today,
        **read._asdict(),
    )


def stored(digests: Iterable[bytes]) -> set[bytes]:
    """Return those of the digests whose agents have a row."""
    wanted, found = list(digests), set[bytes]()
    # A fact's headers are cut at the edge, so a chunk is far below any limit on parameters.
    for start in range(0, len(wanted), 1000):
        rows = Agent.objects.filter(digest__in=wanted[start : start + 1000])
        found.update(map(bytes, rows.values_list("digest", flat=True)))
    return found


def forget() -> None:
    """Forget what was learnt; for when the database was put back."""
    _known.clear()


def _forget_before(today: date) -> None:
    """Learn anew each day, so that agents which nobody has learnt of late can be deleted."""
    global _learnt_on
    if _learnt_on != today:
        forget()
        _learnt_on = today


def digest(key: Key) -> bytes:
    return hashlib.sha256("\0".join(key).encode()).digest()


def verdict(user_agent: str, signals: str) -> tuple[Kind, int, str]:
    """Return the verdict on a user agent with its signals: kind, channel, rule."""
    request, *lines = signals.split("\n")
    method, _, scheme = request.partition(" ")
    headers = {":scheme": scheme}
    for line in lines:
        name, _, value = line.partition(": ")
        headers[name] = value
    found = classify(user_agent, method or "GET", headers)
    return found.kind, found.channel, found.rule


def without_unknown_app(signals: str) -> str:
    """Return the signals without the name of an app that tells no channel.

    A WebView names the app around it, and a rare app may be known to very few people.
    """
    lines = signals.split("\n")
    kept = [
        line
        for line in lines
        if not line.startswith(APP) or line.removeprefix(APP).lower() in signatures.PACKAGES
    ]
    return "\n".join(kept)


def printable(text: str) -> str:
    """Return the text with all control characters but line ends replaced."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
