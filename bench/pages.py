"""How long does the server take for each page of the admin, at ten million hits?

The site of bench/reports.py, seen by an administrator: every page that the navigation leads
to, a link's own pages, and, one by one, the parts that these leave for later.

    BENCH_DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres python bench/pages.py

The server must allow the user to create databases; one is made and dropped. ``--hits 100000``
is a quick look. Everything between the request and the last byte of the answer is measured,
with the database, without the network.
"""

from __future__ import annotations

import argparse
import html
import os
import re
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import rig
from ingest import database
from reports import AIM, ROUNDS, fill

if TYPE_CHECKING:
    from django.test import Client

LINK = 4711
LINK_PAGES = (
    f"/admin/reports/links/{LINK}/",
    f"/admin/reports/links/{LINK}/tree/",
    f"/admin/shortener/link/{LINK}/change/",
    f"/admin/shortener/link/{LINK}/labels/",
    f"/admin/shortener/link/{LINK}/preview/",
    f"/admin/shortener/link/{LINK}/history/",
)
PART = re.compile(r'data-part="([^"]+)"')
NAVIGATION = re.compile(r'<nav[^>]* id="navigation".*?</nav>', re.DOTALL)
WAY = re.compile(r'href="(/admin/[^"]*)"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hits", type=int, default=10_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    url = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    # A process of its own reads the settings, which are made here.
    with (
        rig.installation() as environment,
        database(url) as filled,
        ProcessPoolExecutor(1, get_context("spawn")) as process,
    ):
        os.environ.update(environment)
        process.submit(fill, filled, options.hits).result()
        found = process.submit(measure).result()
        process.submit(disconnect).result()
    report(found, options)


def disconnect() -> None:
    from django.db import connections

    connections.close_all()


def measure() -> dict[str, list[dict[str, float]]]:
    """Return, for each page and part, how many milliseconds it takes each time."""
    client = administrator()
    pages = [*ways(client), *LINK_PAGES]
    parts = {part: page for page in pages for part in PART.findall(answer(client, page))}
    addresses = [*pages, *(html.unescape(part) for part in parts)]
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    # The first round, above, has warmed everything up.
    for _ in range(ROUNDS):
        for address in addresses:
            started = time.perf_counter()
            answer(client, address)
            found[address].append({"ms": (time.perf_counter() - started) * 1000})
    return dict(found)


def administrator() -> Client:
    from django.contrib.auth.models import User
    from django.test import Client

    user, _ = User.objects.get_or_create(
        username="bench", defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client(headers={"host": "go.example", "x-forwarded-proto": "https"})
    client.force_login(user)
    return client


def ways(client: Client) -> list[str]:
    """Return the addresses that the navigation leads to, without what they ask."""
    [navigation] = NAVIGATION.findall(answer(client, "/admin/"))
    return list(dict.fromkeys(way.partition("?")[0] for way in WAY.findall(navigation)))


def answer(client: Client, address: str) -> str:
    """Fetch a page; stop where it is not there."""
    response = client.get(address, secure=True, follow=True)
    if response.status_code != 200:
        raise SystemExit(f"{address} was answered with {response.status_code}.")
    return response.content.decode()


def report(found: dict[str, Any], options: argparse.Namespace) -> None:
    lines: list[tuple[str, ...]] = [("page", "ms", f"of {AIM} ms", "")]
    for address, times in sorted(found.items(), key=lambda one: -rig.median(one[1], "ms")):
        ms = rig.median(times, "ms")
        shown = address.partition("?")[0].removeprefix("/admin/") or "overview"
        lines.append((shown, f"{ms:.0f}", f"{ms / AIM:.2f}", "slow" if ms > AIM else ""))
    rig.report(f"Pages of the admin at {options.hits:,} hits", lines, found, options.json)


if __name__ == "__main__":
    main()
