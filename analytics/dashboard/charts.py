"""The pictures of reports: what is drawn, as data that ``charts.js`` draws.

A picture says nothing that the table below it does not say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from analytics.dashboard.words import SPOKEN
from analytics.reports.audience import HOURS, WEEKDAYS, AudienceRow, Hours
from analytics.reports.cascades import Cascades
from analytics.reports.channels import Channels, ForwardRow
from analytics.reports.dark import DarkRow
from analytics.reports.flow import FlowRow
from analytics.reports.funnel import Funnel
from analytics.reports.overview import Overview
from analytics.reports.places import PlaceRow
from analytics.reports.question import Question
from analytics.reports.revealed import RevealedRow
from analytics.reports.virality import GenerationRow
from shortener.channels import Channel

MAX_SERIES = 8
MAX_BARS = 20
MAX_REVEALED = 12
MAX_CHANNELS = 10
MAX_TITLE = 60
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: how it is drawn, and of what."""

    kind: str
    data: Mapping[str, Any]
    label: str
    """What it shows, for those who do not see it."""
    size: str = ""
    """"low" or "high"; of middle height, if nothing is said."""


def over_time(question: Question, overview: Overview) -> Chart | None:
    """Draw the clicks of the strongest channels, day by day."""
    clicks: defaultdict[Channel, Counter[date]] = defaultdict(Counter)
    for row in overview.rows:
        clicks[row.channel][row.day] += row.clicks
    order = sorted(clicks, key=lambda channel: (-clicks[channel].total(), channel.number))
    order = [channel for channel in order if clicks[channel].total()]
    if not order:
        return None
    days = granules(question)
    series = [
        {
            "name": channel.title,
            "channel": channel.name,
            "values": [clicks[channel][day] for day in days],
        }
        for channel in order[:MAX_SERIES]
    ]
    if rest := order[MAX_SERIES:]:
        values = [sum(clicks[channel][day] for channel in rest) for day in days]
        series.append({"name": _("Others"), "channel": OTHERS, "values": values})
    data = {"days": days, "granularity": question.granularity, "series": series}
    return Chart("time", data, _("Clicks over time by channel"))


def granules(question: Question) -> list[date]:
    """Return the first days of all days, weeks or months of the period."""
    days = [question.start + timedelta(number) for number in range(question.days)]
    match question.granularity:
        case "week":
            return list(dict.fromkeys(day - timedelta(day.weekday()) for day in days))
        case "month":
            return list(dict.fromkeys(day.replace(day=1) for day in days))
    return days


def flow(rows: Sequence[FlowRow]) -> Chart | None:
    """Draw shares as they go from content through channels to what came of them."""
    if not rows:
        return None
    nodes: dict[str, dict[str, Any]] = {}
    flows: Counter[tuple[str, str]] = Counter()
    strongest = _strongest((row.channel, row.shares) for row in rows)
    for row in rows:
        content = f"link {row.link}"
        title = shortened(row.title) if row.link else _("All other content")
        nodes[content] = {"name": content, "label": title, "column": 0}
        channel = _channel_node(nodes, "channel", row.channel, strongest, column=1)
        flows[content, channel] += row.shares
        for end, number in _ends(row):
            nodes.setdefault(end, {"name": end, "label": _end(end), "column": 2})
            flows[channel, end] += number
    data = {
        "nodes": list(nodes.values()),
        "links": _links(flows),
    }
    return Chart("sankey", data, _("Shares: from content through channels to outcomes"), "high")


def _links(flows: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"source": source, "target": target, "value": number}
        for (source, target), number in flows.items()
    ]


def _strongest(shares: Iterable[tuple[Channel, int]]) -> set[Channel]:
    """Return the channels with the most shares, as many as a picture has room for."""
    sums: Counter[Channel] = Counter()
    for channel, number in shares:
        sums[channel] += number
    return {channel for channel, _number in sums.most_common(MAX_CHANNELS)}


def _channel_node(
    nodes: dict[str, dict[str, Any]],
    side: str,
    channel: Channel,
    strongest: set[Channel],
    *,
    column: int,
) -> str:
    """Add a channel's node where it is not there yet; return its name."""
    is_shown = channel in strongest
    name = f"{side} {channel.name if is_shown else OTHERS}"
    nodes[name] = {
        "name": name,
        "label": channel.title if is_shown else _("Other channels"),
        "channel": channel.name if is_shown else OTHERS,
        "column": column,
    }
    return name


def _ends(row: FlowRow) -> Iterable[tuple[str, int]]:
    """Return how many shares ended how, each counted once, where it got furthest."""
    opened = 0 if row.opened is None else max(row.opened - row.passed_on, 0)
    rest = row.shares - row.passed_on - opened
    unopened = "not observable" if row.opened is None else "unopened"
    return [
        (name, number)
        for name, number in (("passed on", row.passed_on), ("opened", opened), (unopened, rest))
        if number > 0
    ]


def _end(name: str) -> str:
    return {
        "passed on": _("Passed on"),
        "opened": _("Opened, not passed on"),
        "unopened": _("Not opened so far"),
        "not observable": _("Not observable"),
    }[name]


def funnel(question: Question, report: Funnel) -> Chart | None:
    """Draw how many shares got how far."""
    total = report.total
    if not total.shares:
        return None
    steps = [
        (_("Pressed"), total.pressed, total.shares),
        (_("Pasted (seen)"), total.pasted or 0, total.shares),
        (_("Opened"), total.opened or 0, total.shares),
        (_("Passed on"), total.passed_on, total.shares),
        (_("Converted"), total.converted, total.shares),
    ]
    rows = [
        {"name": name, "value": value, "percent": 100 * value / of} for name, value, of in steps
    ]
    return Chart("steps", {"rows": rows, "unit": _("shares")}, _("How far the shares got"))


def declared_and_observed(question: Question, report: Channels) -> Chart | None:
    """Draw where shares were meant to go, and where they were seen."""
    nodes: dict[str, dict[str, Any]] = {}
    flows: Counter[tuple[str, str]] = Counter()
    declared = _strongest((row.declared, row.shares) for row in report.rows)
    seen = [(row.observed, row.shares) for row in report.rows]
    observed = _strongest((channel, shares) for channel, shares in seen if channel)
    for row in report.rows:
        source = _channel_node(nodes, "declared", row.declared, declared, column=0)
        if row.observed:
            target = _channel_node(nodes, "observed", row.observed, observed, column=1)
        else:
            target = "unseen"
            label = _("Seen nowhere")
            nodes[target] = {"name": target, "label": label, "channel": OTHERS, "column": 1}
        flows[source, target] += row.shares
    if not flows:
        return None
    data = {"nodes": list(nodes.values()), "links": _links(flows)}
    return Chart("sankey", data, _("Shares: from the button to the app they were seen in"), "high")


def revealed(question: Question, rows: Sequence[RevealedRow]) -> Chart | None:
    """Draw which content was seen in which app without having been meant to go there."""
    shares: Counter[tuple[Channel, str, str]] = Counter()
    for row in rows:
        shares[row.observed, row.link, row.title] += row.shares
    bars = [
        # The app first: on phones the end is cut off.
        {"name": f"{observed.title}: {shortened(title)}", "value": count}
        for (observed, _link, title), count in shares.most_common(MAX_REVEALED)
    ]
    return _bars(bars, _("shares"))


def forwards(question: Question, rows: Sequence[ForwardRow]) -> Chart | None:
    """Draw from which app shares went on to which."""
    bars = [
        {"name": f"{row.channel.title} → {row.seen_in.title}", "value": row.shares}
        for row in rows[:MAX_BARS]
    ]
    return _bars(bars, _("shares"))


def values(question: Question, rows: Sequence[AudienceRow], codes_of: str = "") -> Chart | None:
    """Draw the most frequent values."""
    bars = [
        {
            "name": str(SPOKEN.get(row.value, row.value)),
            "value": row.clicks,
            "code": codes_of if row.value not in SPOKEN else "",
        }
        for row in rows[:MAX_BARS]
    ]
    return _bars(bars, _("clicks"))


def places(question: Question, rows: Sequence[PlaceRow]) -> Chart | None:
    """Draw where on the pages the buttons were that were used."""
    bars = [
        {"name": row.placement or _("(not said)"), "value": row.shares} for row in rows[:MAX_BARS]
    ]
    return _bars(bars, _("shares"))


def dark(question: Question, rows: Sequence[DarkRow]) -> Chart | None:
    """Draw the three ratios, each a part of something else."""
    bars = [
        {
            "name": f"{SPOKEN[row.ratio]} ({SPOKEN[row.certainty]})",
            "value": row.percent,
            "percent": row.percent,
        }
        for row in rows
        if row.percent is not None
    ]
    return _bars(bars, _("percent"))


def generations(question: Question, rows: Sequence[GenerationRow]) -> Chart | None:
    """Draw how often content was passed on."""
    bars = [
        {"name": _("Generation %(number)s") % {"number": row.generation}, "value": row.shares}
        for row in rows[:MAX_BARS]
    ]
    return _bars(bars, _("shares"))


def sizes(question: Question, report: Cascades) -> Chart | None:
    """Draw how many cascades grew how large."""
    bars = [
        {"name": _("%(number)s shares or more") % {"number": row.at_least}, "value": row.cascades}
        for row in report.sizes
        if row.cascades
    ]
    return _bars(bars, _("cascades"))


def hours(question: Question, report: Hours) -> Chart | None:
    """Draw the week, hour by hour."""
    cells = [
        [row.hour, WEEKDAYS.index(row.weekday), row.clicks] for row in report.rows if row.clicks
    ]
    if not cells:
        return None
    data = {
        "weekdays": [str(SPOKEN[day]) for day in WEEKDAYS],
        "hours": list(range(HOURS)),
        "cells": cells,
        "unit": _("clicks"),
    }
    return Chart("week", data, _("Clicks by the hour of the week"))


def _bars(bars: Sequence[Mapping[str, Any]], unit: str) -> Chart | None:
    if not bars:
        return None
    size = "low" if len(bars) <= 6 else "high" if len(bars) > 12 else ""
    return Chart("bars", {"rows": bars, "unit": unit}, unit, size)


def shortened(text: str) -> str:
    return text if len(text) <= MAX_TITLE else f"{text[: MAX_TITLE - 1]}…"


def spark(numbers: Sequence[int], *, width: int = 240, height: int = 40) -> str:
    """Return a line through numbers, as the path of an SVG of this size."""
    top = max(numbers, default=0) or 1
    step = width / max(len(numbers) - 1, 1)
    points = [
        f"{place * step:.1f} {height - number / top * (height - 2):.1f}"
        for place, number in enumerate(numbers)
    ]
    return f"M{' L'.join(points)}" if points else ""
