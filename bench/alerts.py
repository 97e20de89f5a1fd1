"""How long does a look at a site take, and the live strip?

A site with 10,000 links, of which 1,000 have clicks in every hour of nine weeks; one of a hundred
of them travels now. Hits of the last half hour come on top, more than the live strip looks at.
On SQLite, or on PostgreSQL where it is told a server:

    python bench/alerts.py
    BENCH_DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres python bench/alerts.py

The server must allow the user to create databases; one is made and dropped.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from typing import Any

import rig
from ingest import database, start_django

ROUNDS = 7
DAYS = 63
TRAVEL = 100
"""Of the busy links, every how manyth travels."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=10_000)
    parser.add_argument("--busy", type=int, default=1_000)
    parser.add_argument("--hits", type=int, default=50_000, help="of the last half hour")
    options = parser.parse_args()
    with rig.installation() as environment, ExitStack() as stack:
        if url := os.environ.get("BENCH_DATABASE_URL"):
            environment["DATABASE_URL"] = stack.enter_context(database(url))
        os.environ.update(environment)
        start_django()
        from django.core.management import call_command
        from django.db import connection, connections

        call_command("migrate", verbosity=0)
        site, now = fill(options.links, options.busy, options.hits)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        print(f"{connection.vendor}: {options.links:,} links, {options.busy:,} of them busy")
        measure(site, now)
        connections.close_all()


def fill(links: int, busy: int, hits: int) -> tuple[Any, Any]:
    """Make the site and its rollups; return it, and the moment in the middle of an hour."""
    from django.utils import timezone

    from analytics.models import Audience, DailyAudience, DailyContent, Hit
    from shortener.models import Link, Site

    now = timezone.now().replace(minute=30)
    site = Site.objects.create(name="Bench", key="bench")
    Link.objects.bulk_create(
        [
            Link(site=site, destination=f"https://example.com/{n}", title=f"Page {n}")
            for n in range(links)
        ]
    )
    Link.objects.update(created=now - timedelta(days=DAYS))
    pks = list(Link.objects.order_by("pk").values_list("pk", flat=True))
    days = [now.date() - timedelta(days=n) for n in range(DAYS)]

    def clicks(place: int, day: date, hour: int) -> int:
        if place % TRAVEL == 0 and day == now.date() and hour == now.hour:
            return 200
        return (place * 7 + day.toordinal() * 3 + hour) % 10 + 5

    for day in days:
        until = now.hour + 1 if day == now.date() else 24
        content, audience = [], []
        for place, pk in enumerate(pks[:busy]):
            numbers = [clicks(place, day, hour) for hour in range(until)]
            counts = {"clicks": sum(numbers), "visitors": sum(numbers)}
            content.append(DailyContent(day=day, link_id=pk, channel=1, **counts))
            for hour, number in enumerate(numbers):
                value = str(day.weekday() * 24 + hour)
                audience.append(
                    DailyAudience(
                        link_id=pk,
                        dimension=Audience.Dimension.HOUR,
                        day=day,
                        channel=1,
                        value=value,
                        clicks=number,
                    )
                )
        DailyContent.objects.bulk_create(content, batch_size=5_000)
        DailyAudience.objects.bulk_create(audience, batch_size=5_000)
    Hit.objects.bulk_create(
        [
            Hit(
                batch_id=1,
                at=now - timedelta(seconds=1_800 * n / hits),
                day=now.date(),
                link_id=pks[n % busy],
                channel=1,
                observed=0,
                kind=1 + n % 2,
                rule="person",
                agent_id=1,
                referrer="",
                language="en",
                country="DE",
            )
            for n in range(hits)
        ],
        batch_size=5_000,
    )
    return site, now


def measure(site: Any, now: Any) -> None:
    from analytics.alerts.clicks import rising
    from analytics.alerts.spread import spreading
    from analytics.alerts.watch import look
    from analytics.live import look as look_live

    print(f"{len(look(site, now))} links travel")
    for name, work in (
        ("a look at the site", lambda: look(site, now)),
        ("  of it, clicks", lambda: rising(site, now)),
        ("  of it, K", lambda: spreading(site, now)),
        ("the live strip", lambda: look_live(site, now)),
    ):
        print(f"{name:24} {milliseconds(work):8.1f} ms")


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long something takes, the median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1_000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
