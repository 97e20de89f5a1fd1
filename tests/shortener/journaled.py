"""Reading back what the edge of a test recorded."""

from __future__ import annotations

from typing import Any

import orjson

from shortener.edge import edge


def recorded() -> list[dict[str, Any]]:
    """Return the facts that this test's journal holds, and empty it."""
    facts: list[dict[str, Any]] = []
    while path := edge().journal.seal():
        facts += map(orjson.loads, path.read_bytes().splitlines())
        edge().journal.prepare()
    return facts
