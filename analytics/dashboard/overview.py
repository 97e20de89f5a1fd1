"""The admin's first page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from analytics.dashboard.content import content_page


def overview_page(request: HttpRequest, context: Mapping[str, Any]) -> TemplateResponse:
    page = content_page(request, context)
    assert isinstance(page, TemplateResponse)  # noqa: S101
    return page
