"""Links in JSON, as the APIs of other tools answer them: somewhere inside, in pages or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from shortener.imports.formats import DESTINATIONS, plain

DEPTH = 6
"""How deep links are looked for: a list of pages, each with its links in two more boxes."""


def objects(text: str) -> Iterator[dict[str, str]]:
    """Yield the objects that have a destination, as texts by heading. Raises ValueError."""
    for found in _found(orjson.loads(text), DEPTH):
        yield dict(_flat(found))


def _found(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and any(plain(name) in DESTINATIONS for name in value):
        yield value
    elif isinstance(value, dict | list) and depth:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _found(inner, depth - 1)


def _flat(value: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield names and texts; what is inside another object has both names: meta.validUntil."""
    for name, inner in value.items():
        if isinstance(inner, dict) and not above:
            yield from _flat(inner, f"{name}.")
        elif isinstance(inner, str | int | float) or inner is None:
            yield above + name, _text(inner)
        elif isinstance(inner, list):
            yield above + name, ", ".join(each for each in inner if isinstance(each, str))


def _text(value: str | int | float | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
