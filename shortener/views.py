"""Django's side of the visitors' addresses: what the edge does not know, and the pages.

The views of the hot routes load what is missing into the catalog and ask the edge again,
so a first request is answered, and counted, exactly like all that follow.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.shortcuts import redirect as redirect_to
from django.template.response import TemplateResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from shortener import codes, edge
from shortener.answers import Answer, host_of_page, json_answer, open_cors, page_of
from shortener.catalog import LinkEntry
from shortener.channels import BUTTONS, BY_NAME
from shortener.edge import REDIRECT_HEADERS
from shortener.events import MAX_PLACEMENT, printable, read_events
from shortener.models import Link

logger = logging.getLogger(__name__)


class SeeOther(HttpResponseRedirect):
    """A 303 that may lead to an app: ``sms:`` and ``mailto:`` too."""

    status_code = 303
    allowed_schemes = ["https", "sms", "mailto", "viber"]


View = Callable[..., HttpResponse]


def needs_database(view: View) -> View:
    """Ask visitors for patience while the database is away. Known links do not need it."""

    @wraps(view)
    def patient(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            logger.warning("No answer for %s without the database: %s", request.path, error)
            response = TemplateResponse(request, "shortener/unavailable.html", status=503)
            response["Retry-After"] = "10"
            response["Cache-Control"] = "private, no-store"
            return response.render()

    return patient


def to_response(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status)
    del response["Content-Type"]
    for name, value in answer.headers:
        response[name] = value
    return response


@csrf_exempt  # So that a POST hears 405, not of a missing token.
@require_safe
@needs_database
def redirect(request: HttpRequest, name: str) -> HttpResponse:
    """Redirect a short link that the edge does not know yet, or say why it leads nowhere."""
    here = edge.edge()
    if name in here.catalog.unknown:
        return not_found(request)
    entry = _fetch(name)
    if entry is None:
        here.catalog.remember_unknown(name)
        return not_found(request)
    if location := here.redirect(request.META, name):
        response = HttpResponse(status=302)
        for header, value in (("Location", location), *REDIRECT_HEADERS):
            response[header] = value
        return response
    if entry.active and time.time() < entry.expires:
        return not_found(request)  # The code names a channel that does not exist.
    return gone(request, entry, name)


def _fetch(name: str) -> LinkEntry | None:
    catalog = edge.edge().catalog
    numbers = codes.decode(name)
    return catalog.fetch(numbers[0]) if numbers else catalog.fetch_slug(name)


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
        numbers = codes.decode(name)
        share_id = numbers[1] if numbers else 0
        here.record_hit(request.META, entry.id, share_id, time.time())
        response: HttpResponse = HttpResponseRedirect(entry.fallback_url)
    else:
        response = TemplateResponse(request, "shortener/gone.html", status=410).render()
    response["Cache-Control"] = "private, no-store"
    return response


def _asked_for(request: HttpRequest) -> LinkEntry | HttpResponse:
    """Return the live link that the query names by code or page, or why there is none."""
    catalog = edge.edge().catalog
    link, site_key, url = page_of(request.META.get("QUERY_STRING", ""))
    if link:
        entry = _fetch(link)
        missing = f"There is no link {link[:60]!r}."
    else:
        site = catalog.fetch_site(site_key)
        if site is None:
            return _refuse(request, 404, f"There is no site with the key {site_key[:60]!r}.")
        host = host_of_page(url)
        if not site.allows(host):
            error = f"{host or url[:100]!r} is not a host of the site {site.key}."
            return _refuse(request, 403, error)
        entry = catalog.fetch_page(site_key, url)
        missing = "No link leads to this page yet."
    if entry is None:
        return _refuse(request, 404, missing)
    if not entry.active or time.time() >= entry.expires:
        return _refuse(request, 410, "The link is no longer shared.")
    return entry


def _refuse(request: HttpRequest, status: int, error: str) -> HttpResponse:
    return to_response(json_answer(status, {"error": error}, open_cors(request.META)))


@require_safe
@needs_database
def offer(request: HttpRequest) -> HttpResponse:
    """Hand out codes for a page that the edge does not know yet, or say what is wrong."""
    entry = _asked_for(request)
    if isinstance(entry, HttpResponse):
        return entry
    here = edge.edge()
    here.catalog.remember_page(request.META.get("QUERY_STRING", ""), entry.id)
    answer = here.offer(request.META)
    return to_response(answer) if answer else _refuse(request, 410, "The link has just ended.")


@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
@needs_database
def events(request: HttpRequest) -> HttpResponse:
    """Take facts about links that the edge does not know yet; answer preflights."""
    if request.method == "OPTIONS":
        response = HttpResponse(status=204)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Methods"] = "POST"
        response["Access-Control-Allow-Headers"] = "Content-Type"
        response["Access-Control-Max-Age"] = "86400"
        return response
    reported, _ = read_events(request.body)
    for event in reported:
        _fetch(event.code)
    environ = request.META | {
        "wsgi.input": request.META["wsgi.input"],
        "grapevine.loaded": True,
    }
    answer = edge.edge().answer_events(environ, request.body)
    return to_response(answer) if answer else HttpResponse(status=503)


@require_safe
@needs_database
def share(request: HttpRequest, channel: str) -> HttpResponse:
    """Mint a share, record the press, and go to the app: the button without JavaScript."""
    way = BY_NAME.get(channel)
    if way is None or not way.has_button:
        known = ", ".join(button.name for button in BUTTONS)
        return _refuse(request, 404, f"There is no channel {channel[:40]!r}. Known are: {known}.")
    entry = _asked_for(request)
    if isinstance(entry, HttpResponse):
        return entry
    here = edge.edge()
    code, share_id = here.mint(entry, way)
    placement = printable(request.GET.get("placement", ""))[:MAX_PLACEMENT]
    here.press(request.META, entry, share_id, placement)
    short_url = entry.site.short_base + code
    text = printable(request.GET.get("text", entry.title))[:500]
    if way.compose:
        response: HttpResponse = SeeOther(way.compose_url(text=text, url=short_url))
    else:
        response = _hand_over(request, way, short_url, entry)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _hand_over(request: HttpRequest, way: Any, short_url: str, entry: LinkEntry) -> HttpResponse:
    """Show the link to copy or scan, for apps that no address can open."""
    return TemplateResponse(
        request,
        "shortener/hand_over.html",
        {
            "channel": way,
            "short_url": short_url,
            "title": entry.title,
            "qr": segno.make(short_url, error="m").svg_inline(omitsize=True, border=2),
        },
    ).render()


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead whoever opens the bare short domain to somewhere useful."""
    return redirect_to("admin:index")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep crawlers from pressing buttons; short links stay open to preview fetchers."""
    return HttpResponse("User-agent: *\nDisallow: /share/\n", content_type="text/plain")


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Show an article with share buttons on it."""
    link = Link.objects.live().filter(site__key="demo").order_by("pk").first()
    if link is None:
        raise Http404
    return TemplateResponse(
        request, "shortener/demo.html", {"link": link, "public_url": settings.PUBLIC_URL}
    )
