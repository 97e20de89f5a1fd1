"""The admin's pages of schedules: what is sent to whom, and what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics import mail
from analytics.exports.pages import send_file
from analytics.exports.recipe import title
from analytics.models import Delivery, Export, Schedule, ScheduleRun
from analytics.reports.params import Period
from analytics.schedules import uploads
from analytics.schedules.deliver import days_of, why_not
from analytics.schedules.form import ScheduleForm
from analytics.schedules.people import by_token
from analytics.schedules.runs import begin, latest, set_out

RUNS = 6
"""Of each schedule: the latest ones."""


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show a user's schedules, each with what was sent of late."""
    deliveries = Prefetch("deliveries", Delivery.objects.select_related("user").order_by("pk"))
    latest_runs = Prefetch(
        "runs",
        ScheduleRun.objects.select_related("export")
        .prefetch_related(deliveries)
        .order_by("schedule", "-start")[:RUNS],
        to_attr="latest",
    )
    who: Any = request.user
    schedules = (
        Schedule.objects.filter(user=who)
        .select_related("site")
        .prefetch_related("people", latest_runs)
        .order_by("-pk")
    )
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Schedules"),
        "schedules": [
            {"row": each, "title": title(each.name), "runs": list(map(_shown, each.latest))}
            for each in schedules
        ],
        "is_possible": mail.is_possible(),
    }
    return TemplateResponse(request, "analytics/schedules/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Let a user make a schedule, or change one."""
    schedule = _own(request, pk) if pk else None
    is_post = request.method == "POST"
    form = ScheduleForm(
        request.POST if is_post else None,
        user=request.user,
        asked=request.POST if is_post else request.GET,
        instance=schedule,
    )
    if form.is_valid():
        form.save()
        messages.success(request, _("The schedule was saved."))
        return HttpResponseRedirect(reverse("schedules:list"))
    context = {
        **admin.site.each_context(request),
        "title": _("Change schedule") if schedule else _("New schedule"),
        "form": form,
        "schedule": schedule,
        "is_possible": mail.is_possible(),
        "has_bucket": uploads.is_possible(),
    }
    return TemplateResponse(request, "analytics/schedules/form.html", context)


@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Let a schedule pause or go on, delete it, or send its latest file now."""
    schedule = _own(request, pk)
    match verb:
        case "pause":
            Schedule.objects.filter(pk=pk).update(due=None)
            messages.success(request, _("The schedule pauses."))
        case "resume":
            set_out(schedule, timezone.now())
            schedule.save(update_fields=["next_day", "due"])
            messages.success(request, _("The schedule goes on."))
        case "send":
            now = timezone.now()
            begin(schedule, latest(schedule, now), now)
            messages.success(request, _("Its latest file goes to everybody who has not got it."))
        case "delete":
            schedule.delete()
            messages.success(request, _("The schedule was deleted."))
        case _:
            raise Http404
    return HttpResponseRedirect(reverse("schedules:list"))


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try again what could not be sent."""
    who: Any = request.user
    run = get_object_or_404(ScheduleRun, pk=pk, schedule__user=who)
    begin(run.schedule, Period(run.start, run.end), timezone.now())
    messages.success(request, _("It is tried again."))
    return HttpResponseRedirect(reverse("schedules:list"))


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a file to one of those whom it was made for."""
    run = get_object_or_404(ScheduleRun.objects.select_related("schedule__site"), pk=pk)
    who: Any = request.user
    if run.schedule.user_id != who.pk and not run.deliveries.filter(user=who).exists():
        raise Http404
    if run.export is None or run.export.state != Export.State.DONE:
        messages.error(request, _("This file is not kept any more."))
        return HttpResponseRedirect(reverse("exports:list"))
    if why_not(request.user, run.export, run.schedule.site):
        raise Http404
    return send_file(run.export)


@csrf_exempt  # Mail programs post here by themselves (RFC 8058); the token is what allows it.
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """End the mails that a token is for; asked first, since programs follow links in mails."""
    found = by_token(token)
    if found is None:
        raise Http404
    schedule, user = found
    with translation.override(schedule.language or None):
        if request.method == "POST":
            schedule.people.remove(user)
        context = {
            **admin.site.each_context(request),
            "title": _("Files by mail"),
            "name": title(schedule.name),
            "schedule": schedule,
            "is_stopped": request.method == "POST",
        }
        response = TemplateResponse(request, "analytics/schedules/stop.html", context)
        response["Referrer-Policy"] = "no-referrer"
        return response.render()


def _own(request: HttpRequest, pk: int) -> Schedule:
    who: Any = request.user
    return get_object_or_404(Schedule.objects.select_related("site"), pk=pk, user=who)


def _shown(run: ScheduleRun) -> dict[str, Any]:
    deliveries = list(run.deliveries.all())
    is_over = all(each.due is None for each in deliveries)
    return {
        "row": run,
        "days": days_of(run),
        "deliveries": deliveries,
        "can_retry": is_over and (bool(run.problem) or any(not each.sent for each in deliveries)),
        "has_file": run.export is not None and run.export.state == Export.State.DONE,
    }
