"""Explain what requests are taken for: kind, channel and the rule that decided."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from analytics.classify import classify
from analytics.observed import conflicts
from shortener.channels import BY_NAME, BY_NUMBER
from shortener.headers import host_of

FIELDS = ("user_agent", "method", "headers", "referrer", "declared")
COLUMNS = ("kind", "channel", "rule")
Row = dict[str, Any]


class Command(BaseCommand):
    help = (
        "Read user agents, one a line, or JSON objects with any of "
        f"{', '.join(FIELDS)}; print what each is taken for: {', '.join(COLUMNS)}."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="JSON objects, one a line, in the place of TSV"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        rows = explain(sys.stdin)
        lines = map(as_json, rows) if options["json"] else map(as_tsv, rows)
        # Written by many at once: the command's own output looks at each line for its style.
        self.stdout.writelines(f"{line}\n" for line in lines)


def explain(lines: Iterable[str]) -> Iterator[Row]:
    """Yield what each line is taken for. Raises CommandError with the line it cannot read."""
    for number, line in enumerate(lines, 1):
        try:
            yield verdict(request_of(line.rstrip("\r\n")))
        except ValueError as error:
            raise CommandError(f"Line {number}: {error}") from error


def request_of(line: str) -> Row:
    """Return a line as a request: a JSON object as it stands, all else as a user agent."""
    if not line.startswith("{"):
        return {"user_agent": line}
    request = orjson.loads(line)
    if unknown := sorted(request.keys() - set(FIELDS)):
        raise ValueError(f"{unknown[0]!r} is not one of: {', '.join(FIELDS)}.")
    if not isinstance(request.get("headers", {}), dict):
        raise ValueError("headers should be an object of names and values.")
    for name in ("user_agent", "method", "referrer", "declared"):
        if not isinstance(request.get(name, ""), str):
            raise ValueError(f"{name} should be text.")
    if (declared := request.get("declared", "link")) not in BY_NAME:
        raise ValueError(f"There is no channel {declared!r}.")
    return dict(request)


def verdict(request: Mapping[str, Any]) -> Row:
    """Return the verdict on a request; ``conflict`` where it denies the declared channel."""
    referrer = request.get("referrer", "")
    found = classify(
        request.get("user_agent", ""),
        request.get("method", "GET").upper(),
        {name.lower(): f"{value}" for name, value in request.get("headers", {}).items()},
        host_of(referrer) if "/" in referrer else referrer.lower(),
    )
    channel = BY_NUMBER[found.channel].name if found.channel else ""
    row: Row = {"kind": found.kind.label, "channel": channel, "rule": found.rule}
    if "declared" in request:
        declared = request["declared"]
        number = BY_NAME[declared].number
        _, others = conflicts(number, found.channel, 1 << found.channel if channel else 0)
        row |= {"declared": declared, "conflict": bool(others)}
    return row


def as_tsv(row: Row) -> str:
    return "\t".join(row[name] for name in COLUMNS)


def as_json(row: Row) -> str:
    return orjson.dumps(row).decode()
