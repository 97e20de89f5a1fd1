"""What a page may report: the facts of ``POST /events``, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

MAX_BYTES = 16 * 1024
MAX_EVENTS = 20
KINDS = ("press", "visit")
MAX_PLACEMENT = 40


@dataclass(frozen=True, slots=True)
class Event:
    """One reported fact, before its codes are read."""

    kind: str
    code: str
    parent: str
    placement: str

    def fact(
        self, link_id: int, share_id: int, decode: Callable[[str], tuple[int, int] | None]
    ) -> dict[str, Any]:
        """Return the fact for the journal; an unreadable parent is left out."""
        parent = decode(self.parent) if self.parent else None
        return {
            "kind": self.kind,
            "link": link_id,
            "share": share_id,
            "parent": parent[1] if parent else 0,
            "placement": self.placement,
        }


def read_events(body: bytes) -> tuple[list[Event], str]:
    """Return the events that can be understood, and what is wrong with the first other one.

    A page cannot correct what it sent, so one bad event does not take the others with it.
    """
    if len(body) > MAX_BYTES:
        return [], f"At most {MAX_BYTES} bytes are taken at once."
    try:
        items = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return [], f"The body is not JSON: {error}."
    if not isinstance(items, list):
        return [], "The body should be a JSON array of events."
    if len(items) > MAX_EVENTS:
        return [], f"At most {MAX_EVENTS} events are taken at once, not {len(items)}."
    events: list[Event] = []
    first_problem = ""
    for number, item in enumerate(items, 1):
        problem = problem_of(item)
        if not problem:
            events.append(event(item))
        elif not first_problem:
            first_problem = f"Event {number}: {problem}"
    return events, first_problem


def problem_of(item: Any) -> str:
    """Return what is wrong with one item, or an empty string."""
    if not isinstance(item, dict):
        return "it should be an object."
    kind = item.get("kind")
    if kind not in KINDS:
        return f"its kind is {str(kind)[:40]!r} and should be one of: {', '.join(KINDS)}."
    if not isinstance(item.get("code"), str):
        return "it needs a code."
    for name in ("parent", "placement"):
        value = item.get(name, "")
        if not isinstance(value, str):
            return f"its {name} should be text."
    return ""


def event(item: dict[str, Any]) -> Event:
    return Event(
        kind=item["kind"],
        code=item["code"],
        parent=item.get("parent", ""),
        placement=printable(item.get("placement", ""))[:MAX_PLACEMENT],
    )


def printable(text: str) -> str:
    """Return the text without control characters."""
    return "".join(character for character in text if character.isprintable())
