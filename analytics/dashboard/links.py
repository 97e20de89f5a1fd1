"""A link's page: what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from analytics.dashboard.asking import ask, bar
from analytics.dashboard.counting import counting
from analytics.dashboard.reports import cards
from shortener.access import sites_of
from shortener.models import Link

CARDS = ("funnel", "channels", "countries", "devices", "hours", "cascades")


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the numbers of a link."""
    link = get_object_or_404(Link.objects.filter(site__in=sites_of(request.user)), pk=pk)
    asked = ask(request, site=link.site.key, links=link.code)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        **bar(request, asked),
        "title": link.title,
        "link": link,
        "counting": counting(),
    }
    if asked.question:
        context["cards"] = cards(CARDS, asked.question)
    return TemplateResponse(request, "analytics/link.html", context)
