"""Facts for tests, and the way of storing them that the worker takes."""

from __future__ import annotations

import time
from itertools import count
from typing import Any

import orjson

from analytics import ingest
from shortener import codes
from shortener.channels import BY_NAME
from shortener.models import Link

PERSON = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
WHATSAPP = "WhatsApp/2.24.7.75 i"

_segments = count(1)


def share_of(channel: str, serial: int = 5_000) -> int:
    return codes.share_id(serial, BY_NAME[channel].number)


def _fact(kind: str, link: Link, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 1,
        "kind": kind,
        "time": int(time.time() * 1000),
        "link": link.pk,
        "share": 0,
        "agent": PERSON,
        "signals": "GET https",
        **values,
    }


def hit(link: Link, **values: Any) -> dict[str, Any]:
    defaults = {"referrer": "", "language": "en", "visitor": 1, "country": "DE"}
    return _fact("hit", link, {**defaults, **values})


def press(link: Link, **values: Any) -> dict[str, Any]:
    defaults = {"share": share_of("whatsapp"), "parent": 0, "placement": "", "visitor": None}
    return _fact("press", link, {**defaults, **values})


def visit(link: Link, **values: Any) -> dict[str, Any]:
    defaults = {
        "parent": 0,
        "referrer": "",
        "navigation": "navigate",
        "automated": False,
        "home": False,
        "language": "en",
        "country": "DE",
    }
    return _fact("visit", link, {**defaults, **values})


def cancel(link: Link, **values: Any) -> dict[str, Any]:
    return _fact("cancel", link, {"share": share_of("native"), **values})


def conversion(link: Link, **values: Any) -> dict[str, Any]:
    defaults = {
        "visit": "visit-1",
        "name": "order",
        "value": None,
        "currency": "",
        "automated": False,
        "server": False,
    }
    return _fact("conversion", link, {**defaults, **values})


def offer(link: Link, **values: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "kind": "offer",
        "time": int(time.time() * 1000),
        "link": link.pk,
        **values,
    }


def lines(*facts: dict[str, Any] | str) -> str:
    """Return the facts as a segment's lines; a text stands for itself."""
    return "\n".join(f if isinstance(f, str) else orjson.dumps(f).decode() for f in facts)


def store(*facts: dict[str, Any] | str) -> bool:
    """Store the facts as one segment."""
    return ingest.store(f"test-{next(_segments)}", lines(*facts))
