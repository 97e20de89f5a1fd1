"""The pages of reports: each has some of them as cards, a picture above its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from analytics.dashboard import charts
from analytics.dashboard.asking import ask, bar
from analytics.dashboard.counting import counting
from analytics.dashboard.tables import table
from analytics.dashboard.words import Words
from analytics.reports.catalog import REPORTS, rows_of
from analytics.reports.question import Question


@dataclass(frozen=True, slots=True)
class Page:
    title: Words
    sentence: Words
    cards: Sequence[str]
    """Reports, by name."""


PAGES = {
    "journey": Page(
        _("Journey"),
        _("From the press to the paste, the first click, and on to others."),
        ("funnel", "places", "flow"),
    ),
    "channels": Page(
        _("Channels"),
        _("Which button was pressed, and where the link was really seen."),
        ("channels", "revealed", "forwards"),
    ),
    "audience": Page(
        _("Audience"),
        _("Who clicked, as far as requests tell: nobody's identity, no stored addresses."),
        ("countries", "devices", "systems", "browsers", "languages", "referrers", "hours"),
    ),
    "virality": Page(
        _("Virality"),
        _(
            "How far content was passed on. Forwards of one and the same link cannot be seen, so "
            "every depth is a lower bound."
        ),
        ("virality", "generations", "viral-links", "cascades"),
    ),
    "dark": Page(
        _("Dark social"),
        _("What travelled in private: measured exactly, revealed by evidence, or estimated."),
        ("dark",),
    ),
    "tags": Page(_("Tags"), _("Content by the attribution tags that its links carry."), ("tags",)),
    "counting": Page(
        _("Counting"),
        _("Everything that came in, against what it was counted as."),
        ("reconciliation",),
    ),
}

Draw = Callable[[Question, Any], charts.Chart | None]

PICTURES: dict[str, Draw] = {
    "funnel": charts.funnel,
    "flow": lambda _question, rows: charts.flow(rows),
    "places": charts.places,
    "channels": charts.declared_and_observed,
    "revealed": charts.revealed,
    "forwards": charts.forwards,
    "dark": charts.dark,
    "countries": lambda question, rows: charts.values(question, rows, "region"),
    "devices": charts.values,
    "systems": charts.values,
    "browsers": charts.values,
    "languages": lambda question, rows: charts.values(question, rows, "language"),
    "referrers": charts.values,
    "hours": charts.hours,
    "generations": charts.generations,
    "cascades": charts.sizes,
}
CODES = {"countries": "region", "languages": "language"}
SIDE_BY_SIDE = frozenset({"countries", "devices", "systems", "browsers", "languages", "referrers"})
"""Cards of which two fit beside each other."""


SLOW = frozenset({"revealed", "virality", "viral-links", "cascades", "flow", "tags", "cascade"})
"""Cards that look at every link or cascade of a site: they come by themselves, one by one."""


def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show a page of reports."""
    if name not in PAGES:
        raise Http404
    shown = PAGES[name]
    if not all(REPORTS[card].is_for(request.user) for card in shown.cards):
        raise PermissionDenied
    asked = ask(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        **bar(request, asked),
        "title": shown.title,
        "sentence": shown.sentence,
        "counting": counting(),
    }
    if asked.question:
        context["cards"] = cards(shown.cards, asked.question)
    return TemplateResponse(request, "analytics/report_page.html", context)


def lone_card(request: HttpRequest, name: str) -> HttpResponse:
    """Show a card by itself, for the page that has left it out so far."""
    asked = ask(request)
    if name not in REPORTS or asked.question is None:
        raise Http404
    if not REPORTS[name].is_for(request.user):
        raise PermissionDenied
    context = {"card": card(name, asked.question), "query": asked.query}
    return TemplateResponse(request, "analytics/card.html", context)


def cards(names: Sequence[str], question: Question) -> list[dict[str, Any]]:
    """Return the cards of a page; of those that take longer, only their places."""
    return [
        {"name": name, "title": REPORTS[name].title, "is_wide": True, "is_left_out": True}
        if name in SLOW
        else card(name, question)
        for name in names
    ]


def card(name: str, question: Question) -> dict[str, Any]:
    """Return what the card of a report shows."""
    report = REPORTS[name]
    answer = report.answer(question)
    rows = list(rows_of(answer))
    draw = PICTURES.get(name)
    return {
        "name": name,
        "title": report.title,
        "sentence": report.sentence,
        "answer": answer,
        "chart": draw(question, answer) if draw else None,
        "chart_id": f"{name}-data",
        "table": table(report.row, rows, codes_of=CODES.get(name, "")),
        "is_wide": name not in SIDE_BY_SIDE,
        "is_left_out": False,
    }
