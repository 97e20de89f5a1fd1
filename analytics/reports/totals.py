"""Sums of what happened, told apart by who could see the link where it was shared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Self

from analytics.reports.question import Question
from analytics.reports.rollups import add_up, counts
from shortener.channels import BY_NUMBER, DIRECT, Channel

COLUMNS = ("presses", "previews", "clicks", "new_visitors", "visits", "conversions")


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over channels."""

    presses: int = 0
    previews: int = 0
    clicks: int = 0
    daily_visitors: int = 0
    """Each counted once a day and link, for the channel that was first."""
    visits: int = 0
    conversions: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(*map(sum, zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Reach:
    """Totals of all channels, of private and of public ones."""

    all: Totals
    private: Totals
    public: Totals
    direct: Totals
    """The short link itself, which nobody's button handed out, and visits without a code."""
    private_percent: float | None
    """The private part of the clicks on shares; None where there are none."""

    @classmethod
    def of(cls, sums: Iterable[tuple[int, Totals]]) -> Self:
        """Return the reach of channels, each by its number and with its totals."""
        parts = dict.fromkeys(("private", "public", "direct"), Totals())
        for channel, totals in sums:
            parts[reach_of(BY_NUMBER[channel])] += totals
        shared = parts["private"].clicks + parts["public"].clicks
        percent = 100 * parts["private"].clicks / shared if shared else None
        return cls(sum(parts.values(), Totals()), **parts, private_percent=percent)


def reach_of(channel: Channel) -> str:
    """Return the name of the part of ``Reach`` that a channel belongs to."""
    if channel is DIRECT:
        return "direct"
    return "private" if channel.private else "public"


def reach(question: Question) -> Reach:
    """Return the totals of the question's days and links."""
    rows = add_up(counts(question), ["channel"], COLUMNS)
    return Reach.of((channel, Totals(*sums)) for channel, *sums in rows)


def observable(number: int, channel: Channel) -> int | None:
    """Return a number of previews; None where none tells nothing: the channel's apps do not
    show any."""
    return number or (0 if channel.previews else None)
