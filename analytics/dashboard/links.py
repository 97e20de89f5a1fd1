"""A link's page: what became of it, narrowed down from the reports that all content has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from analytics.alerts.pages import told
from analytics.dashboard import charts
from analytics.dashboard.asking import Asked, ask, bar
from analytics.dashboard.counting import counting
from analytics.dashboard.reports import card
from analytics.dashboard.tables import table
from analytics.dashboard.tiles import link_tiles
from analytics.imports.brought import of_link
from analytics.reports.funnel import funnel
from analytics.reports.overview import OverviewRow, overview
from analytics.reports.question import Question
from shortener.access import links_of
from shortener.admin.links import panel
from shortener.admin.previews import shown
from shortener.messengers import MESSENGERS
from shortener.models import Link

CARDS: Mapping[str, Sequence[str]] = {
    "journey": ("funnel", "channels", "forwards", "places"),
    "audience": ("countries", "devices", "browsers", "systems"),
    "habits": ("languages", "referrers", "hours"),
    "spread": ("virality", "generations", "cascades"),
}
"""Reports, by the part of the page that they stand in."""
TIME = "time"
PARTS = (TIME, *CARDS)
"""What the page fetches once it is there, each at its own pace."""


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the numbers of a link."""
    link = find(request, pk)
    asked = about(request, link)
    own = getattr(link, "own_preview", None)
    context = {
        **frame(request, link, asked),
        **panel(link),
        **told(request, link),
        "brought": of_link(link),
        "messenger": MESSENGERS[0],
        "own": own,
        "shown": shown(link, own),
        "tab": "numbers",
        "parts": PARTS,
    }
    if asked.question and not link.merged_into:
        context |= _figures(asked.question)
    return TemplateResponse(request, "analytics/link.html", context)


def part(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Answer a part of the page."""
    asked = about(request, find(request, pk))
    if name not in PARTS or asked.question is None:
        raise Http404
    context: dict[str, Any] = {"query": asked.query}
    if name == TIME:
        report = overview(asked.question)
        context["chart"] = charts.over_time(asked.question, report)
        context["table"] = table(OverviewRow, report.rows)
        return TemplateResponse(request, "analytics/over_time.html", context)
    context["cards"] = [card(report, asked.question) for report in CARDS[name]]
    return TemplateResponse(request, "analytics/cards.html", context)


def find(request: HttpRequest, pk: int) -> Link:
    """Return the link, if it is one of a site that the user works for."""
    links = links_of(request.user).select_related("site", "campaign", "merged_into", "own_preview")
    link: Link = get_object_or_404(links, pk=pk)
    return link


def about(request: HttpRequest, link: Link) -> Asked:
    """Read what the address asks of a link."""
    return ask(request, site=link.site.key, links=link.code, campaign="", tags="")


def frame(request: HttpRequest, link: Link, asked: Asked) -> dict[str, Any]:
    """Return what each page about a link shows around its numbers."""
    return {
        **admin.site.each_context(request),
        **bar(request, asked),
        "title": link.title,
        "link": link,
        "counting": counting(),
    }


def _figures(question: Question) -> dict[str, Any]:
    report = overview(question)
    totals = report.totals.all
    if not (totals.presses or totals.previews or totals.clicks or totals.visits):
        return {"is_empty": True}
    before = question.before
    return {
        "tiles": link_tiles(
            report,
            (funnel(question), funnel(before) if before else None),
        ),
    }
