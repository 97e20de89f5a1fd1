"""The admin's page "New links": a list is pasted, its draft looked at, and the links made."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shortener.models import Link
from shortener.new_links import Fate, draft_digest, judge, made_under, make_once
from shortener.new_links_form import NewLinksForm
from shortener.spreadsheets import BOM, csv_text, safe

COLUMNS = ("title", "short link", "destination")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Take a list, show its draft, and make its links."""
    form = NewLinksForm(request.POST or None, user=request.user)
    if "make" in request.POST and form.is_valid():
        if token := make(request, form):
            return redirect("new-links-made", token)
        messages.warning(
            request,
            _("Nothing was made: this is no longer what you looked at. Please look again."),
        )
    context = {
        **admin.site.each_context(request),
        "title": _("New links"),
        "opts": Link._meta,
        "form": form,
        **draft(form),
    }
    return TemplateResponse(request, "admin/shortener/new_links/page.html", context)


def make(request: HttpRequest, form: NewLinksForm) -> UUID | None:
    """Make the links of a draft; return the token under which they are found."""
    token: UUID | None = form.cleaned_data["token"]
    by, drafted = cast(int, request.user.pk), form.cleaned_data["drafted"]
    if token and make_once(form.wish, by=by, token=token, drafted=drafted, note=_("From a list.")):
        return token
    return None


@require_POST
def part(request: HttpRequest) -> HttpResponse:
    """Show the draft alone, as the list is typed."""
    form = NewLinksForm(request.POST, user=request.user)
    context = {"form": form, "is_part": True, **draft(form)}
    return TemplateResponse(request, "admin/shortener/new_links/draft.html", context)


def draft(form: NewLinksForm) -> dict[str, Any]:
    """Return what the draft shows, empty where there is nothing to be judged."""
    if not form.is_valid():
        return {}
    wish = form.wish
    verdicts = judge(wish)
    counts = Counter(verdict.fate for verdict in verdicts)
    return {
        "verdicts": verdicts,
        "counts": [(fate, counts[fate]) for fate in Fate if counts[fate]],
        "to_make": counts[Fate.MADE],
        "drafted": draft_digest(wish, verdicts),
        "token": uuid4(),
    }


@require_safe
def made(request: HttpRequest, token: UUID) -> HttpResponse:
    """Show the links that were made of a list, to copy them all at once."""
    links = made_under(token, request.user)
    if not links:
        messages.info(request, _("A list is kept for a day. Its links are among all others."))
        return redirect("admin:shortener_link_changelist")
    title = ngettext("%(number)s link made", "%(number)s links made", len(links))
    context = {
        **admin.site.each_context(request),
        "title": title % {"number": len(links)},
        "opts": Link._meta,
        "links": links,
        "token": token,
    }
    return TemplateResponse(request, "admin/shortener/new_links/made.html", context)


@require_safe
def file(request: HttpRequest, token: UUID) -> HttpResponse:
    """Send the links that were made of a list as CSV."""
    links = made_under(token, request.user)
    rows = [(safe(link.title), link.short_url, safe(link.destination)) for link in links]
    bom = BOM if request.GET.get("bom") == "1" else ""
    return HttpResponse(
        bom + csv_text([COLUMNS, *rows]),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="grapevine-links.csv"'},
    )


def for_makers(view: Any) -> Any:
    """Return a view for those who are logged in to the admin and may make links."""
    return admin.site.admin_view(
        permission_required("shortener.add_link", raise_exception=True)(view)
    )


urlpatterns = [
    path("", for_makers(page), name="new-links"),
    path("draft/", for_makers(part), name="new-links-draft"),
    path("made/<uuid:token>/", for_makers(made), name="new-links-made"),
    path("made/<uuid:token>/links.csv", for_makers(file), name="new-links-file"),
]
