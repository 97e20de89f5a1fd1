"""What becomes of those who guess passwords: django-axes counts, this says who and what next."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_cache_timeout
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from shortener.visitors import client_address, locate


def network_of(request: HttpRequest) -> str:
    """Return the network that a request came from, as it is told for visitors."""
    network, _country = locate(client_address(request.META, settings.TRUSTED_PROXIES))
    return network


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Answer somebody from whose network too many wrong passwords came."""
    seconds = get_cache_timeout(request) or 0
    context = {
        **admin.site.each_context(request),
        "title": _("Too many wrong passwords"),
        "minutes": seconds // 60,
    }
    headers = {"Retry-After": str(seconds), "Cache-Control": "no-store"}
    page = TemplateResponse(
        request, "accounts/locked_out.html", context, status=429, headers=headers
    )
    return page.render()
