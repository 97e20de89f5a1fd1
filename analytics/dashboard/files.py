"""The files behind the tables: sent at once, or made by a worker where they are long."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from analytics.dashboard.asking import asked_params
from analytics.exports.pages import order_file
from analytics.exports.recipe import NAMES, Recipe

AT_ONCE = 50_000
"""Rows: about a second. Until the last one, a thread of the server does nothing else."""


def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send a report or raw rows as CSV, or lead to where they can be fetched later."""
    if name not in NAMES:
        raise Http404
    params = asked_params(request)
    try:
        recipe = Recipe.read(name, params, request.user)
    except ValidationError as error:
        return problem(error)
    if recipe.size <= AT_ONCE:
        return recipe.response()
    order_file(request, recipe)
    return HttpResponseRedirect(reverse("exports:list"))


def problem(error: ValidationError) -> HttpResponse:
    return HttpResponse("\n".join(error.messages), status=400, content_type="text/plain")
