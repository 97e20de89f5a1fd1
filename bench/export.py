"""How fast is an export of millions of hits, beside COPY TO of the same rows, and in what memory?

The site of bench/reports.py; the hits of its 28 days, as a worker writes them: to a file, part
by part. Beside it, PostgreSQL's own COPY of the bare hit table in the same order, read by
psycopg and written to a file: no titles, no user agents, no codes, no protection.

    BENCH_DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres python bench/export.py

The server must allow the user to create databases; one is made and dropped. ``--hits 100000``
is a quick look.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import rig
from ingest import database
from reports import fill

ROUNDS = 3
AIM = 0.25
GROWTH = 50
"""Megabytes."""
COPY = "COPY (SELECT * FROM analytics_hit ORDER BY at, id) TO STDOUT (FORMAT csv)"
WARM_UP = 100_000
"""Rows, before which memory still grows for what is there once."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hits", type=int, default=5_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    url = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    with rig.installation() as environment, database(url) as filled:
        os.environ.update(environment)
        found: dict[str, list[dict[str, float]]] = {"export": [], "COPY TO": []}
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            process.submit(fill, filled, options.hits).result()
            for _ in range(ROUNDS):
                found["export"].append(process.submit(export, environment["DATA_DIR"]).result())
                found["COPY TO"].append(process.submit(copy, environment["DATA_DIR"]).result())
            process.submit(disconnect).result()
    report(found, options)


def export(directory: str) -> dict[str, float]:
    """Write the file; return rows a second, and how many megabytes the process grew by."""
    from analytics.exports.recipe import Recipe
    from analytics.reports.question import Question
    from shortener.models import Site

    recipe = Recipe("hits", Question.from_params({}, Site.objects.all(), in_full=True))
    started = time.perf_counter()
    rows, before, key = 0, 0, None
    with open(f"{directory}/export.csv", "wb") as file:
        file.write(recipe.start())
        while True:
            data, part = recipe.part(key)
            file.write(data)
            rows, key = rows + part.rows, part.key
            if not before and rows >= WARM_UP:
                before = most_memory()
            if key is None:
                break
    seconds = time.perf_counter() - started
    grown = (most_memory() - (before or most_memory())) / 1024
    return {"rate": rows / seconds, "rows": rows, "grown": grown}


def copy(directory: str) -> dict[str, float]:
    from django.db import connection

    started = time.perf_counter()
    rows = 0
    with (
        connection.cursor() as opened,
        opened.connection.cursor() as cursor,
        open(f"{directory}/copy.csv", "wb") as file,
        cursor.copy(COPY) as lines,
    ):
        for line in lines:
            file.write(line)
            rows += 1
    return {"rate": rows / (time.perf_counter() - started), "rows": rows}


def most_memory() -> int:
    """Return the most kilobytes that this process has had in memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def disconnect() -> None:
    from django.db import connections

    connections.close_all()


def report(found: dict[str, list[dict[str, float]]], options: argparse.Namespace) -> None:
    ours, peer = found["export"], found["COPY TO"]
    ratio, grown = rig.ratio(ours, peer), max(each["grown"] for each in ours)
    lines: list[tuple[str, ...]] = [
        ("way", "rows", "rows/s", "export / it", ""),
        *(
            (
                name,
                f"{rig.median(results, 'rows'):,.0f}",
                f"{rig.median(results):,.0f}",
                f"{rig.ratio(ours, results):.2f}",
                "" if results is ours or ratio >= AIM else "slow",
            )
            for name, results in found.items()
        ),
        ("memory grew by", "", f"{grown:.1f} MB", "", "" if grown < GROWTH else "too much"),
    ]
    data: dict[str, Any] = {"results": found}
    rig.report(f"Export of {options.hits:,} hits", lines, data, options.json)


if __name__ == "__main__":
    main()
