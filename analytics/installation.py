"""Whether the share buttons of a page work: a self-test for whoever has put them there.

It begins with what has been counted of the page so far, and shows what comes on top. The
start, and when each step was first seen, are kept in the session under the moment the check
began, which stands in the address: the page can be loaded again, and two checks at the same
time do not get in each other's way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from analytics import evidence
from analytics.dashboard.counting import counting
from shortener import destinations, embed
from shortener.access import sites_of
from shortener.channels import CHANNELS
from shortener.models import Link, Site
from shortener.pages import find

SESSION_KEY = "installation checks"
CHECKS_KEPT = 4
SILENT = [
    channel
    for channel in CHANNELS
    if channel.private and channel.short_link and not channel.previews
]
RIGHTS = (("shortener.change_site",), ("shortener.view_site", "analytics.view_hit"))
"""Permissions, of which all in one of the groups are enough."""


class PageForm(forms.Form):
    """The page to look at."""

    url = forms.CharField(
        label=_("Address of a page with share buttons"),
        max_length=2000,
        widget=forms.URLInput({"placeholder": "https://…", "spellcheck": "false"}),
        error_messages={"required": _("Which page is it? Paste its address.")},
    )

    def __init__(self, data: Any, *, site: Site) -> None:
        super().__init__(data, label_suffix="")
        self.site = site

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        own = destinations.own_hosts()
        if why := destinations.problem(url, own_hosts=own, allowed_hosts=self.site.hosts):
            raise ValidationError(why)
        return url


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the self-test; with ``part`` in the query, only what changes as facts come in."""
    if not any(map(request.user.has_perms, RIGHTS)):
        raise PermissionDenied
    site = get_object_or_404(sites_of(request.user), pk=pk)
    form = PageForm(request.GET if "url" in request.GET else None, site=site)
    context: dict[str, Any] = {"site": site, "form": form}
    if form.is_valid():
        checked = check(request, site, form.cleaned_data["url"])
        if isinstance(checked, HttpResponse):
            return checked
        context |= checked
        if "part" in request.GET:
            return TemplateResponse(request, "analytics/installation_live.html", context)
    context |= admin.site.each_context(request)
    context |= {"title": _("Check my installation"), "policy": embed.policy(site)}
    return TemplateResponse(request, "analytics/installation.html", context)


def check(request: HttpRequest, site: Site, url: str) -> HttpResponse | dict[str, Any]:
    """Return what has arrived from a page; a redirect where a check begins."""
    link = find(site.pk, destinations.page_key(url, without=site.tag_parameter))
    if link and not link.is_live:
        return {"url": url, "refused": link}
    checks = request.session.get(SESSION_KEY, {})
    since = request.GET.get("since", "")
    state = checks.get(since)
    if state is None or state["url"] != url:
        return begin(request, url, link)
    moment = datetime.fromtimestamp(int(since) / 1000, UTC)
    seen = {name: (datetime.fromisoformat(at), what) for name, (at, what) in state["seen"].items()}
    if link and (new := evidence.arrived(link, moment, state["start"], seen)):
        seen |= new
        state["seen"] = {name: (at.isoformat(), what) for name, (at, what) in seen.items()}
        request.session[SESSION_KEY] = checks
    return {
        "url": url,
        "link": link,
        "query": urlencode({"url": url, "since": since}),
        "since": moment,
        "steps": [(step, *seen.get(step.name, (None, ""))) for step in evidence.STEPS],
        "previews": evidence.previews(link) if link else [],
        "silent": ", ".join(channel.title for channel in SILENT),
        "counting": counting(),
    }


def begin(request: HttpRequest, url: str, link: Link | None) -> HttpResponse:
    """Remember what has been counted so far, under the present moment."""
    now = timezone.now()
    since = str(int(now.timestamp() * 1000))
    checks = request.session.get(SESSION_KEY, {})
    checks[since] = {"url": url, "start": evidence.counts(link, now), "seen": {}}
    request.session[SESSION_KEY] = dict(sorted(checks.items())[-CHECKS_KEPT:])
    return HttpResponseRedirect(f"?{urlencode({'url': url, 'since': since})}")


urlpatterns = [path("installation/", admin.site.admin_view(page), name="installation")]
