"""The admin's page on which many links are changed at once."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from shortener.access import links_of
from shortener.bulk_edit import MAX_LINKS, change, outcome
from shortener.bulk_edit_form import BulkEditForm, outcomes_digest
from shortener.models import Link
from shortener.versions import CatalogVersion

may_change = permission_required("shortener.change_link", raise_exception=True)


def to_edit(request: HttpRequest, queryset: QuerySet[Link]) -> HttpResponse | None:
    """Lead to the page that changes the chosen links."""
    chosen = list(queryset.values_list("pk", flat=True)[: MAX_LINKS + 1])
    if len(chosen) > MAX_LINKS:
        error = _("At most %(number)s links can be changed at once.") % {"number": MAX_LINKS}
        messages.error(request, error)
        return None
    ids = ",".join(map(str, chosen))
    return redirect(f"{reverse('admin:shortener_link_edit')}?links={ids}")


@may_change
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: HttpRequest) -> HttpResponse:
    """Ask what is to be changed of the chosen links, show what that does, and do it."""
    links = _chosen(request)
    if not links:
        messages.error(request, _("Choose links to change."))
        return redirect("admin:shortener_link_changelist")
    form = BulkEditForm(request.POST or None, links=links, user=request.user)
    if "apply" in request.POST and form.is_valid():
        if changed := _apply(request, form):
            told = ngettext("Changed: %(number)s link.", "Changed: %(number)s links.", changed)
            messages.success(request, told % {"number": changed})
            return redirect("admin:shortener_link_changelist")
        messages.warning(
            request,
            _("Nothing was changed: this is no longer what you looked at. Please look again."),
        )
    title = ngettext("Change %(number)s link", "Change %(number)s links", len(links))
    context = {
        **admin.site.each_context(request),
        "title": title % {"number": len(links)},
        "opts": Link._meta,
        "links": links,
        "form": form,
        "query": request.GET.urlencode(),
        **draft(form, links),
    }
    return TemplateResponse(request, "admin/shortener/link/edit.html", context)


@may_change
@require_POST
def edit_part(request: HttpRequest) -> HttpResponse:
    """Show what changes, as the form is filled in."""
    links = _chosen(request)
    form = BulkEditForm(request.POST, links=links, user=request.user)
    context = {"form": form, "is_part": True, **draft(form, links)}
    return TemplateResponse(request, "admin/shortener/link/edit_draft.html", context)


def draft(form: BulkEditForm, links: list[Link]) -> dict[str, Any]:
    """Return what the draft shows, empty where there is nothing to be changed."""
    if not form.is_valid():
        return {}
    outcomes = [outcome(link, form.edit) for link in links]
    changing = [found for found in outcomes if found.differences]
    return {
        "is_drafted": True,
        "changing": changing,
        "refused": sum(1 for found in changing if found.problems),
        "unchanged": len(links) - len(changing),
        "drafted": outcomes_digest(outcomes),
    }


@transaction.atomic
def _apply(request: HttpRequest, form: BulkEditForm) -> int:
    """Change the links as drafted; return how many, 0 where the draft holds no longer."""
    CatalogVersion.hold()
    outcomes = [outcome(link, form.edit) for link in _chosen(request)]
    is_as_drafted = outcomes_digest(outcomes) == form.cleaned_data["drafted"]
    if not is_as_drafted or any(found.problems for found in outcomes):
        return 0
    return change(outcomes, by=cast(int, request.user.pk))


def _chosen(request: HttpRequest) -> list[Link]:
    numbers = [pk for pk in request.GET.get("links", "").split(",") if pk.isdecimal()]
    wanted = [int(pk) for pk in numbers if len(pk) < 19][:MAX_LINKS]
    links = links_of(request.user).filter(pk__in=wanted)
    return list(links.select_related("site", "campaign").order_by("-pk"))
