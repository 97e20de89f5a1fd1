"""The admin's first page: what travelled in private, at a glance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from analytics.alerts.cards import began_today
from analytics.dashboard import charts
from analytics.dashboard.asking import Asked, ask, bar
from analytics.dashboard.counting import counting
from analytics.dashboard.strip import strip
from analytics.dashboard.tables import number, percent, table
from analytics.dashboard.tiles import k_tile, tiles
from analytics.reports.content import LinkContent, content
from analytics.reports.dark import dark
from analytics.reports.flow import FlowRow, flow
from analytics.reports.funnel import funnel
from analytics.reports.overview import OverviewRow, overview
from analytics.reports.question import Question
from analytics.reports.trends import trends
from analytics.reports.virality import virality
from shortener.channels import CHANNELS
from shortener.models import Link

TOP = 8
"""Links that are shown by themselves."""
PRIVATE = tuple(channel for channel in CHANNELS if channel.private)
BAR = 1000


def overview_page(request: HttpRequest, context: Mapping[str, Any]) -> TemplateResponse:
    """Show the overview; ``context`` is what every page of the admin gets."""
    asked = ask(request)
    page: dict[str, Any] = {
        **context,
        **bar(request, asked),
        "title": _("Overview"),
        "counting": counting(),
    }
    if asked.question:
        page |= _figures(asked.question)
        page["began_today"] = began_today(asked.question.site)
    return TemplateResponse(request, "analytics/overview.html", page)


def _figures(question: Question) -> dict[str, Any]:
    report = overview(question)
    before = question.before
    totals = report.totals.all
    if not (totals.presses or totals.previews or totals.clicks or totals.visits):
        return {"is_empty": True, "has_links": Link.objects.filter(site=question.site).exists()}
    return {
        "tiles": tiles(
            report,
            (funnel(question), funnel(before) if before else None),
            dark(question),
        ),
        "chart": charts.over_time(question, report),
        "table": table(OverviewRow, report.rows),
    }


def part(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a part of the overview that takes longer than the rest."""
    asked = ask(request)
    if name not in PARTS or asked.question is None:
        raise Http404
    template, answer = PARTS[name]
    return TemplateResponse(request, template, answer(asked, asked.question))


def _travelled(asked: Asked, question: Question) -> dict[str, Any]:
    """Return the links whose private clicks are the most, each with its days."""
    private = replace(question, channels=question.channels or PRIVATE)
    report = content(private, slice(0, TOP))
    links = tuple(link.link_id for link in report.links)
    days = charts.granules(question)
    clicks: dict[str, dict[date, int]] = {link.code: {} for link in report.links}
    if links:
        for row in trends(replace(private, links=links, top=TOP)):
            clicks[row.link][row.day] = row.private + row.public + row.direct
    most = max((link.totals.all.clicks for link in report.links), default=0) or 1
    return {
        "query": asked.query,
        "links": [
            {
                "link": link,
                "clicks": number(link.totals.all.clicks),
                "line": charts.spark([clicks[link.code].get(day, 0) for day in days]),
                "bar": BAR * link.totals.all.clicks // most,
                "channels": _strongest(link),
            }
            for link in report.links
        ],
    }


def _strongest(link: LinkContent) -> list[tuple[Any, str]]:
    clicks = link.totals.all.clicks or 1
    return [
        (row.channel, percent(100 * row.clicks / clicks, 0))
        for row in link.channels[:3]
        if row.clicks
    ]


def _flow(asked: Asked, question: Question) -> dict[str, Any]:
    rows = flow(replace(question, top=TOP))
    return {
        "query": asked.query,
        "chart": charts.flow(rows),
        "chart_id": "flow-data",
        "table": table(FlowRow, rows),
    }


def _k(asked: Asked, question: Question) -> dict[str, Any]:
    before = question.before
    tile = k_tile(virality(question), virality(before) if before else None)
    return {"query": asked.query, "tile": tile}


def _live(asked: Asked, question: Question) -> dict[str, Any]:
    return {"query": asked.query, "strip": strip(question.site)}


PARTS: dict[str, tuple[str, Callable[[Asked, Question], dict[str, Any]]]] = {
    "travelled": ("analytics/part_travelled.html", _travelled),
    "flow": ("analytics/part_flow.html", _flow),
    "k": ("analytics/tile.html", _k),
    "live": ("analytics/live_strip.html", _live),
}
