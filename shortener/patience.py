"""What visitors hear while the database is away. Known links do not need it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from shortener.answers import open_cors

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def needs_database(view: View) -> View:
    """Ask visitors for patience while the database is away."""

    @wraps(view)
    def patient(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            logger.warning("No answer for %s without the database: %s", request.path, error)
            response = TemplateResponse(request, "shortener/unavailable.html", status=503)
            response["Retry-After"] = "10"
            response["Cache-Control"] = "private, no-store"
            for name, value in open_cors(request.META):
                response[name] = value
            return response.render()

    return patient
