"""The running product that a world is played against: which one it is, and when it is done."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings

from analytics.models import Batch, Hit, Unsettled
from analytics.simulation.people import Sender
from shortener.backlog import backlog
from shortener.models import Link, Site

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EDITS_KNOWN_AFTER = 2.0
"""Seconds after which every process of the product knows of a new site."""
PATIENCE = 30.0
"""Seconds in which a single request is counted, or something is wrong."""
SETTLED_WITHIN = 600.0
PROBE = Sender(agent="Mozilla/5.0 (compatible; a probe)", network="90.12.44.7", country="FR")
"""An address of a country that no machine's own address is in."""


class UnfitError(Exception):
    """Why a world cannot be played against a product."""


def address_of(base: str) -> tuple[str, int]:
    """Return the host and port of a product on this machine. Raises UnfitError."""
    try:
        parts = urlsplit(base)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError as error:
        raise UnfitError(f"{base!r} is not an address: {error}.") from error
    if parts.scheme != "http" or host not in LOOPBACK:
        raise UnfitError(
            f"{base!r} is not on this machine. Simulated people visit http://127.0.0.1 only."
        )
    return host, port


def check(host: str, port: int, key: str) -> None:
    """See whether the product counts into our database and believes X-Forwarded-For.

    Raises UnfitError where it does not. When it returns, sites that were made before are
    known.
    """
    site = Site.objects.create(name=f"Probe of {key}", key=f"{key}-probe", hosts=[])
    link = Link.objects.create(
        site=site, destination="https://probe.example.com/", title="Probe of a simulation"
    )
    time.sleep(EDITS_KNOWN_AFTER)
    ask(host, port, f"/{link.code}", PROBE)
    deadline = time.monotonic() + PATIENCE
    while (hit := Hit.objects.filter(link=link).first()) is None:
        if time.monotonic() > deadline:
            raise UnfitError(
                f"The product at port {port} does not count into the database of these "
                "settings, or nothing counts there."
            )
        time.sleep(0.1)
    if hit.country != PROBE.country:
        raise UnfitError(
            "The product does not believe X-Forwarded-For, so that all people would be one. "
            "Start it with TRUSTED_PROXIES=1."
        )


def ask(host: str, port: int, path: str, who: Sender) -> None:
    """Ask for a short link. Raises UnfitError unless it redirects."""
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        headers = who.headers() | {"X-Forwarded-For": who.network}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise UnfitError(f"Nothing that speaks HTTP answers at port {port}: {error}.") from error
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.FOUND:
        raise UnfitError(
            f"The product at port {port} does not know a link of this database: "
            f"it answers with {answer.status}."
        )


def wait_until_counted(since: float) -> None:
    """Wait until all that happened up to a moment is counted and settled.

    ``since`` is in seconds since 1970. Raises UnfitError where that takes too long.
    """
    deadline = time.monotonic() + SETTLED_WITHIN
    wait(lambda: is_committed(since), deadline, "committed")
    newest = Batch.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    waiting = Unsettled.objects.filter(batch__lte=newest)
    wait(lambda: not waiting.exists(), deadline, "settled")


def is_committed(since: float) -> bool:
    """Tell whether no journal of this machine holds facts that are as old."""
    # Taken first, so that a segment seems too old rather than too young.
    now = time.time()
    left = backlog(settings.JOURNAL_DIR)
    return not left.segments or now - left.lag > since


def wait(condition: Callable[[], bool], deadline: float, what: str) -> None:
    while not condition():
        if time.monotonic() > deadline:
            raise UnfitError(f"Not everything was {what} within {SETTLED_WITHIN:.0f} seconds.")
        time.sleep(0.2)
