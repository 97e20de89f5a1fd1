"""Channels: where shares were meant to go, and where they were seen."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.observed import MEANS, agree
from analytics.reports.question import Question
from analytics.reports.rollups import add_up, forwards, outcomes
from shortener.channels import BY_NUMBER, Channel

UNSEEN, CONFIRMED, REVEALED, ELSEWHERE = "unseen", "confirmed", "revealed", "elsewhere"
"""What evidence says of shares: nothing; that they are where they were meant to go; where a
channel that leaves it open led; that they were seen in another app."""


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """Shares of one button that were seen in one app, or in none."""

    declared: Channel
    observed: Channel | None
    finding: str
    """``UNSEEN``, ``CONFIRMED``, ``REVEALED`` or ``ELSEWHERE``."""
    shares: int
    clicks: int


@dataclass(frozen=True, slots=True)
class Channels:
    open_shares: int
    """Of channels that leave open where a link goes: copied, native sheet, address bar, QR."""
    revealed_shares: int
    """Of these, the ones that evidence has given a channel."""
    rows: tuple[ChannelRow, ...]


@dataclass(frozen=True, slots=True)
class ForwardRow:
    """Shares of a channel that were also seen in another one."""

    channel: Channel
    """The declared one; where that leaves it open, the one that evidence names."""
    seen_in: Channel
    shares: int


def channels(question: Question) -> Channels:
    sums = add_up(outcomes(question), ["channel", "observed"], ["shares", "clicks"])
    rows = tuple(
        ChannelRow(
            BY_NUMBER[declared],
            BY_NUMBER[observed] if observed else None,
            finding(declared, observed),
            shares,
            clicks,
        )
        for declared, observed, shares, clicks in sorted(
            sums, key=lambda row: (-row[2], -row[3], *row[:2])
        )
        if shares
    )
    return Channels(
        sum(row.shares for row in rows if row.declared.number in MEANS),
        sum(row.shares for row in rows if row.finding == REVEALED),
        rows,
    )


def finding(declared: int, observed: int) -> str:
    """Return what evidence that names a channel, or 0 for none, says of a declared one."""
    if not observed:
        return UNSEEN
    if declared in MEANS:
        return REVEALED
    return CONFIRMED if agree(declared, observed) else ELSEWHERE


def forwarded(question: Question) -> tuple[ForwardRow, ...]:
    """Return what was seen in two apps, the most frequent first."""
    sums = add_up(forwards(question), ["channel", "seen_in"], ["shares"])
    return tuple(
        ForwardRow(BY_NUMBER[channel], BY_NUMBER[seen_in], shares)
        for channel, seen_in, shares in sorted(sums, key=lambda row: (-row[2], *row[:2]))
        if shares
    )
