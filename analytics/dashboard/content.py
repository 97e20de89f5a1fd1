"""Content by channel: every link, the most clicked first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from analytics.dashboard.asking import ask, bar
from analytics.dashboard.counting import counting
from analytics.imports.brought import of_site
from analytics.reports.content import LinkContent, content
from analytics.reports.totals import Reach

LINKS_ON_A_PAGE = 25
BAR = 1000


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar, in thousandths of its length."""

    name: str
    start: int
    width: int


def page(request: HttpRequest) -> HttpResponse:
    """Show a page of the report."""
    asked = ask(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        **bar(request, asked),
        "title": _("Content by channel"),
        "counting": counting(),
    }
    question = asked.question
    if question is None:
        return TemplateResponse(request, "analytics/content.html", context)
    first = LINKS_ON_A_PAGE * (question.page - 1)
    report = content(question, slice(first, first + LINKS_ON_A_PAGE))
    if report.link_count and not report.links:
        return HttpResponseRedirect(f"?{without_page(question.params)}")
    last = first + len(report.links)
    context |= {
        "query": without_page(question.params),
        "report": report,
        "total_bar": segments(report.totals),
        "links": [(link, segments(link.totals), channel_bars(link)) for link in report.links],
        "first": first + 1,
        "last": last,
        "previous_page": question.page - 1,
        "next_page": question.page + 1 if last < report.link_count else 0,
        "brought": of_site(question) if question.page == 1 else None,
    }
    return TemplateResponse(request, "analytics/content.html", context)


def without_page(params: dict[str, str]) -> str:
    return urlencode({name: value for name, value in params.items() if name != "page"})


def segments(reach: Reach) -> list[Segment]:
    """Return how the clicks divide into private, public and direct ones."""
    found = []
    clicks = 0
    for name in ("private", "public", "direct"):
        start = BAR * clicks // (reach.all.clicks or 1)
        clicks += getattr(reach, name).clicks
        found.append(Segment(name, start, BAR * clicks // (reach.all.clicks or 1) - start))
    return found


def channel_bars(link: LinkContent) -> list[tuple[Any, Segment]]:
    """Return the link's channels, each with its part of the link's clicks."""
    return [
        (row, Segment(row.reach, 0, BAR * row.clicks // (link.totals.all.clicks or 1)))
        for row in link.channels
    ]
