"""The reader's language, where there is something to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware

SPEAKLESS = ("/share.", "/qr/", "/offer", "/events", "/preview/", "/static/")
"""Where every reader gets the same, so that caches may keep one copy for all of them."""


def language_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer in the language that the reader has chosen, or that the browser asks for."""
    speaking = cast(Callable[[HttpRequest], HttpResponse], LocaleMiddleware(get_response))

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(SPEAKLESS):
            return get_response(request)
        return speaking(request)

    return middleware
