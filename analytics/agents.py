"""User agents, stored once each, and what they were taken for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from analytics import signatures
from analytics.classify import Kind, classify
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


def learn(keys: Iterable[Key]) -> Mapping[Key, Sender]:
    """Return a mapping that has all the keys.

    Agents are inserted outside of a segment's transaction: an agent that nothing refers
    to does no harm, while one that is remembered here and was rolled back would.
    """
    missing = {key for key in keys if key not in _known}
    if not missing:
        return _known
    if len(_known) + len(missing) > MAX_KNOWN:
        known = {key: _known[key] for key in keys if key in _known}
        _known.clear()
        _known.update(known)
    digests = {digest(key): key for key in missing}
    Agent.objects.bulk_create(
        [
            Agent(
                digest=value,
                user_agent=printable(user_agent)[:512],
                signals=printable(without_unknown_app(signals))[:1024],
            )
            for value, (user_agent, signals) in digests.items()
        ],
        ignore_conflicts=True,
    )
    # A fact's headers are cut at the edge, so a chunk is far below any limit on parameters.
    for start in range(0, len(digests), 1000):
        chunk = list(digests)[start : start + 1000]
        rows = Agent.objects.filter(digest__in=chunk).values_list("digest", "pk")
        for value, agent_id in rows:
            key = digests[bytes(value)]
            _known[key] = Sender(agent_id, *verdict(*key))
    return _known


def forget() -> None:
    """Forget what was learnt; for when the database was put back."""
    _known.clear()


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
