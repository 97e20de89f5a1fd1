"""The admin's page of a link's own preview, with pictures of how messengers show it."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shortener.access import links_of
from shortener.admin.base import note_change
from shortener.labels import LABELS
from shortener.messengers import MESSENGERS
from shortener.models import Link, OwnPreview
from shortener.own_preview_form import OwnPreviewForm


class Shown(NamedTuple):
    """What a messenger has to show of a link."""

    title: str
    description: str
    picture: str
    """The address of the own picture, on whatever host the page stands; empty without one."""
    picture_text: str
    reported_picture: str
    """The picture that the page itself names. It is a foreign address, so it is not loaded."""
    host: str
    url: str


def shown(link: Link, own: OwnPreview | None) -> Shown:
    """Return what is shown of a link: its own preview, else what is known of its page.

    Without an own preview messengers follow the redirect and read the page themselves; the
    server has never done so.
    """
    url = link.short_url
    picture = reverse("preview-picture", args=[own.picture]) if own and own.picture else ""
    return Shown(
        title=(own.title if own else "") or link.title,
        description=own.description if own else "",
        picture=picture,
        picture_text=own.picture_text if own else "",
        reported_picture="" if own else link.image,
        host=urlsplit(url if own else link.destination).hostname or "",
        url=url,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def preview_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how messengers show a link, and change it."""
    may_change = request.user.has_perm("shortener.change_link")
    if not (may_change or request.user.has_perm("shortener.view_link")):
        raise PermissionDenied
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    links = links_of(request.user).select_related("site", "campaign", "own_preview")
    link = get_object_or_404(links, pk=pk)
    own: OwnPreview | None = getattr(link, "own_preview", None)
    form = _form(request, link, own)
    if request.method == "POST":
        if "remove" in request.POST:
            return _remove(request, link, own)
        if form.is_valid():
            return _save(request, link, form)
        # What was not saved is still in the fields; the pictures show what messengers get.
        own = OwnPreview.objects.filter(link=link).first()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Own preview"),
        "subtitle": link.title,
        "opts": Link._meta,
        "link": link,
        "tab": "preview",
        "own": own,
        "form": form,
        "may_change": may_change,
        "own_host": urlsplit(link.short_url).hostname or "",
        "shown": shown(link, own),
        "messengers": MESSENGERS,
    }
    return TemplateResponse(request, "admin/shortener/link/preview.html", context)


def _form(request: HttpRequest, link: Link, own: OwnPreview | None) -> OwnPreviewForm:
    if own is None:
        language = get_language() or ""
        own = OwnPreview(link=link, language=language if language in LABELS else "en")
    if request.method == "POST":
        return OwnPreviewForm(request.POST, request.FILES, instance=own)
    return OwnPreviewForm(instance=own)


def _save(request: HttpRequest, link: Link, form: OwnPreviewForm) -> HttpResponse:
    form.save()
    note_change(request, Link.objects.filter(pk=link.pk), _("Changed its own preview."))
    messages.success(
        request,
        _(
            "The preview was saved. Messengers get it from now on; what was shared before may "
            "look as it did, since most of them remember."
        ),
    )
    return HttpResponseRedirect(request.path)


def _remove(request: HttpRequest, link: Link, own: OwnPreview | None) -> HttpResponse:
    if own is not None:
        own.delete()
        note_change(request, Link.objects.filter(pk=link.pk), _("Removed its own preview."))
        messages.success(request, _("The own preview was removed: messengers show the page's."))
    return HttpResponseRedirect(request.path)
