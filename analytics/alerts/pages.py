"""The admin's pages about alerts: what was found, and who is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics import mail
from analytics.alerts.cards import Card
from analytics.alerts.rules import EVERY, RULES, Sensitivity
from analytics.alerts.subscriptions import AlertsForm, by_token, of_link, of_site, save
from analytics.models import AlertLook, AlertSubscription, Rise
from shortener import demo
from shortener.access import links_of, sites_of
from shortener.models import Link, Site

SHOWN = 12
LATE = EVERY * 4
"""Without a look at a site, after which something is wrong."""


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the links of a site that began to travel, the latest first."""
    sites = list(sites_of(request.user).order_by("name"))
    site = _chosen(request, sites)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Alerts"),
        "sites": sites,
        "site": site,
    }
    if site:
        before = request.GET.get("before", "")
        rises = Rise.objects.filter(site=site).select_related("link").order_by("-found", "-pk")
        if before:
            rises = rises.filter(found__lt=_moment(before))
        found = list(rises[: SHOWN + 1])
        own = of_site(request.user, site)
        context |= {
            "cards": [Card(rise) for rise in found[:SHOWN]],
            "is_first": not before,
            "next_page": found[SHOWN - 1].found.isoformat() if len(found) > SHOWN else "",
            "is_demo": site.key == demo.SITE_KEY,
            "is_late": _is_late(site),
            "sensitivity": Sensitivity(own.sensitivity if own else Sensitivity.OFF),
        }
    return TemplateResponse(request, "analytics/alerts/page.html", context)


def _chosen(request: HttpRequest, sites: list[Site]) -> Site | None:
    key = request.GET.get("site")
    if not key:
        return sites[0] if sites else None
    chosen = next((site for site in sites if site.key == key), None)
    if chosen is None:
        raise Http404
    return chosen


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Http404
    return moment


def _is_late(site: Site) -> bool:
    """Tell whether nobody has looked at a site for too long."""
    look = AlertLook.objects.filter(site=site).first()
    return look is None or timezone.now() - look.at > LATE


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Let a user say how readily they want to be told."""
    form = AlertsForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your alerts were saved."))
        return HttpResponseRedirect(reverse("alerts:preferences"))
    context = {
        **admin.site.each_context(request),
        "title": _("My alerts"),
        "form": form,
        "rules": RULES,
        "is_possible": mail.is_possible(),
        "email": getattr(request.user, "email", ""),
    }
    return TemplateResponse(request, "analytics/alerts/preferences.html", context)


@require_POST
def tell_me(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell a user of a link from now on, or no longer."""
    link: Link = get_object_or_404(links_of(request.user), pk=pk)
    if request.POST.get("wanted"):
        save(request.user, Sensitivity.NORMAL, link=link)
        messages.success(request, _("You will be told by mail when this link begins to travel."))
    else:
        save(request.user, Sensitivity.OFF, link=link)
        messages.success(request, _("You will not be told of this link."))
    return HttpResponseRedirect(reverse("reports:link", args=[pk]))


def told(request: HttpRequest, link: Link) -> dict[str, Any]:
    """Return what a link's page says of alerts."""
    subscription = of_link(request.user, link)
    return {"is_told": bool(subscription and subscription.sensitivity)}


@csrf_exempt  # Mail programs post here by themselves (RFC 8058); the token is what allows it.
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """End the mails that a token is for; asked first, since programs follow links in mails."""
    subscription = by_token(token)
    if subscription is None:
        raise Http404
    with translation.override(subscription.language or None):
        if request.method == "POST":
            AlertSubscription.objects.filter(pk=subscription.pk).update(
                sensitivity=Sensitivity.OFF
            )
        context = {
            **admin.site.each_context(request),
            "title": _("Alerts by mail"),
            "subscription": subscription,
            "is_stopped": request.method == "POST",
        }
        response = TemplateResponse(request, "analytics/alerts/stop.html", context)
        response["Referrer-Policy"] = "no-referrer"
        return response.render()
