"""How fast are facts stored on PostgreSQL, classified, with their rollups, and settled?

Beside it, in the same rounds: COPY of the hit rows that came of them, in the same batches,
into a bare copy of the hit table (no index, no key): row by row as a Python program writes
them, and as text that is ready beforehand, which measures PostgreSQL alone.

    BENCH_DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres python bench/ingest.py

The server must allow the user to create databases; one is made and dropped. ``--workers``
says how many processes store side by side (and how many copy): two for two cores.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import accumulate, count
from multiprocessing import get_context
from typing import Any

import orjson
import psycopg
import rig

SEGMENT = 5_000
LINKS = 1_000
SITES = 200
POPULARITY = list(accumulate(1 / rank for rank in range(1, LINKS + 1)))
"""Of the links, as on real sites: the second is clicked half as often as the first."""
PACE = 2
"""Milliseconds between two facts, so that no site's presses look like a flood."""
SIGNALS = "GET https\nsec-fetch-mode: navigate\nsec-fetch-site: none\nsec-fetch-dest: document"
PHONES = [
    f"Mozilla/5.0 (iPhone; CPU iPhone OS {major}_{minor} like Mac OS X) AppleWebKit/605.1.15 "
    f"(KHTML, like Gecko) Version/{major}.{minor} Mobile/15E148 Safari/604.1"
    for major in range(14, 19)
    for minor in range(20)
] + [
    f"Mozilla/5.0 (Linux; Android {android}; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/{chrome}.0.0.0 Mobile Safari/537.36"
    for android in range(10, 16)
    for chrome in range(110, 140)
]
PREVIEWERS = [f"WhatsApp/2.24.{n}.75 {letter}" for n in range(30) for letter in "Ai"]
PREVIEWERS += ["TelegramBot (like TwitterBot)", "WhatsApp/2"]
HIT_COLUMNS = (
    "id, batch_id, at, day, hour, link_id, share_id, channel, observed, kind, rule, agent_id, "
    "referrer, language, country, visitor"
)
TEXT, ROWS = "COPY of ready-made text", "COPY row by row"
OURS, SETTLED = "ingest", "ingest, then settling"
serials = count(1_000)
moments = count(int(time.time() * 1000) - 86_400_000, PACE)
"""Since yesterday."""


def facts(chance: random.Random, links: list[int], size: int) -> str:
    """Return a segment's lines: 10 % presses, 20 % previews, 70 % clicks, as a press has.

    Two of three clicks open a share that was opened before; nearly every visitor is new.
    """
    chosen = chance.choices(links, cum_weights=POPULARITY, k=size // 4)
    pool = [(next(serials) * 64 + chance.choice((1, 2, 3, 5, 6, 11)), link) for link in chosen]
    lines = []
    for _ in range(size):
        share, link = chance.choice(pool)
        fact: dict[str, Any] = {
            "version": 1,
            "kind": "hit",
            "time": next(moments),
            "link": link,
            "share": share,
            "agent": chance.choice(PHONES),
            "signals": SIGNALS,
        }
        role = chance.random()
        if role < 0.1:
            visitor = chance.getrandbits(63)
            fact |= {"kind": "press", "parent": 0, "placement": "article-top", "visitor": visitor}
        else:
            if role < 0.3:
                fact |= {"agent": chance.choice(PREVIEWERS), "signals": "GET https"}
            visitor = chance.getrandbits(63)
            fact |= {"referrer": "", "language": "en-GB", "visitor": visitor, "country": "DE"}
        lines.append(orjson.dumps(fact))
    return b"\n".join(lines).decode()


def start_django() -> None:
    """Prepare a worker process."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()


def store(segments: list[tuple[str, str]]) -> None:
    from analytics import ingest

    for segment, lines in segments:
        if not ingest.store(segment, lines):
            raise RuntimeError(f"{segment} was there already")


def copy_rows(url: str, batches: list[list[tuple[Any, ...]]]) -> None:
    """COPY as a Python program does it: row by row, with values of Python's types."""
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        for rows in batches:
            with cursor.copy(f"COPY bare_hit ({HIT_COLUMNS}) FROM STDIN") as target:
                for row in rows:
                    target.write_row(row)


def copy_text(url: str, batches: list[bytes]) -> None:
    """COPY of text that somebody has written beforehand: what the server alone can do."""
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        for text in batches:
            with cursor.copy(f"COPY bare_hit ({HIT_COLUMNS}) FROM STDIN") as target:
                target.write(text)


def deal(items: list[Any], hands: int) -> list[list[Any]]:
    return [items[hand::hands] for hand in range(hands)]


@contextmanager
def database(url: str) -> Iterator[str]:
    """Make an empty database beside the one named; drop it at the end."""
    name = f"grapevine_bench_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield url.rpartition("/")[0] + f"/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--segments", type=int, default=20, help="segments a round")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    url = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    with rig.installation() as environment, database(url) as database_url:
        environment["DATABASE_URL"] = database_url
        rig.manage("migrate", "--verbosity", "0", **environment)
        os.environ.update(environment)
        start_django()
        links = make_links()
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE bare_hit (LIKE analytics_hit)")
        with ProcessPoolExecutor(options.workers, get_context("spawn"), start_django) as pool:
            found = measure(pool, database_url, links, options)
    report(found, options)


def make_links() -> list[int]:
    from shortener.models import Link, Site

    sites = [Site.objects.create(key=f"bench{n}", name="Bench") for n in range(SITES)]
    return [
        Link.objects.create(
            site=sites[n % SITES], title=f"Link {n}", destination="https://example.com/"
        ).pk
        for n in range(LINKS)
    ]


def measure(
    pool: ProcessPoolExecutor, url: str, links: list[int], options: argparse.Namespace
) -> dict[str, list[dict[str, float]]]:
    from django.db import connection

    chance = random.Random(1)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in (TEXT, ROWS, OURS, SETTLED)}
    for number in range(rig.ROUNDS + 1):
        segments = [
            (f"bench{number}-{n}", facts(chance, links, SEGMENT)) for n in range(options.segments)
        ]
        before = last_hit(connection)
        elapsed = timed(pool, store, [(hand,) for hand in deal(segments, options.workers)])
        settling = settling_time()
        texts, rows = hit_texts(connection, before), hit_rows(connection, before)
        size = sum(map(len, rows))
        row_time = timed(pool, copy_rows, [(url, hand) for hand in deal(rows, options.workers)])
        text_time = timed(pool, copy_text, [(url, hand) for hand in deal(texts, options.workers)])
        if number:  # The first round warms caches and processes up.
            stored = options.segments * SEGMENT
            found[OURS].append({"rate": stored / elapsed})
            found[SETTLED].append({"rate": stored / (elapsed + settling)})
            found[ROWS].append({"rate": size / row_time})
            found[TEXT].append({"rate": size / text_time})
    return found


def last_hit(connection: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(max(id), 0) FROM analytics_hit")
        return int(cursor.fetchone()[0])


def hit_rows(connection: Any, after: int) -> list[list[tuple[Any, ...]]]:
    """Return the hits stored since, as rows in batches of a segment's size."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {HIT_COLUMNS} FROM analytics_hit WHERE id > {after}")
        rows = cursor.fetchall()
    return [rows[n : n + SEGMENT] for n in range(0, len(rows), SEGMENT)]


def hit_texts(connection: Any, after: int) -> list[bytes]:
    """Return the hits stored since, as COPY text in batches of a segment's size."""
    query = f"COPY (SELECT {HIT_COLUMNS} FROM analytics_hit WHERE id > {after}) TO STDOUT"
    with connection.cursor() as cursor, cursor.copy(query) as source:
        lines = b"".join(source).splitlines(keepends=True)
    return [b"".join(lines[n : n + SEGMENT]) for n in range(0, len(lines), SEGMENT)]


def timed(pool: ProcessPoolExecutor, work: Any, hands: list[tuple[Any, ...]]) -> float:
    """Return the seconds that the pool takes, including what it takes to hand out the work."""
    started = time.perf_counter()
    for future in [pool.submit(work, *hand) for hand in hands]:
        future.result()
    return time.perf_counter() - started


def settling_time() -> float:
    """Return the seconds that one process takes to settle what was stored.

    Workers do it beside storing, so what they sustain lies between the two rates.
    """
    from analytics.settle import settle

    started = time.perf_counter()
    while settle():
        pass
    return time.perf_counter() - started


def report(found: dict[str, list[dict[str, float]]], options: argparse.Namespace) -> None:
    lines: list[tuple[str, ...]] = [("way", "rows/s", "ingest / it")]
    lines += [
        (name, f"{rig.median(results):,.0f}", f"{rig.ratio(found[OURS], results):.2f}")
        for name, results in found.items()
    ]
    title = f"Ingest, segments of {SEGMENT:,}, {options.workers} worker(s)"
    rig.report(title, lines, {"results": found}, options.json)


if __name__ == "__main__":
    main()
