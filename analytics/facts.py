"""Reading journal lines: which can be understood, and why the others cannot."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from shortener.channels import BY_NUMBER, NUMBERS
from shortener.journal import FACT_VERSION

KINDS = frozenset({"hit", "offer", "press", "cancel", "visit", "conversion"})
EARLIEST = 1_577_836_800_000  # 2020-01-01: before there was any Grapevine.
CLOCK_SKEW = 86_400_000  # Milliseconds that a web node's clock may be ahead.
MAX_ID = 2**63 - 1
MAX_VALUE = 10**12
"""Of a conversion, in whatever its currency is."""
ARRIVALS = frozenset({"navigate", "prerender"})
"""The navigations that bring somebody to a page; the others only show it once more."""
NAVIGATIONS = ARRIVALS | {"reload", "back_forward"}
CURRENCY = re.compile("(?:[A-Z]{3})?", re.ASCII)

Fact = dict[str, Any]
Refused = tuple[str, str]
"""A line, and the reason why it was not understood."""


def read(lines: str) -> tuple[list[Fact], list[Refused]]:
    """Return the facts of a segment's lines, and the lines that are none with the reason."""
    facts: list[Fact] = []
    refused: list[Refused] = []
    latest = int(time.time() * 1000) + CLOCK_SKEW
    loads = orjson.loads
    for line in lines.splitlines():
        try:
            fact = loads(line)
            if problem := problem_of(fact, latest):
                refused.append((line, problem))
            else:
                facts.append(fact)
        except orjson.JSONDecodeError as error:
            refused.append((line, f"Not JSON: {error}"))
        except (KeyError, TypeError) as error:
            refused.append((line, f"{type(error).__name__}: {error}"))
    return facts, refused


def problem_of(fact: Fact, latest: int) -> str:
    """Return what is wrong with a fact, or an empty string.

    Raises KeyError or TypeError where it lacks a field or holds one of another type.
    """
    kind = fact["kind"]
    if fact["version"] != FACT_VERSION or kind not in KINDS:
        return f"Unknown kind or version: {kind!r}, {fact['version']!r}"
    if not EARLIEST < fact["time"] < latest:
        return f"Time out of range: {fact['time']}"
    if not 0 < fact["link"] <= MAX_ID:
        return f"Link out of range: {fact['link']}"
    if kind == "offer":
        return ""
    if not 0 <= fact["share"] <= MAX_ID or fact["share"] % NUMBERS not in BY_NUMBER:
        return f"Share out of range: {fact['share']}"
    if type(fact["agent"]) is not str or type(fact["signals"]) is not str:
        return "Agent or signals are not text"
    if kind == "hit":
        # Not a function of its own: a call for each hit costs more than the check.
        if not (fact["referrer"] + fact["language"] + fact["country"]).isprintable():
            return "A control character in referrer, language or country"
        visitor = fact["visitor"]
        if visitor is not None and not -MAX_ID <= visitor <= MAX_ID:
            return f"Visitor out of range: {visitor}"
        return ""
    return problem_of_report(fact)


def problem_of_report(fact: Fact) -> str:
    """Return what is wrong with what a page reported, or an empty string.

    Fields that the lines of an older version lack are filled in.
    """
    kind = fact["kind"]
    if kind in {"press", "cancel"} and not fact["share"]:
        return f"A {kind} without a share"
    for field in FIELDS[kind]:
        value = fact.setdefault(field.name, field.default)
        if not field.is_right(value):
            return f"A {kind} with a wrong {field.name}: {value!r}"
    return ""


class Field(NamedTuple):
    """A field of what pages report: what it may hold, and what is meant where it lacks."""

    name: str
    is_right: Callable[[Any], bool]
    default: Any


def text(most: int, least: int = 0) -> Callable[[Any], bool]:
    """Return the check for a text of a certain length, without control characters."""
    return lambda value: type(value) is str and least <= len(value) <= most and value.isprintable()


def is_share(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_ID and value % NUMBERS in BY_NUMBER


def is_visitor(value: Any) -> bool:
    return value is None or (type(value) is int and -MAX_ID <= value <= MAX_ID)


def is_flag(value: Any) -> bool:
    return type(value) is bool


def is_navigation(value: Any) -> bool:
    return type(value) is str and value in NAVIGATIONS


def is_value(value: Any) -> bool:
    return value is None or (type(value) in {int, float} and abs(value) <= MAX_VALUE)


def is_currency(value: Any) -> bool:
    return type(value) is str and CURRENCY.fullmatch(value) is not None


def is_referrer(value: Any) -> bool:
    """Tell whether it is a host, "" for none, or None where nobody noted it."""
    return value is None or text(255)(value)


FIELDS = {
    "press": (
        Field("parent", is_share, 0),
        Field("placement", text(40), ""),
        Field("visitor", is_visitor, None),
    ),
    "cancel": (),
    "visit": (
        Field("parent", is_share, 0),
        Field("referrer", is_referrer, None),
        Field("navigation", is_navigation, "navigate"),
        Field("automated", is_flag, False),
        Field("home", is_flag, False),
        Field("language", text(16), ""),
        Field("country", text(2), ""),
    ),
    # What is required has a default that is wrong.
    "conversion": (
        Field("visit", text(40, 1), None),
        Field("name", text(40, 1), None),
        Field("value", is_value, None),
        Field("currency", is_currency, ""),
        Field("automated", is_flag, False),
        Field("server", is_flag, False),
    ),
}


def without_unknown_links(
    facts: list[Fact], known: Mapping[int, str]
) -> tuple[list[Fact], list[Refused]]:
    """Split off the facts of links that the database does not have."""
    kept: list[Fact] = []
    refused: list[Refused] = []
    for fact in facts:
        if fact["link"] in known:
            kept.append(fact)
        else:
            line = orjson.dumps(fact).decode()
            refused.append((line, f"There is no link {fact['link']}"))
    return kept, refused
