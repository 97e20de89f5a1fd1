"""The admin's page "Content by channel", and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse

from analytics import exports
from analytics.dashboard.counting import counting
from analytics.reports.content import LinkContent, content
from analytics.reports.question import Question, first_day, today
from analytics.reports.totals import Reach
from shortener.access import sites_of
from shortener.models import Link

LINKS_ON_A_PAGE = 25
PERIODS = (7, 28, 91, 365)
BAR = 1000


class Content(Link):
    """The report's entry in the admin.

    The admin lists models, and of those none with a composite primary key, as the rollups
    have. The report has links for its rows.
    """

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = verbose_name_plural = "content by channel"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar, in thousandths of its length."""

    name: str
    start: int
    width: int


def content_page(request: HttpRequest, context: Mapping[str, Any]) -> HttpResponse:
    """Show the report; ``context`` is what every page of the admin gets."""
    params = asked(request)
    page: dict[str, Any] = {
        **context,
        "title": "Content by channel",
        "sites": sites_of(request.user).order_by("name"),
        "params": params,
        "counting": counting(),
    }
    try:
        question = Question.from_params(params, sites_of(request.user))
    except ValidationError as error:
        page["errors"] = error.messages
        return TemplateResponse(request, "analytics/content.html", page)
    number = page_number(request)
    first = LINKS_ON_A_PAGE * (number - 1)
    report = content(question, slice(first, first + LINKS_ON_A_PAGE))
    if report.link_count and not report.links:
        return HttpResponseRedirect(f"?{urlencode(question.params)}")
    page |= {
        "question": question,
        "params": question.params,
        "query": urlencode(question.params),
        "periods": periods(question),
        "report": report,
        "bar": bar(report.totals),
        "links": [(link, bar(link.totals), channel_bars(link)) for link in report.links],
        "first": first + 1,
        "last": first + len(report.links),
        "previous_page": number - 1,
        "next_page": number + 1 if first + len(report.links) < report.link_count else 0,
    }
    return TemplateResponse(request, "analytics/content.html", page)


def content_file(request: HttpRequest) -> HttpResponseBase:
    """Send the whole report as CSV."""
    try:
        question = Question.from_params(asked(request), sites_of(request.user))
    except ValidationError as error:
        return problem(error)
    bom = request.GET.get("bom") == "1"
    return exports.report_csv("content", question, content(question), bom=bom)


def hits_file(request: HttpRequest) -> HttpResponseBase:
    """Send the period's raw hits as CSV."""
    try:
        question = Question.from_params(asked(request), sites_of(request.user))
    except ValidationError as error:
        return problem(error)
    return exports.hits_csv(question, bom=request.GET.get("bom") == "1")


def problem(error: ValidationError) -> HttpResponse:
    return HttpResponse("\n".join(error.messages), status=400, content_type="text/plain")


def asked(request: HttpRequest) -> dict[str, str]:
    """Return the parameters of the address; the first site where it names none."""
    params = {name: request.GET.get(name, "") for name in ("site", "from", "to")}
    if not params["site"]:
        known = sites_of(request.user).order_by("name")
        params["site"] = known.values_list("key", flat=True).first() or ""
    return params


def page_number(request: HttpRequest) -> int:
    number = request.GET.get("page", "")
    return max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1


def periods(question: Question) -> list[dict[str, Any]]:
    """Return the periods to choose from with one click."""
    end = today(question.site)
    return [
        {
            "label": f"{days} days",
            "query": urlencode({"site": question.site.key, "from": first_day(end, days)}),
            "is_current": (question.days, question.end) == (days, end),
        }
        for days in PERIODS
    ]


def bar(reach: Reach) -> list[Segment]:
    """Return how the clicks divide into private, public and direct ones."""
    segments = []
    clicks = 0
    for name in ("private", "public", "direct"):
        start = BAR * clicks // (reach.all.clicks or 1)
        clicks += getattr(reach, name).clicks
        segments.append(Segment(name, start, BAR * clicks // (reach.all.clicks or 1) - start))
    return segments


def channel_bars(link: LinkContent) -> list[tuple[Any, Segment]]:
    """Return the link's channels, each with its part of the link's clicks."""
    return [
        (row, Segment(row.reach, 0, BAR * row.clicks // (link.totals.all.clicks or 1)))
        for row in link.channels
    ]
