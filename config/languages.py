"""The reader's language, where there is something to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

SPEAKLESS = ("/share.", "/qr/", "/offer", "/events", "/preview/", "/static/")
"""Where every reader gets the same, so that caches may keep one copy for all of them."""


def language_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer in the language that the reader has chosen, or that the browser asks for."""
    speaking = cast(Callable[[HttpRequest], HttpResponse], LocaleMiddleware(get_response))

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(SPEAKLESS):
            # A thread goes on in the language of the reader that it served last.
            with translation.override(settings.LANGUAGE_CODE):
                return get_response(request)
        return speaking(request)

    return middleware
