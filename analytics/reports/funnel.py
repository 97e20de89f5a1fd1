"""Funnel: how many of the shares got how far, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import add
from typing import NamedTuple

from django.db.models import Sum

from analytics.intervals import Estimate, wilson
from analytics.models import Delays
from analytics.reports.delays import EVERY, medians
from analytics.reports.question import Question
from analytics.reports.rollups import add_up, counts, outcomes
from shortener.channels import BY_NUMBER, Channel

COLUMNS = ("shares", "pressed", "pasted", "opened", "passed_on", "converted")
MEASURES = (Delays.Measure.PASTE, Delays.Measure.OPEN)


class Steps(NamedTuple):
    """How many shares got there."""

    shares: int = 0
    pressed: int = 0
    pasted: int = 0
    opened: int = 0
    passed_on: int = 0
    converted: int = 0


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """The shares of one channel that started in the period, and how far they got."""

    channel: Channel | None
    """None: all channels together."""
    shares: int
    pressed: int
    pasted: int | None
    """None: not observable, since the channel's apps show no previews."""
    opened: int | None
    """None: not observable, since it is no short link that travels."""
    passed_on: int
    converted: int
    paste_rate: Estimate | None
    open_rate: Estimate | None
    pass_on_rate: Estimate | None
    conversion_rate: Estimate | None
    time_to_paste: float | None
    """Median, in seconds, of those that were."""
    time_to_open: float | None


@dataclass(frozen=True, slots=True)
class Funnel:
    offered: int
    """Page views on which share buttons were offered. A press is of one channel, an offer
    of all."""
    presses_per_offer: float | None
    total: FunnelRow
    rows: tuple[FunnelRow, ...]


def funnel(question: Question) -> Funnel:
    steps = {
        channel: Steps(*sums)
        for channel, *sums in add_up(outcomes(question), ["channel"], COLUMNS)
    }
    times = medians(question, MEASURES)
    total, pastable, openable = Steps(), Steps(), Steps()
    for channel, some in steps.items():
        total = Steps(*map(add, total, some))
        if BY_NUMBER[channel].previews:
            pastable = Steps(*map(add, pastable, some))
        if BY_NUMBER[channel].short_link:
            openable = Steps(*map(add, openable, some))
    # An offer's codes are for all channels, so it has the channel of the link itself.
    offers = counts(replace(question, channels=())).aggregate(sum=Sum("offers"))
    offered = int(offers["sum"] or 0)
    rows = [
        _row(
            BY_NUMBER[number],
            some,
            some if some.pasted or BY_NUMBER[number].previews else None,
            some if some.opened or BY_NUMBER[number].short_link else None,
            [time.get(number) for time in times],
        )
        for number, some in sorted(steps.items(), key=lambda item: (-item[1].shares, item[0]))
    ]
    every = _row(None, total, pastable, openable, [time.get(EVERY) for time in times])
    ratio = total.pressed / offered if offered else None
    return Funnel(offered, ratio, every, tuple(rows))


def _row(
    channel: Channel | None,
    steps: Steps,
    pastable: Steps | None,
    openable: Steps | None,
    times: list[float | None],
) -> FunnelRow:
    """``pastable`` and ``openable`` are the steps of those shares of which that is seen."""
    return FunnelRow(
        channel,
        steps.shares,
        steps.pressed,
        pastable.pasted if pastable else None,
        openable.opened if openable else None,
        steps.passed_on,
        steps.converted,
        wilson(pastable.pasted, pastable.shares) if pastable else None,
        wilson(openable.opened, openable.shares) if openable else None,
        wilson(steps.passed_on, steps.shares),
        wilson(steps.converted, steps.shares),
        *times,
    )
