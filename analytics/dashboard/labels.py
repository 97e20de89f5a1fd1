"""The admin's page "Share it yourself" of a link: labelled shares are made there, and read."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics.dashboard.label_file import labels_csv
from analytics.dashboard.label_rows import SORTS, Asked, LabelRow, label_rows
from analytics.exports.recipe import dialect
from shortener.access import links_of
from shortener.label_forms import LabelForm, MintForm
from shortener.labelled import MAX_AT_ONCE, LabelledShare, Minted, mint
from shortener.models import Link
from shortener.qr import KINDS, qr_file

NUMBERS = "analytics.view_dailycontent"
MADE = re.compile(r"(\d{1,18})-(\d{1,18})")
HEADINGS = (
    ("label", gettext_lazy("Label")),
    ("channel", gettext_lazy("Channel")),
    ("previews", gettext_lazy("Previews")),
    ("clicks", gettext_lazy("Clicks")),
    ("children", gettext_lazy("Passed on")),
    ("visits", gettext_lazy("Visits")),
    ("conversions", gettext_lazy("Conversions")),
    ("first_click", gettext_lazy("First click")),
    ("last_click", gettext_lazy("Last click")),
    ("made", gettext_lazy("Made")),
)
WITHOUT_NUMBERS = ("label", "channel", "made")
TEXTS = ("label", "channel")
"""What is sorted from A to Z; everything else begins with the largest or latest."""


class Heading(NamedTuple):
    """The heading of a column, which sorts by it."""

    name: str
    label: Any
    query: str
    order: str
    """``ascending``, ``descending``, or empty where another column decides."""


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the labelled shares of a link, and make some."""
    link = _link(request, pk, "change" if request.method == "POST" else "view")
    form = MintForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        minted = mint(link, form.cleaned_data["wanted"], by=request.user.pk)
        return _made(request, minted)
    asked = read_query(request, link)
    rows, last = label_rows(asked)
    is_counted = request.user.has_perm(NUMBERS)
    made: list[LabelRow] = []
    if asked.only is not None:  # In the order in which they were pasted.
        made, _rest = label_rows(replace(asked, sort="made", descending=False), MAX_AT_ONCE)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Share it yourself"),
        "opts": Link._meta,
        "link": link,
        "tab": "labels",
        "form": form,
        "may_change": request.user.has_perm("shortener.change_link"),
        "asked": asked,
        "rows": made or rows,
        "made": [row.share for row in made],
        "is_counted": is_counted,
        "headings": headings(asked, is_counted=is_counted),
        "query": urlencode(params(asked)),
        "next_page": urlencode({**params(asked), "after": last}) if last and not made else "",
    }
    return TemplateResponse(request, "analytics/labels.html", context)


def read_query(request: HttpRequest, link: Link) -> Asked:
    """Return what the address asks for. What makes no sense is taken for its default."""
    get = request.GET
    sort = get.get("sort", "-made")
    name = sort.removeprefix("-")
    may_see = request.user.has_perm(NUMBERS)
    if name not in (SORTS if may_see else WITHOUT_NUMBERS):
        name, sort = "made", "-made"
    after = get.get("after", "")
    made = MADE.fullmatch(get.get("made", ""))
    return Asked(
        link,
        sort=name,
        descending=sort.startswith("-"),
        after=int(after) if after.isdecimal() and len(after) < 19 else 0,
        search=get.get("q", "").replace("\0", "").strip()[:100],
        archived=get.get("archived") == "1",
        only=range(int(made[1]), int(made[2]) + 1) if made else None,
        in_full=request.user.has_perm("analytics.view_hit"),
    )


def params(asked: Asked, **others: str) -> dict[str, str]:
    """Return the parameters of an address that asks for the same."""
    values = {
        "sort": f"-{asked.sort}" if asked.descending else asked.sort,
        "q": asked.search,
        "archived": "1" if asked.archived else "",
        **others,
    }
    return {name: value for name, value in values.items() if value}


def headings(asked: Asked, *, is_counted: bool) -> list[Heading]:
    """Return the columns' headings, each with the query that sorts by it."""
    found = []
    for name, label in HEADINGS:
        if not (is_counted or name in WITHOUT_NUMBERS):
            continue
        is_current = name == asked.sort
        descending = not asked.descending if is_current else name not in TEXTS
        order = ("descending" if asked.descending else "ascending") if is_current else ""
        query = urlencode(params(asked, sort=f"-{name}" if descending else name))
        found.append(Heading(name, label, query, order))
    return found


@require_POST
def change(request: HttpRequest, pk: int, share: int) -> HttpResponse:
    """Give a labelled share another label, or put it into the archive or back."""
    link = _link(request, pk, "change")
    labelled = get_object_or_404(LabelledShare, pk=share, link=link)
    if "archived" in request.POST:
        labelled.archived = request.POST["archived"] == "1"
        labelled.save(update_fields=["archived"])
        told = (
            _("“%(label)s” is in the archive.") if labelled.archived else _("“%(label)s” is back.")
        )
        messages.success(request, told % {"label": labelled.label})
    else:
        form = LabelForm(request.POST, share=labelled)
        if form.is_valid():
            labelled.save(update_fields=["label"])
            messages.success(request, _("The label was changed."))
        else:
            for problems in form.errors.values():
                messages.error(request, " ".join(map(str, problems)))
    return HttpResponseRedirect(f"{reverse('labels', args=[pk])}?{_back(request)}")


@require_safe
def qr(request: HttpRequest, pk: int, share: int, kind: str) -> FileResponse:
    """Send the QR code of a labelled share as a file to print."""
    link = _link(request, pk, "view")
    if kind not in KINDS:
        raise Http404
    labelled = get_object_or_404(LabelledShare, pk=share, link=link)
    labelled.link = link
    return qr_file(labelled.short_url, kind, slugify(labelled.label) or labelled.code)


@require_safe
def file(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Send all that the list asks for as CSV."""
    link = _link(request, pk, "view")
    if not request.user.has_perm(NUMBERS):
        raise PermissionDenied
    try:
        return labels_csv(read_query(request, link), dialect(request.GET))
    except ValidationError as error:
        raise Http404 from error


def _link(request: HttpRequest, pk: int, may: str) -> Link:
    if not request.user.has_perm(f"shortener.{may}_link"):
        raise PermissionDenied
    return get_object_or_404(links_of(request.user).select_related("site"), pk=pk)


def _made(request: HttpRequest, minted: Minted) -> HttpResponse:
    """Say what was made, and lead to exactly that."""
    new, known = len(minted.new), len(minted.shares) - len(minted.new)
    if new:
        told = ngettext("%(count)d labelled share made.", "%(count)d labelled shares made.", new)
        messages.success(request, told % {"count": new})
    if known:
        told = ngettext(
            "%(count)d label was there already, and was not made again.",
            "%(count)d labels were there already, and were not made again.",
            known,
        )
        messages.info(request, told % {"count": known})
    ids = [share.pk for share in minted.new]
    query = f"?made={min(ids)}-{max(ids)}" if ids else ""
    return HttpResponseRedirect(f"{request.path}{query}")


def _back(request: HttpRequest) -> str:
    """Return the list's query before a change, of which only known parameters are kept."""
    names = ("sort", "q", "archived", "after", "made")
    return urlencode({name: request.GET[name] for name in names if name in request.GET})


urlpatterns = [
    path("", admin.site.admin_view(page), name="labels"),
    path("labels.csv", admin.site.admin_view(file), name="labels-csv"),
    path("<int:share>/", admin.site.admin_view(change), name="label"),
    path("<int:share>/qr.<kind>", admin.site.admin_view(qr), name="label-qr"),
]
