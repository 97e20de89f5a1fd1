"""Flow: from content through channels to what came of the shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from operator import add

from analytics.models import DailyOutcome
from analytics.reports.question import Question
from analytics.reports.ranking import named, rank, wholes
from analytics.reports.rollups import add_up, of_links, outcomes
from shortener.channels import BY_NUMBER, Channel

COLUMNS = ("shares", "opened", "passed_on")
Sums = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FlowRow:
    """The shares of one link through one channel."""

    link: str
    """Empty: all the links that have no rows of their own."""
    title: str
    channel: Channel
    shares: int
    opened: int | None
    """None: not observable, since it is no short link that travels."""
    passed_on: int


def flow(question: Question) -> tuple[FlowRow, ...]:
    """Return the links with the most shares, channel by channel, then all others together."""
    rows = of_links(question, DailyOutcome)
    ranked, _ = rank(question, rows, COLUMNS, question.part, having=("shares",))
    order = [link for link, *_ in ranked]
    whole = wholes(order)
    found: defaultdict[int, dict[int, Sums]] = defaultdict(dict)
    shown: dict[int, Sums] = {}
    for link, channel, *sums in add_up(
        rows.filter(link__in=whole), ["link_id", "channel"], COLUMNS
    ):
        channels = found[whole[link]]
        channels[channel] = added(channels.get(channel), sums)
        shown[channel] = added(shown.get(channel), sums)
    links = named(order)
    flows = [
        row for link in order for row in _rows(links[link].code, links[link].title, found[link])
    ]
    others = {
        channel: added(sums, (-number for number in shown.get(channel, ())))
        for channel, *sums in add_up(outcomes(question), ["channel"], COLUMNS)
    }
    return (*flows, *_rows("", "", others))


def added(sums: Iterable[int] | None, more: Iterable[int]) -> Sums:
    """Return sums with more of the same added to each."""
    more = tuple(more)
    if sums is None or not more:
        return more or tuple(sums or ())
    return tuple(map(add, sums, more))


def _rows(code: str, title: str, channels: dict[int, Sums]) -> Iterable[FlowRow]:
    for number, (shares, opened, passed_on) in sorted(
        channels.items(), key=lambda item: (-item[1][0], item[0])
    ):
        if shares > 0:
            channel = BY_NUMBER[number]
            seen = opened if opened or channel.short_link else None
            yield FlowRow(code, title, channel, shares, seen, passed_on)
