"""The files behind the tables."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from analytics import exports
from analytics.dashboard.asking import Asked, ask
from analytics.reports.catalog import REPORTS


def report(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send a report as CSV, with all of its rows."""
    if name not in REPORTS:
        raise Http404
    if not REPORTS[name].is_for(request.user):
        raise PermissionDenied
    asked = ask(request)
    if asked.question is None:
        return problem(asked)
    answer = REPORTS[name].answer(exports.whole(asked.question))
    return exports.report_csv(name, asked.question, answer, bom=wants_bom(request))


def hits(request: HttpRequest) -> HttpResponseBase:
    """Send the period's raw hits as CSV."""
    asked = ask(request)
    if asked.question is None:
        return problem(asked)
    return exports.hits_csv(asked.question, bom=wants_bom(request))


def problem(asked: Asked) -> HttpResponse:
    return HttpResponse("\n".join(asked.errors), status=400, content_type="text/plain")


def wants_bom(request: HttpRequest) -> bool:
    return request.GET.get("bom") == "1"
