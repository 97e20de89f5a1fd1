"""The admin's page of files: what can be had, what is being made, and what is ready."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

from analytics.exports import making
from analytics.exports.dialects import DIALECTS
from analytics.exports.making import stored_name
from analytics.exports.raw import TABLES
from analytics.exports.recipe import NAMES, Recipe, may, title
from analytics.models import Export
from analytics.reports.catalog import REPORTS
from analytics.tasks import make_exports
from shortener.access import sites_of

logger = logging.getLogger(__name__)

SHOWN = 50
ASKED = ("site", "from", "to", "dialect", "gzip")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show a form for a file, and the user's files."""
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Exports"),
        "exports": _exports(request),
        "sites": sites_of(request.user).order_by("name"),
        "tables": titled(request, TABLES),
        "reports": titled(request, REPORTS),
        "dialects": DIALECTS.values(),
        "asked": request.GET,
        "kept_days": making.KEPT.days,
    }
    return TemplateResponse(request, "analytics/exports/page.html", context)


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """Show the files alone, for the page that follows them."""
    context = {"exports": _exports(request)}
    return TemplateResponse(request, "analytics/exports/rows.html", context)


@require_POST
def order(request: HttpRequest) -> HttpResponseBase:
    """Have a file made."""
    name = request.POST.get("name", "")
    if name not in NAMES:
        raise Http404
    try:
        recipe = Recipe.read(name, request.POST, request.user)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    else:
        order_file(request, recipe)
    return HttpResponseRedirect(reverse("exports:list"))


def order_file(request: HttpRequest, recipe: Recipe) -> Export:
    """Have a worker make a file; without a broker, beat sees to it later."""
    params = recipe.question.params | {
        "dialect": recipe.dialect.name,
        "gzip": "1" if recipe.is_gzip else "",
    }
    export = making.order(request.user, recipe, params)
    try:
        make_exports.apply_async(retry=False)
    except OperationalError as error:
        logger.warning("No worker could be told of an export: %s", error)
    messages.success(
        request, _("Your file is being made, and can be fetched here once it is done.")
    )
    return export


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop making a file, or delete it."""
    export = _own(request, pk)
    if making.cancel(export):
        messages.success(request, _("Cancelled: %(name)s") % {"name": export.filename})
    else:
        making.delete(export)
        messages.success(request, _("Deleted: %(name)s") % {"name": export.filename})
    return HttpResponseRedirect(reverse("exports:list"))


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a finished file."""
    export = _own(request, pk)
    if export.state != Export.State.DONE or not may(request.user, export.name):
        raise Http404
    if not sites_of(request.user).filter(key=export.params["site"]).exists():
        raise Http404
    return send_file(export)


def send_file(export: Export) -> FileResponse:
    """Return a finished file to be downloaded. Raises Http404 where it is not kept any more."""
    try:
        content = default_storage.open(stored_name(export))
    except FileNotFoundError as error:
        raise Http404 from error
    is_gzip = export.filename.endswith(".gz")
    response = FileResponse(
        content,
        as_attachment=True,
        filename=export.filename,
        content_type="application/gzip" if is_gzip else "text/csv; charset=utf-8",
    )
    response["Cache-Control"] = "private, no-store"
    # What is compressed already, a browser must not unpack on the way.
    del response["Content-Encoding"]
    return response


def _own(request: HttpRequest, pk: int) -> Export:
    return get_object_or_404(Export, pk=pk, user_id=request.user.pk)


def _exports(request: HttpRequest) -> list[dict[str, Any]]:
    who: Any = request.user
    found = Export.objects.filter(user=who).order_by("-created", "-pk")[:SHOWN]
    return [
        {
            "row": export,
            "title": title(export.name),
            "is_waiting": export.state == Export.State.WAITING,
            "is_done": export.state == Export.State.DONE,
            # The estimate may be too low, and what is not done is not shown as if it were.
            "percent": min(99, 100 * export.rows // max(export.expected, 1)),
        }
        for export in found
    ]


def titled(request: HttpRequest, known: Any) -> list[tuple[str, Any]]:
    """Return those of the tables or reports that the user may have, with their names."""
    return [(name, item) for name, item in known.items() if may(request.user, name)]
