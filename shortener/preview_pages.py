"""What preview fetchers get of a link with its own preview: a page of tags, and its picture."""

from __future__ import annotations

import logging

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shortener import pictures
from shortener.catalog import LinkEntry
from shortener.own_previews import FOLDER, OwnPreview

logger = logging.getLogger(__name__)


def tags_page(
    request: HttpRequest, entry: LinkEntry, preview: OwnPreview, name: str, location: str
) -> HttpResponse:
    """Answer a preview fetcher that asked for the short link ``name`` of a link.

    ``location`` is where everybody else is redirected. A range that is asked for is ignored,
    which HTTP allows: the page is smaller than any.
    """
    base = entry.site.short_base
    context = {
        "title": preview.title or entry.title,
        "preview": preview,
        # The short link itself: Facebook would else fetch, and show, another address.
        "url": base + name,
        "picture": f"{base}{FOLDER}{preview.picture}" if preview.picture else "",
        "width": pictures.WIDTH,
        "height": pictures.HEIGHT,
        "location": location,
    }
    response = render(request, "shortener/own_preview.html", context)
    response["Cache-Control"] = "private, no-store"
    response["Content-Language"] = preview.language
    return response


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """Serve a picture, which never changes under its name."""
    try:
        with default_storage.open(FOLDER + name) as file:
            content = file.read()
    except FileNotFoundError:
        return HttpResponse("There is no such picture.", status=404, content_type="text/plain")
    except Exception as error:
        # A storage elsewhere has errors of its own.
        logger.warning("The picture %s cannot be read: %s", name, error)
        response = HttpResponse("Come back later.", status=503, content_type="text/plain")
        response["Retry-After"] = "10"
        return response
    response = HttpResponse(content, content_type="image/jpeg")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
