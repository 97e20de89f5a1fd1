"""Django's side of the share buttons: what the edge does not know, and what needs a page.

The views load what is missing into the catalog and then answer as the edge does, so a first
request is answered, and counted, exactly like all that follow.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any

import orjson
import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from shortener import pages, places
from shortener.answers import (
    Answer,
    Asked,
    asked,
    host_of_page,
    json_answer,
    offer_key,
    open_cors,
)
from shortener.catalog import Catalog, LinkEntry, SiteEntry
from shortener.channels import BUTTONS, BY_NAME, Channel
from shortener.edge import edge
from shortener.events import MAX_PLACEMENT, printable, read_events
from shortener.patience import needs_database

View = Callable[..., HttpResponse]

MAX_TEXT = 500
LOADS = 3
"""How often to look up what events are about: an edit makes the catalog forget, and a beacon
is never sent again."""


class SeeOther(HttpResponseRedirect):
    """A 303 that may lead to an app: ``sms:`` and ``mailto:`` too."""

    status_code = 303
    allowed_schemes = ["https", "sms", "mailto", "viber"]


class RefusedError(Exception):
    """A request that gets another answer than it hoped for."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


def for_buttons(view: View) -> View:
    """Count the visitor's request first, and turn refusals into answers."""

    @needs_database
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            insist(edge().gate.visitor(request.META))
            return view(request, *args, **kwargs)
        except RefusedError as refused:
            is_opened = "text/html" in request.headers.get("Accept", "")
            answer = refused.answer
            return in_words(request, answer) if is_opened else to_response(answer)

    return guarded


def insist(refusal: Answer | None) -> None:
    """Go on only where there is no refusal."""
    if refusal:
        raise RefusedError(refusal)


def refusal(request: HttpRequest, status: int, error: str, *, wait: int = 0) -> RefusedError:
    """Return the refusal with a sentence, and the seconds after which to come back."""
    headers = [("Retry-After", str(wait))] if wait else []
    return RefusedError(
        json_answer(status, {"error": error}, [*headers, *open_cors(request.META)])
    )


def to_response(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status)
    del response["Content-Type"]
    for name, value in answer.headers:
        response[name] = value
    return response


def in_words(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Return a refusal as a page, for people whose browser has followed a button."""
    # The edge's refusals of too many requests know nothing of languages.
    context = {
        "status": answer.status,
        "error": orjson.loads(answer.body)["error"],
        "wait": int(dict(answer.headers).get("Retry-After", 0)) if answer.status == 429 else 0,
    }
    response = TemplateResponse(
        request, "shortener/not_shared.html", context, status=answer.status
    ).render()
    for name, value in answer.headers:
        if not name.startswith("Content-"):
            response[name] = value
    return open_anywhere(response)


def open_anywhere(response: HttpResponse) -> HttpResponse:
    """Let an answer open in what a sandboxed frame opens, where browsers drop those that ask
    to be kept apart from their opener."""
    response["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


@require_safe
@for_buttons
def offer(request: HttpRequest) -> HttpResponse:
    """Hand out codes for a page that the edge does not know yet, or say what is wrong."""
    here = edge()
    memos = here.catalog.memos
    text = request.META.get("QUERY_STRING", "")
    query = asked(text)
    entry, headers = _link_for(request, query)
    memos.remember_offer(offer_key(text), (entry.id, query.channels))
    return to_response(here.hand_out(entry, query.channels or entry.site.channels, headers))


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
    here = edge()
    reported, _ = read_events(request.body)
    answer = None
    attempts = LOADS
    while answer is None:
        for event in reported:
            places.load(event, here.catalog)
        attempts -= 1
        answer = here.intake.answer(request.META, request.body, is_loaded=not attempts)
    return to_response(answer)


@require_safe
@for_buttons
def share(request: HttpRequest, channel: str) -> HttpResponse:
    """Mint a share, record the press, and go to the app: the button without JavaScript."""
    way = BY_NAME.get(channel)
    if way is None or not way.has_button:
        known = ", ".join(button.name for button in BUTTONS)
        error = gettext("There is no channel %(channel)r. Known are: %(known)s.")
        raise refusal(request, 404, error % {"channel": channel[:40], "known": known})
    entry, _ = _link_for(request, asked(request.META.get("QUERY_STRING", "")))
    here = edge()
    code, share_id = here.mint(entry, way)
    press = {
        "kind": "press",
        "link": entry.id,
        "share": share_id,
        "parent": places.parent_of(request.GET.get("parent", ""), share_id),
        "placement": printable(request.GET.get("placement", ""))[:MAX_PLACEMENT],
    }
    here.intake.record(request.META, [press])
    text = pages.one_line(request.GET.get("text", entry.title), MAX_TEXT)
    response = _lead_on(request, way, entry, text, entry.site.short_base + code)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return open_anywhere(response)


def _lead_on(
    request: HttpRequest, way: Channel, entry: LinkEntry, text: str, short_url: str
) -> HttpResponse:
    """Open the app, or show the link to copy or scan where no address can open it."""
    if way.compose:
        return SeeOther(way.compose_url(text=text, url=short_url))
    context = {
        "channel": way,
        "short_url": short_url,
        "title": entry.title,
        "qr": segno.make(short_url, error="m").svg_inline(omitsize=True, border=2),
    }
    return TemplateResponse(request, "shortener/hand_over.html", context).render()


@require_safe
@for_buttons
def qr(request: HttpRequest, code: str) -> HttpResponse:
    """Draw the QR code of a short link, for the share buttons to show."""
    entry = edge().catalog.fetch_name(code)
    if entry is None:
        raise refusal(request, 404, gettext("There is no link %(code)r.") % {"code": code[:60]})
    image = BytesIO()
    # As large as it is shown, and on white: cameras want the dark on the light.
    segno.make(entry.site.short_base + code, error="m").save(
        image, "svg", border=2, omitsize=True, light="#fff", xmldecl=False
    )
    response = HttpResponse(image.getvalue(), content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=86400"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _link_for(request: HttpRequest, query: Asked) -> tuple[LinkEntry, list[tuple[str, str]]]:
    """Return the live link that the query names by code or page, and the answer's headers.

    A page that is no link yet becomes one. Raises RefusedError.
    """
    catalog = edge().catalog
    entry = catalog.fetch_name(query.link) if query.link else None
    if query.link and entry is None:
        raise refusal(
            request, 404, gettext("There is no link %(code)r.") % {"code": query.link[:60]}
        )
    site = entry.site if entry else catalog.fetch_site(query.site)
    if site is None:
        error = gettext("There is no site with the key %(key)r.") % {"key": query.site[:60]}
        raise refusal(request, 404, error)
    refused, headers = edge().gate.page(request.META, site)
    insist(refused)
    entry = entry or _link_of_page(request, catalog, site, query)
    if not entry.active or time.time() >= entry.expires:
        raise refusal(request, 410, gettext("The link is no longer shared."))
    return entry, headers


def _link_of_page(
    request: HttpRequest, catalog: Catalog, site: SiteEntry, query: Asked
) -> LinkEntry:
    """Return the link of a page, which is made where there is none."""
    memos = catalog.memos
    try:
        pages.check_address(query.url)
        host = host_of_page(query.url)
        if not site.allows(host):
            error = gettext("%(host)r is not a host of the site %(key)s.")
            names = {"host": host or query.url[:100], "key": site.key}
            raise pages.PageError(403, error % names)
        entry = catalog.fetch_page(site, query.url)
        if entry and (time.time() < entry.expires or not entry.active):
            return entry
        link_id = pages.register(site.id, query.url, query.title, query.image)
    except pages.PageError as refused:
        raise refusal(request, refused.status, refused.reason, wait=refused.wait) from None
    memos.remember_page(site.id, site.page_key(query.url), link_id)
    if made := catalog.fetch(link_id):
        return made
    raise refusal(request, 404, gettext("The page has no link."))
