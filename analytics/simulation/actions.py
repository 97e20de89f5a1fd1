"""What people and machines do, one thing at a time, and what is true of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from analytics.simulation.people import Sender


class Trace(NamedTuple):
    """What a request lets everybody see of the app that the link was in."""

    rank: int
    """1: a preview of the app. 2: its own browser. 3: a page of it."""
    app: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that somebody does, and that sends one request or a part of one."""

    at: float
    """Seconds since the world began."""
    who: Sender
    article: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Action):
    """A page asks for codes."""

    shares: tuple[int, ...] = ()
    """The shares that they will be used for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press(Action):
    """A page tells that a button was pressed."""

    share: int
    parent: int | None
    placement: str
    by_person: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Action):
    """A page tells that the device's own sheet was closed again."""

    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Action):
    """Somebody, or something, asks for a short link."""

    kind: str
    """What is true: click, preview, prefetch, scanner or bot."""
    share: int | None = None
    """None for the link's own code."""
    method: str = "GET"
    referrer: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    trace: Trace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Action):
    """A page tells that somebody landed on it."""

    share: int | None = None
    parent: int | None = None
    """What stands behind the dot of an address bar's code."""
    referrer: str = ""
    navigation: str = "navigate"
    automated: bool = False
    by_person: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion(Action):
    """A page tells what a visit led to."""

    visit: str
    name: str
    share: int | None = None
    cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One link that was passed on."""

    number: int
    article: int
    channel: str
    """The button."""
    parent: int | None
    """The share that had brought the sharer, whether or not the page could know."""
    told_parent: int | None
    """The same as far as the page could know."""
    flagged: bool = False
    """Whether nobody presses that fast."""
