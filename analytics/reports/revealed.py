"""Revealed: content that was copied, or shared some other way that leaves the app open, and the
app it was then seen in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from analytics.models import DailyOutcome
from analytics.reports.dark import OPEN
from analytics.reports.question import Question
from analytics.reports.ranking import named, rank, wholes
from analytics.reports.rollups import Sums, add_up, added, of_links
from shortener.channels import BY_NUMBER, Channel

COLUMNS = ("shares", "clicks")


@dataclass(frozen=True, slots=True)
class RevealedRow:
    """Shares of one link that were seen in one app."""

    link: str
    title: str
    declared: Channel
    """Copied, native sheet, address bar or QR code."""
    observed: Channel
    shares: int
    clicks: int


def revealed(question: Question) -> tuple[RevealedRow, ...]:
    """Return the links with the most such shares, each with the apps, the most shares first."""
    rows = of_links(question, DailyOutcome).filter(channel__in=OPEN, observed__gt=0)
    ranked, _ = rank(question, rows, COLUMNS, question.part, having=("shares",))
    order = [link for link, *_ in ranked]
    whole = wholes(order)
    found: defaultdict[int, dict[tuple[int, int], Sums]] = defaultdict(dict)
    by = ["link_id", "channel", "observed"]
    for part, declared, observed, *sums in add_up(rows.filter(link__in=whole), by, COLUMNS):
        apps = found[whole[part]]
        apps[declared, observed] = added(apps.get((declared, observed)), sums)
    links = named(order)
    return tuple(
        RevealedRow(
            links[link].code,
            links[link].title,
            BY_NUMBER[declared],
            BY_NUMBER[observed],
            shares,
            clicks,
        )
        for link in order
        for (declared, observed), (shares, clicks) in sorted(
            found[link].items(), key=lambda item: (-item[1][0], -item[1][1], item[0])
        )
        if shares
    )
