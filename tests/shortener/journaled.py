"""Reading back what the edge of a test recorded."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings

from shortener.edge import edge
from shortener.journal import Journal, seal


def recorded() -> list[dict[str, Any]]:
    """Return the facts that this test's journal holds, and empty it."""
    facts: list[dict[str, Any]] = []
    journal = edge().journal
    journal.close()
    for path in sorted(journal.directory.glob("*.full")):
        if sealed := seal(path):
            facts += map(orjson.loads, sealed.read_bytes().splitlines())
    edge().journal = Journal(settings.JOURNAL_DIR)
    return facts
