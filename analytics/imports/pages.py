"""The admin's pages for bringing links in: a file, what would become of it, and doing it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics.imports.file import report_csv
from analytics.imports.forms import ImportForm
from analytics.imports.verbs import VERBS
from shortener.access import sites_of
from shortener.imports.formats import FORMATS
from shortener.imports.models import Fate, Import, ImportLine

SHOWN = 20
LINES_SHOWN = 50
TOOLS = [kind.tool for kind in FORMATS if kind.tool]


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show the imports of a user's sites, the latest first, and take another file."""
    posted = request.method == "POST"
    form = ImportForm(
        request.POST if posted else None, request.FILES if posted else None, user=request.user
    )
    if form.is_valid():
        return HttpResponseRedirect(reverse("imports:one", args=[form.save().pk]))
    before = number(request.GET.get("before", ""))
    sources = imports_of(request).order_by("-pk")
    found = list(sources.filter(pk__lt=before) if before else sources)[: SHOWN + 1]
    context = {
        **admin.site.each_context(request),
        "title": _("Imports"),
        "form": form,
        "tools": TOOLS,
        "sources": found[:SHOWN],
        "before": before,
        "next_page": found[SHOWN - 1].pk if len(found) > SHOWN else 0,
    }
    return TemplateResponse(request, "analytics/imports/page.html", context)


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an import, and the fate of its lines."""
    source = find(request, pk)
    fate = request.GET.get("fate", "")
    after = number(request.GET.get("after", ""))
    lines = source.lines.filter(number__gt=after).select_related("link__site").order_by("number")
    if fate in Fate.values:
        lines = lines.filter(fate=fate)
    found: list[ImportLine] = list(lines[: LINES_SHOWN + 1])
    context = {
        **shown(source),
        **admin.site.each_context(request),
        "title": source.name,
        "fate": fate,
        "after": after,
        "lines": found[:LINES_SHOWN],
        "next_page": found[LINES_SHOWN - 1].number if len(found) > LINES_SHOWN else 0,
        "may_undo": request.user.has_perm("shortener.change_link"),
    }
    return TemplateResponse(request, "analytics/imports/one.html", context)


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the part of the page that tells how far an import has come."""
    return TemplateResponse(request, "analytics/imports/progress.html", shown(find(request, pk)))


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do what a button of an import's page says."""
    source = find(request, pk)
    if (chosen := VERBS.get(verb)) is None:
        raise Http404
    if not request.user.has_perm(chosen.permission):
        raise PermissionDenied
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=source.pk)
        is_possible = held.state in chosen.states
        if is_possible:
            held.state, held.position = chosen.leads_to, 0
            held.save()
    if not is_possible:
        messages.warning(request, _("The import has gone on meanwhile. This is how it is now."))
    return HttpResponseRedirect(reverse("imports:one", args=[pk]))


@require_safe
def report(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send the fate of every line as a file."""
    return report_csv(find(request, pk), bom=request.GET.get("bom") == "1")


def imports_of(request: HttpRequest) -> QuerySet[Import]:
    sources = Import.objects.filter(site__in=sites_of(request.user))
    return sources.select_related("site", "made_by")


def find(request: HttpRequest, pk: int) -> Import:
    """Return an import, if it is one of a site that the user works for."""
    return get_object_or_404(imports_of(request), pk=pk)


def shown(source: Import) -> dict[str, Any]:
    """Return what is said of an import wherever it is shown."""
    return {
        "source": source,
        "counts": [(fate, count) for fate in Fate if (count := source.counts.get(fate))],
        "ready": source.counts.get(Fate.READY, 0),
        "made": source.counts.get(Fate.MADE, 0),
        "can": {verb for verb, each in VERBS.items() if source.state in each.states},
    }


def number(text: str) -> int:
    """Read the number after which a page begins; what makes no sense is the beginning."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
