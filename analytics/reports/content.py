"""Content by channel: how far each link travelled, and through what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import add
from typing import NamedTuple

from django.db.models import Q

from analytics.models import DailyContent
from analytics.reports.question import Question
from analytics.reports.ranking import ALL, named, rank, wholes
from analytics.reports.rollups import add_up, of_links
from analytics.reports.totals import Reach, Totals, observable, reach, reach_of
from shortener import codes
from shortener.channels import BY_NUMBER, Channel
from shortener.models import Link

TRAVELLED = ("presses", "previews", "clicks", "visits", "conversions")
"""Offers alone, or machines, make no content that travelled."""
EVERY_LINK = 2000
"""So many links, or more, are read with all the others: naming them costs more."""


class Sums(NamedTuple):
    """What the rollups of one link and channel add up to."""

    presses: int = 0
    previews: int = 0
    clicks: int = 0
    visitors: int = 0
    visits: int = 0
    conversions: int = 0
    new_visitors: int = 0

    @property
    def totals(self) -> Totals:
        return Totals(
            self.presses,
            self.previews,
            self.clicks,
            self.new_visitors,
            self.visits,
            self.conversions,
        )


@dataclass(frozen=True, slots=True)
class ChannelContent:
    """What one link did through one channel."""

    channel: Channel
    private: bool
    presses: int
    previews: int | None
    """None: not observable, since the channel's apps show no previews."""
    clicks: int
    daily_visitors: int
    """Of the channel."""
    visits: int
    conversions: int

    @property
    def reach(self) -> str:
        return reach_of(self.channel)


@dataclass(frozen=True, slots=True)
class LinkContent:
    """One link: its channels, the strongest first, and what they add up to."""

    code: str
    title: str
    destination: str
    totals: Reach
    channels: tuple[ChannelContent, ...]

    @property
    def link_id(self) -> int:
        return (codes.decode(self.code) or (0, 0))[0]


@dataclass(frozen=True, slots=True)
class ContentRow:
    """One link and channel, as a row of a file."""

    link: str
    title: str
    destination: str
    channel: Channel
    reach: str
    presses: int
    previews: int | None
    clicks: int
    daily_visitors: int
    visits: int
    conversions: int


@dataclass(frozen=True, slots=True)
class Content:
    """The report."""

    totals: Reach
    links: tuple[LinkContent, ...]
    """Those that were asked for, the most clicked first."""
    link_count: int
    """How many there are in all."""

    @property
    def rows(self) -> Iterable[ContentRow]:
        for link in self.links:
            for row in link.channels:
                yield ContentRow(
                    link.code,
                    link.title,
                    link.destination,
                    row.channel,
                    row.reach,
                    row.presses,
                    row.previews,
                    row.clicks,
                    row.daily_visitors,
                    row.visits,
                    row.conversions,
                )


def content(question: Question, wanted: slice = ALL) -> Content:
    """Answer a question; ``wanted`` says which of the links, in their order."""
    rows = of_links(question, DailyContent)
    ranked, count = rank(question, rows, ("clicks", "presses", "visits"), wanted, having=TRAVELLED)
    order = [link for link, *_ in ranked]
    channels = _channels(question, order)
    links = named(order)
    return Content(
        reach(question),
        tuple(_link_content(links[link], channels[link]) for link in order),
        count,
    )


def _channels(question: Question, links: Sequence[int]) -> dict[int, dict[int, Sums]]:
    """Return what these links did, by link and channel, with what was merged into them."""
    whole = wholes(links)
    rows = of_links(question, DailyContent)
    if len(whole) < EVERY_LINK:
        rows = rows.filter(link__in=whole)
    travelled = Q()
    for name in TRAVELLED:
        travelled |= Q(**{f"{name}__gt": 0})
    found: defaultdict[int, dict[int, Sums]] = defaultdict(dict)
    for part, channel, *sums in add_up(
        rows.filter(travelled), ["link_id", "channel"], Sums._fields
    ):
        if part in whole:
            channels = found[whole[part]]
            channels[channel] = Sums(*map(add, channels.get(channel, Sums()), sums))
    return found


def _link_content(link: Link, channels: dict[int, Sums]) -> LinkContent:
    order = sorted(
        channels.items(),
        key=lambda item: (-item[1].clicks, -item[1].presses, -item[1].visits, item[0]),
    )
    return LinkContent(
        link.code,
        link.title,
        link.destination,
        Reach.of((channel, sums.totals) for channel, sums in order),
        tuple(_channel_content(BY_NUMBER[channel], sums) for channel, sums in order),
    )


def _channel_content(channel: Channel, sums: Sums) -> ChannelContent:
    return ChannelContent(
        channel,
        channel.private,
        sums.presses,
        observable(sums.previews, channel),
        sums.clicks,
        sums.visitors,
        sums.visits,
        sums.conversions,
    )
