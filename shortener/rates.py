"""How much one visitor, and one site, may ask of the routes that hand out codes and take facts.

Requests are counted in this process's memory, by the minute, so that no request waits for
another server. The follower adds what was counted to the totals of all processes, which
live in Redis (or the embedded Valkey), and learns from them who has asked enough. Where
Redis is away, each process holds the limits by itself.

Addresses are known to this process for the minute only. What goes to Redis is a hash of
them, keyed with the day's salt.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from heapq import nlargest
from operator import itemgetter

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

WINDOW = 60
MAX_KEYS = 100_000
"""Visitors counted at once; beyond that the limit of the site is what holds."""
WORTH_SHARING = 30
"""One visitor's requests that other processes need to know of: this part of the limit."""
MAX_SHARED = 1_000
"""Counts told at once: the highest first, the others when their turn comes."""
REST_AFTER_FAILURE = 10.0
PATIENCE = 0.25
"""Seconds. The follower has links to follow: it must not wait for a Redis that is away."""

Key = str | int
"""A visitor's network, or the id of a site."""


class Minute:
    """What was asked within one window."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.counts: defaultdict[Key, int] = defaultdict(int)
        self.shared: dict[Key, int] = {}
        """The part of ``counts`` that Redis was told."""
        self.elsewhere: dict[Key, int] = {}
        """What other processes counted."""


class Rates:
    """The requests of this minute. ``take`` may be called from any thread.

    ``hide`` returns the name under which a network is counted in Redis, or None where there
    is no salt to hash it with.
    """

    def __init__(
        self,
        *,
        visitor_limit: int,
        site_limit: int,
        totals: redis.Redis | None = None,
        hide: Callable[[float, str], str | None] = lambda now, network: None,
    ) -> None:
        self._limits = {str: visitor_limit, int: site_limit}
        self._totals = totals
        self._hide = hide
        self._resting_until = 0.0
        self._minute = Minute(0)

    def take(self, now: float, key: Key) -> int:
        """Count a request; return 0, or the seconds to wait where it is one too many."""
        minute = self._minute
        if int(now) // WINDOW != minute.number:
            minute = self._minute = Minute(int(now) // WINDOW)
        counts = minute.counts
        if key not in counts and len(counts) >= MAX_KEYS and isinstance(key, str):
            return 0
        counts[key] += 1
        if counts[key] + minute.elsewhere.get(key, 0) <= self._limits[type(key)]:
            return 0
        return WINDOW - int(now) % WINDOW

    def share(self, now: float) -> None:
        """Tell the other processes, and learn from them. Never raises for want of Redis."""
        minute = self._minute
        is_over = int(now) // WINDOW != minute.number
        if self._totals is None or is_over or time.monotonic() < self._resting_until:
            return
        try:
            self._share(self._totals, minute, self._names(minute, now))
        except redis.RedisError as error:
            self._resting_until = time.monotonic() + REST_AFTER_FAILURE
            logger.warning("Rate limits hold for each process alone: %s", error)

    def _names(self, minute: Minute, now: float) -> dict[Key, str]:
        """Return what is to be told, and under which name."""
        least = self._limits[str] / WORTH_SHARING
        told = [
            (count, key)
            for key, count in minute.counts.copy().items()
            if count > minute.shared.get(key, 0) and (isinstance(key, int) or count >= least)
        ]
        names: dict[Key, str] = {}
        for _, key in nlargest(MAX_SHARED, told, key=itemgetter(0)):
            name = f"site-{key}" if isinstance(key, int) else self._hide(now, key)
            if name is not None:
                names[key] = f"grapevine:{minute.number}:{name}"
        return names

    def _share(self, totals: redis.Redis, minute: Minute, names: dict[Key, str]) -> None:
        if not names:
            return
        pipeline = totals.pipeline(transaction=False)
        for key, name in names.items():
            count = minute.counts[key]
            pipeline.incrby(name, count - minute.shared.get(key, 0))
            pipeline.expire(name, 2 * WINDOW)
            # Told once, even where no answer comes: rather too little than twice.
            minute.shared[key] = count
        for key, everywhere in zip(names, pipeline.execute()[::2], strict=True):
            minute.elsewhere[key] = max(0, everywhere - minute.shared[key])


def redis_totals(url: str) -> redis.Redis | None:
    """Return the client of the totals; None where there is no address of any."""
    if not url:
        return None
    return redis.Redis.from_url(
        url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )
