"""How long do reports take, and does it depend on the number of hits?

The same site twice, with ten times as many hits the second time: 10,000 links, four channels,
28 days, a million shares. Every report is asked about the whole site, about one of ten
campaigns and about one link, and told in JSON.

    BENCH_DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres python bench/reports.py

The server must allow the user to create databases; one is made and dropped. ``--hits 100000
--times 1`` is a quick look. The ledger and the rollups must agree with the hits: it stops if
``manage.py reconcile`` finds a difference.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
import rig
from ingest import database, start_django

FILL = (Path(__file__).parent / "reports.sql").read_text()
ROUNDS = 5
AIM = 300
"""Milliseconds."""
Times = dict[tuple[str, str], list[dict[str, float]]]
"""By report, and by what was asked."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hits", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=10, help="as many hits once more; 1: not")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    url = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    sizes = sorted({options.hits, options.hits * options.times})
    with rig.installation() as environment, ExitStack() as stack:
        os.environ.update(environment)
        pools = {}
        for hits in sizes:
            pool = ProcessPoolExecutor(1, get_context("spawn"))
            pools[hits] = stack.enter_context(pool)
            pool.submit(fill, stack.enter_context(database(url)), hits).result()
        found: dict[int, Times] = {hits: defaultdict(list) for hits in sizes}
        # One after the other, so that a slow minute hits them all; the first warms up.
        for number in range(ROUNDS + 1):
            for hits, pool in pools.items():
                for key, milliseconds in pool.submit(measure).result().items():
                    if number:
                        found[hits][key].append({"ms": milliseconds})
        for pool in pools.values():
            pool.submit(disconnect).result()
    report(found, options)


def fill(url: str, hits: int) -> None:
    """Start this process on a database, and fill it."""
    os.environ["DATABASE_URL"] = url
    start_django()
    from django.core.management import call_command
    from django.utils import timezone

    from analytics.reports.question import first_day

    call_command("migrate", verbosity=0)
    start = first_day(timezone.now().date())
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in FILL.split(";\n\n"):
            connection.execute(statement, {"hits": hits, "start": start})
    with open(os.devnull, "w") as nowhere:
        call_command("reconcile", "--days", "60", stdout=nowhere)


def measure() -> dict[tuple[str, str], float]:
    """Return how many milliseconds each report takes."""
    from analytics.reports.catalog import REPORTS
    from analytics.serializers import answer_json

    found = {}
    for asked, question in questions().items():
        for name, report in REPORTS.items():
            started = time.perf_counter()
            answer_json(report, question, report.answer(question))
            found[name, asked] = (time.perf_counter() - started) * 1000
    return found


def disconnect() -> None:
    from django.db import connections

    connections.close_all()


def questions() -> dict[str, Any]:
    from analytics.reports.question import Question
    from shortener.models import Site

    narrowed: dict[str, dict[str, str]] = {
        "site": {},
        "campaign": {"campaign": "campaign-3"},
        "link": {"links": link_code(4711)},
    }
    return {
        name: Question.from_params(params, Site.objects.all(), in_full=True)
        for name, params in narrowed.items()
    }


def link_code(link: int) -> str:
    from shortener import codes

    return codes.encode(link)


def report(found: dict[int, Times], options: argparse.Namespace) -> None:
    few, *more = sorted(found)
    many = more[0] if more else few
    lines: list[tuple[str, ...]] = [
        ("report", "asked about", f"ms at {few:,}", f"ms at {many:,}", "ratio", "")
    ]
    for name, asked in found[few]:
        small, large = found[few][name, asked], found[many][name, asked]
        slow = "slow" if rig.median(large, "ms") > AIM else ""
        ms = (f"{rig.median(times, 'ms'):.1f}" for times in (small, large))
        lines.append((name, asked, *ms, f"{rig.ratio(large, small, 'ms'):.2f}", slow))
    data = {
        str(hits): {f"{name} {asked}": results for (name, asked), results in times.items()}
        for hits, times in found.items()
    }
    rig.report(f"Reports at {few:,} and {many:,} hits", lines, data, options.json)


if __name__ == "__main__":
    main()
