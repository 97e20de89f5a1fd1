"""Reading journal lines: which can be understood, and why the others cannot."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson

from shortener.channels import BY_NUMBER, NUMBERS
from shortener.edge import FACT_VERSION

KINDS = frozenset({"hit", "press", "offer", "visit"})
EARLIEST = 1_577_836_800_000  # 2020-01-01: before there was any Grapevine.
CLOCK_SKEW = 86_400_000  # Milliseconds that a web node's clock may be ahead.
MAX_ID = 2**63 - 1

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
    elif kind == "press" and not fact["share"]:
        return "A press without a share"
    return ""


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
