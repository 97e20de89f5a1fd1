"""What a page may report: the facts of ``POST /events``, and what is wrong with them.

Everything foreign is cut and cleaned here, once, before it becomes part of a fact.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

MAX_BYTES = 16 * 1024
MAX_EVENTS = 20
MAX_PLACEMENT = 40
MAX_CODE = 60
MAX_URL = 2000
MAX_HOST = 255
MAX_VALUE = 1e12
"""Larger amounts are mistakes, and would not fit the column they are stored in."""
NAVIGATIONS = ("navigate", "reload", "back_forward", "prerender")
"""What ``PerformanceNavigationTiming.type`` can be."""


class EventError(ValueError):
    """What is wrong with one event, as the end of a sentence, and the field it is wrong in."""

    def __init__(self, problem: str, field: str = "") -> None:
        super().__init__(problem)
        self.field = field


Reader = Callable[[Any], Any]
"""Returns the cleaned value of a field; ``None`` stands for a field that is not there."""


def text(limit: int, *, needed: bool = False) -> Reader:
    def read(value: Any) -> str:
        if value is not None and not isinstance(value, str):
            raise EventError("should be text")
        cleaned = printable(value or "").strip()[:limit]
        if needed and not cleaned:
            raise EventError("is missing")
        return cleaned

    return read


def host(value: Any) -> str:
    cleaned: str = text(MAX_HOST)(value)
    return cleaned.lower()


def flag(value: Any) -> bool:
    if not isinstance(value, bool | None):
        raise EventError("should be true or false")
    return bool(value)


def navigation(value: Any) -> str:
    if value is not None and value not in NAVIGATIONS:
        raise EventError(f"should be one of: {', '.join(NAVIGATIONS)}")
    return value or NAVIGATIONS[0]


def amount(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EventError("should be a number")
    if not math.isfinite(value) or abs(value) > MAX_VALUE:
        raise EventError("is out of range")
    return float(value)


def currency(value: Any) -> str:
    cleaned: str = text(MAX_CODE)(value)
    if cleaned and not re.fullmatch(r"[A-Za-z]{3}", cleaned):
        raise EventError("should be a code of three letters, such as EUR")
    return cleaned.upper()


ADDRESS: Mapping[str, Reader] = {
    "code": text(MAX_CODE),
    "site": text(MAX_CODE),
    "url": text(MAX_URL),
}
"""Where something happened: a code, or else a site and the address of one of its pages."""
FIELDS: Mapping[str, Mapping[str, Reader]] = {
    "press": {"parent": text(MAX_CODE), "placement": text(MAX_PLACEMENT)},
    "cancel": {},
    "visit": {
        "parent": text(MAX_CODE),
        "referrer": host,
        "navigation": navigation,
        "automated": flag,
    },
    "conversion": {
        "visit": text(40, needed=True),
        "name": text(40, needed=True),
        "value": amount,
        "currency": currency,
        "automated": flag,
    },
}
"""What each kind of event tells beside where it happened."""
OF_A_SHARE = frozenset({"press", "cancel"})


class Event(NamedTuple):
    """One reported fact, before its codes are read."""

    number: int
    kind: str
    code: str
    site: str
    url: str
    details: dict[str, Any]


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
        try:
            events.append(read_event(item, number))
        except EventError as problem:
            first_problem = first_problem or f"Event {number}: {problem}."
    return events, first_problem


def read_event(item: Any, number: int = 1) -> Event:
    """Return one item as an event. Raises EventError with what is wrong with it."""
    if not isinstance(item, dict):
        raise EventError("it should be an object")
    kind = item.get("kind")
    if not isinstance(kind, str) or kind not in FIELDS:
        known = ", ".join(FIELDS)
        raise EventError(f"its kind is {str(kind)[:40]!r} and should be one of: {known}")
    code, site, url = read_fields(item, ADDRESS).values()
    if not code and kind in OF_A_SHARE:
        raise EventError("its code is missing", "code")
    if not code and not (site and url):
        raise EventError("it needs a code, or a site and a url", "code")
    return Event(number, kind, code, site, url, read_fields(item, FIELDS[kind]))


def read_fields(item: Mapping[str, Any], fields: Mapping[str, Reader]) -> dict[str, Any]:
    values = {}
    for name, read in fields.items():
        try:
            values[name] = read(item.get(name))
        except EventError as problem:
            raise EventError(f"its {name} {problem}", name) from None
    return values


def printable(text: str) -> str:
    """Return the text without control characters."""
    if text.isprintable():
        return text
    return "".join(character for character in text if character.isprintable())
