"""Virality: how many shares come of one, and how fast they are opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from operator import add

from analytics.intervals import Estimate, Likeness, amplification, k_factor
from analytics.lineage import WINDOW
from analytics.models import DailyOutcome, Delays
from analytics.outcomes import MAX_GENERATION
from analytics.reports.delays import EVERY, medians
from analytics.reports.likeness import EVERY_CHANNEL, likeness
from analytics.reports.question import Question, today
from analytics.reports.ranking import named, rank
from analytics.reports.rollups import Rows, add_up, of_links, outcomes
from shortener.channels import BY_NUMBER, Channel

MEASURES = (Delays.Measure.OPEN, Delays.Measure.CLICK)
COLUMNS = ("shares", "prompt_children", "prompt_children_squared")


@dataclass(frozen=True, slots=True)
class ViralityRow:
    """The shares of one channel."""

    channel: Channel | None
    """None: all channels together."""
    shares: int
    """Those whose window is over."""
    children: int
    """Shares passed on from these within the window."""
    k: Estimate | None
    """The K-factor."""
    amplification: float | None
    """Shares that one leads to in the end; None where K is 1 or above, so without an end."""
    time_to_open: float | None
    """Seconds from a share's start to its first click, the median."""
    half_life: float | None
    """Seconds within which half of the clicks came."""


@dataclass(frozen=True, slots=True)
class Virality:
    incomplete_from: date
    """Shares of this day and later can still have children within the window: they are left
    out of K."""
    total: ViralityRow
    rows: tuple[ViralityRow, ...]


@dataclass(frozen=True, slots=True)
class ViralLinkRow:
    """The shares of one link."""

    link: str
    title: str
    shares: int
    children: int
    clicks: int
    k: Estimate | None
    amplification: float | None


@dataclass(frozen=True, slots=True)
class GenerationRow:
    """The shares of one generation: 0 are the first shares of all cascades."""

    generation: int
    shares: int
    clicks: int
    k: float | None
    """Clicks of the next generation for one of this; None where that is not known."""


def virality(question: Question) -> Virality:
    by_link = _complete(question, of_links(question, DailyOutcome))
    alike = likeness(question, by_link)
    sums = {
        channel: tuple(numbers)
        for channel, *numbers in add_up(
            _complete(question, outcomes(question)), ["channel"], COLUMNS
        )
    }
    times = medians(question, MEASURES)
    total = (0, 0, 0)
    for numbers in sums.values():
        total = tuple(map(add, total, numbers))
    channels = sums.keys() | {channel for time in times for channel in time} - {EVERY}
    rows = [
        _row(
            BY_NUMBER[channel],
            sums.get(channel, (0, 0, 0)),
            alike.get(channel),
            [time.get(channel) for time in times],
        )
        for channel in sorted(channels)
    ]
    rows.sort(key=lambda row: (-row.shares, -row.children))
    every = _row(None, total, alike.get(EVERY_CHANNEL), [time.get(EVERY) for time in times])
    return Virality(incomplete_from(question), every, tuple(rows))


def viral_links(question: Question) -> tuple[ViralLinkRow, ...]:
    """Return the links from whose shares the most shares came."""
    rows = _complete(question, of_links(question, DailyOutcome))
    names = ("prompt_children", "shares", "prompt_children_squared", "clicks")
    ranked, _ = rank(question, rows, names, question.part, having=("shares",))
    links = named(link for link, *_ in ranked)
    found = []
    for link, children, shares, squared, clicks in ranked:
        k = k_factor(shares, children, squared)
        found.append(
            ViralLinkRow(
                links[link].code, links[link].title, shares, children, clicks, k, _amplified(k)
            )
        )
    return tuple(found)


def generations(question: Question) -> tuple[GenerationRow, ...]:
    """Return the generations of the shares that started in the period."""
    rows = sorted(add_up(outcomes(question), ["generation"], ["shares", "clicks"]))
    clicks_of = {generation: clicks for generation, _, clicks in rows}
    return tuple(
        GenerationRow(
            generation,
            shares,
            clicks,
            # The last one stands for all beyond as well.
            clicks_of.get(generation + 1, 0) / clicks
            if clicks and generation < MAX_GENERATION - 1
            else None,
        )
        for generation, shares, clicks in rows
        if shares
    )


def incomplete_from(question: Question) -> date:
    """Return the first day whose shares may still be passed on within the window."""
    return today(question.site) - WINDOW


def _complete(question: Question, rows: Rows) -> Rows:
    return rows.filter(day__lt=incomplete_from(question))


def _row(
    channel: Channel | None,
    sums: tuple[int, ...],
    alike: Likeness | None,
    times: list[float | None],
) -> ViralityRow:
    shares, children, squared = sums
    k = k_factor(shares, children, squared, alike)
    return ViralityRow(channel, shares, children, k, _amplified(k), *times)


def _amplified(k: Estimate | None) -> float | None:
    return amplification(k.value) if k else None
