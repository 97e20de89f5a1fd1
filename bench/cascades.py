"""How long does it take to measure the shape of a cascade of a million shares?

Beside it, in the same rounds: copying the two lists of shares and parents, which is the
least that anything in Python can do with them.

    python bench/cascades.py [--shares N] [--json]
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable

import rig

Parents = list[int | None]


def trees(size: int) -> dict[str, Parents]:
    """Return the parents in a star, a chain, and a tree of chance."""
    chance = random.Random(7)
    return {
        "star": [None, *[0] * (size - 1)],
        "chain": [None, *range(size - 1)],
        "by chance": [None, *(int(chance.random() * node) for node in range(1, size))],
    }


def timed(measure: Callable[[], object]) -> Callable[[], dict[str, float]]:
    def once() -> dict[str, float]:
        started = time.perf_counter()
        measure()
        return {"seconds": time.perf_counter() - started}

    return once


def main() -> None:
    from analytics.cascades import shape

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shares", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    lines: list[tuple[str, ...]] = [("tree", "copied s", "measured s", "measured / copied")]
    data = {}
    for name, parents in trees(options.shares).items():
        nodes = list(range(options.shares))

        def copy(nodes: list[int] = nodes, parents: Parents = parents) -> object:
            return [node for node in nodes], [parent for parent in parents]  # noqa: C416

        def measure(nodes: list[int] = nodes, parents: Parents = parents) -> object:
            return shape(nodes, parents)

        found = rig.rounds({"copied": timed(copy), "measured": timed(measure)})
        seconds = [rig.median(found[way], "seconds") for way in ("copied", "measured")]
        ratio = rig.ratio(found["measured"], found["copied"], "seconds")
        lines.append((name, *(f"{s:.3f}" for s in seconds), f"{ratio:.0f}"))
        data[name] = found
    rig.report(f"The shape of cascades of {options.shares:,} shares", lines, data, options.json)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
