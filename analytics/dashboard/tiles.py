"""The figures at the top of a page, each beside that of the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from analytics.dashboard.tables import figure, number, percent
from analytics.intervals import Estimate
from analytics.reports.dark import DarkRow
from analytics.reports.funnel import Funnel
from analytics.reports.overview import Overview
from analytics.reports.virality import Virality

Direction = Literal["up", "down", "level"]


@dataclass(frozen=True, slots=True)
class Trend:
    """How a figure differs from the one before."""

    direction: Direction
    text: str


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    figure: str
    note: str = ""
    trend: Trend | None = None
    page: str = ""
    """The page of reports that says more."""
    reach: str = ""
    """"private", "public" or "direct": whose colour it has."""
    part: str = ""
    """Where the figure comes from, if it takes longer than the others."""


def tiles(
    overview: Overview,
    funnels: tuple[Funnel, Funnel | None],
    dark: Sequence[DarkRow],
) -> list[Tile]:
    """Return the figures of the overview."""
    return [*_headline(overview, funnels), *map(_dark_tile, dark)]


def link_tiles(overview: Overview, funnels: tuple[Funnel, Funnel | None]) -> list[Tile]:
    """Return the figures of a link."""
    now, before = overview.totals.all, overview.before
    conversions = Tile(
        _("Conversions"),
        number(now.conversions),
        trend=_change(now.conversions, before.all.conversions if before else None),
    )
    return [*_headline(overview, funnels), conversions]


def _headline(overview: Overview, funnels: tuple[Funnel, Funnel | None]) -> list[Tile]:
    now, before = overview.totals, overview.before
    funnel, funnel_before = funnels
    return [
        Tile(
            _("Private clicks"),
            number(now.private.clicks),
            note=_private_part(now.private_percent),
            trend=_change(now.private.clicks, before.private.clicks if before else None),
            page="content",
            reach="private",
        ),
        Tile(
            _("Shares"),
            number(funnel.total.shares),
            trend=_change(
                funnel.total.shares, funnel_before.total.shares if funnel_before else None
            ),
            page="journey",
        ),
        Tile(
            _("Paste rate"),
            _rate(funnel.total.paste_rate),
            note=_between(funnel.total.paste_rate),
            trend=_points(
                funnel.total.paste_rate, funnel_before.total.paste_rate if funnel_before else None
            ),
            page="journey",
        ),
        Tile(
            _("Daily visitors"),
            number(now.all.daily_visitors),
            trend=_change(now.all.daily_visitors, before.all.daily_visitors if before else None),
            page="audience",
        ),
        Tile(_("K-factor"), "…", page="virality", part="k"),
    ]


def k_tile(virality: Virality, before: Virality | None) -> Tile:
    """Return the figure of how many shares come of one."""
    k = virality.total.k
    return Tile(
        _("K-factor"),
        figure(k.value) if k else "–",
        note=_k_note(k),
        trend=_k_trend(k, before.total.k if before else None),
        page="virality",
    )


def _private_part(share: float | None) -> str:
    if share is None:
        return ""
    return _("%(percent)s of clicks on shares") % {"percent": percent(share)}


def _change(now: int, before: int | None) -> Trend | None:
    """Return by how much a number has grown."""
    if not before:
        return None
    change = 100 * (now - before) / before
    return _trend(change, percent(abs(change), 0))


def _points(now: Estimate | None, before: Estimate | None) -> Trend | None:
    """Return by how many percentage points a rate has grown."""
    if now is None or before is None:
        return None
    change = 100 * (now.value - before.value)
    return _trend(change, _("%(number)s points") % {"number": number(abs(change), 1)})


def _k_trend(now: Estimate | None, before: Estimate | None) -> Trend | None:
    if now is None or before is None:
        return None
    return _trend(now.value - before.value, figure(abs(now.value - before.value)))


def _trend(change: float, text: str) -> Trend:
    direction: Direction = "up" if change > 0 else "down" if change < 0 else "level"
    return Trend(direction, text)


def _rate(rate: Estimate | None) -> str:
    return percent(100 * rate.value) if rate else "–"


def _between(rate: Estimate | None) -> str:
    if rate is None:
        return _("nothing to be seen pasted yet")
    low, high = number(100 * rate.low), number(100 * rate.high)
    return _("between %(low)s and %(high)s %%") % {"low": low, "high": high}


def _k_note(k: Estimate | None) -> str:
    if k is None:
        return _("known 7 days after the shares")
    return _("between %(low)s and %(high)s") % {"low": figure(k.low), "high": figure(k.high)}


def _dark_tile(row: DarkRow) -> Tile:
    labels = {
        "measured": _("Measured dark"),
        "revealed": _("Revealed dark"),
        "estimated": _("Estimated dark"),
    }
    notes = {
        "measured": _("exact: private clicks of those on shares"),
        "revealed": _("at least: clicks on copied links with evidence"),
        "estimated": _("at most: visits without any origin"),
    }
    text = "–" if row.percent is None else percent(row.percent)
    return Tile(labels[row.ratio], text, note=notes[row.ratio], page="dark")
