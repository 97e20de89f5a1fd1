"""Reading back what the edge of a test recorded."""

from __future__ import annotations

from typing import Any

import orjson

from shortener.edge import edge
from shortener.journal import seal


def recorded() -> list[dict[str, Any]]:
    """Return the facts that this test's journal holds, and empty it."""
    facts: list[dict[str, Any]] = []
    journal = edge().journal
    journal._set_aside_open()
    journal.prepare()
    journal.turn()
    for path in sorted(journal.directory.glob("*.full")):
        if sealed := seal(path):
            facts += map(orjson.loads, sealed.read_bytes().splitlines())
            sealed.unlink()
    return facts
