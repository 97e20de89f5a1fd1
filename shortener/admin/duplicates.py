"""The admin's page of links that lead to the same page, to be merged."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shortener.access import links_of, sites_of
from shortener.admin.base import merge_told
from shortener.admin.links import mark, state_of
from shortener.duplicates import SHOWN, Group, duplicates
from shortener.merging import MergeError
from shortener.models import Link


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show groups of links that share a page, and merge one of them."""
    if request.method == "POST":
        _merge(request)
        return HttpResponseRedirect(request.get_full_path())
    sites = sites_of(request.user)
    site = _asked(sites, request.GET.get("site", "")) or sites.first()
    after = _asked(links_of(request.user), request.GET.get("after", ""))
    found, last = duplicates(site, after) if site else ([], None)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Duplicates"),
        "opts": Link._meta,
        "sites": sites,
        "site": site,
        "after": after,
        "groups": [(group, _choices(group)) for group in found],
        "shown": SHOWN,
        "last": last,
    }
    return TemplateResponse(request, "admin/shortener/duplicates.html", context)


def _choices(group: Group) -> list[tuple[Link, str, bool]]:
    """Return the links of a group with their state, and which of them is to take the others."""
    first = next((link for link in group.links if link.is_live), None)
    return [(link, mark(state_of(link)), link is first) for link in group.links]


def _merge(request: HttpRequest) -> None:
    links = links_of(request.user)
    into = _asked(links, request.POST.get("into", ""))
    if into is None:
        messages.error(request, _("Choose the link that the others become part of."))
        return
    numbers = [pk for pk in request.POST.getlist("links")[:SHOWN] if is_key(pk)]
    # What was looked at, as far as it still is a duplicate.
    same = links.filter(pk__in=numbers, site=into.site_id, page=into.page, merged_into=None)
    try:
        merge_told(request, [link.pk for link in same], into.pk)
    except MergeError as error:
        messages.error(request, str(error))


def _asked(rows: QuerySet[Any], pk: str) -> Any:
    """Return the row that is asked for, None where there is none."""
    return rows.filter(pk=int(pk)).first() if is_key(pk) else None


def is_key(text: str) -> bool:
    """Say whether a text can be the key of a row."""
    return text.isdecimal() and len(text) < 19


may_change = permission_required("shortener.change_link", raise_exception=True)
urlpatterns = [path("", admin.site.admin_view(may_change(page)), name="duplicates")]
