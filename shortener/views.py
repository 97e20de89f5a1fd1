"""Django's side of the short links: those that the edge does not know, and the pages.

The view of the hot route loads what is missing into the catalog and asks the edge again, so
a first request is answered, and counted, exactly like all that follow.
"""

from __future__ import annotations

import time

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect as redirect_to
from django.template.response import TemplateResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from shortener import codes, edge
from shortener.catalog import LinkEntry
from shortener.edge import REDIRECT_HEADERS, is_fetched
from shortener.patience import needs_database
from shortener.preview_pages import tags_page


@csrf_exempt  # So that a POST hears 405, not of a missing token.
@require_safe
@needs_database
def redirect(request: HttpRequest, name: str) -> HttpResponse:
    """Redirect a short link that the edge does not know yet, or say why it leads nowhere."""
    here = edge.edge()
    memos = here.catalog.memos
    if name in memos.unknown:
        return not_found(request)
    entry = here.catalog.fetch_name(name)
    if entry is None:
        memos.remember_unknown(name)
        return not_found(request)
    if location := here.redirect(request.META, name):
        return found(location)
    now = time.time()
    if not entry.active or now >= entry.expires:
        return gone(request, entry, name)
    share_id = share_of(name)
    location = entry.location_with(share_id, name, request.META.get("QUERY_STRING", ""))
    if location is None:
        return not_found(request)  # The code names a channel that does not exist.
    here.record_hit(request.META, entry.id, share_id, now)
    if entry.own_preview is not None and is_fetched(request.META):
        return tags_page(request, entry, entry.own_preview, name, location)
    return found(location)  # It was edited at this very moment.


def found(location: str) -> HttpResponse:
    """Redirect as the edge does."""
    response = HttpResponse(status=302)
    for header, value in (("Location", location), *REDIRECT_HEADERS):
        response[header] = value
    # Like the edge's, it opens in what a sandboxed frame opens.
    response["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def share_of(name: str) -> int:
    """Return the share that a code names; 0 for a link's own code or slug."""
    numbers = codes.decode(name)
    return numbers[1] if numbers else 0


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere."""
    response = TemplateResponse(request, "shortener/not_found.html", status=404)
    response["Cache-Control"] = "private, no-store"
    return response.render()


def gone(request: HttpRequest, entry: LinkEntry, name: str) -> HttpResponse:
    """Answer a link that is expired or switched off: by its fallback, or by a page.

    A visitor who is sent to the fallback was brought by the link, so the hit counts.
    """
    if entry.fallback_url:
        here = edge.edge()
        here.record_hit(request.META, entry.id, share_of(name), time.time())
        response: HttpResponse = HttpResponseRedirect(entry.fallback_url)
    else:
        response = TemplateResponse(request, "shortener/gone.html", status=410).render()
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead whoever opens the bare short domain to somewhere useful."""
    return redirect_to("admin:index")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep crawlers from pressing buttons; short links stay open to preview fetchers."""
    return HttpResponse("User-agent: *\nDisallow: /share/\n", content_type="text/plain")
