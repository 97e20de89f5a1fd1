"""Handing over the files of schedules: to people by mail, and to a bucket."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics import mail, outbox
from analytics.exports.making import stored_name
from analytics.exports.recipe import may, may_see_all, title
from analytics.models import Delivery, Export, ScheduleRun
from analytics.schedules import uploads
from analytics.schedules.people import token
from shortener.access import works_for

MOST = 100
"""Deliveries that are made at once."""
LEASE = timedelta(minutes=15)
"""For whoever makes one: an upload may take a while."""
STALE = timedelta(days=3)
"""After which nobody tries any more."""
ATTACHED = 10_000_000
"""Bytes of the longest file that mail servers take; longer ones are fetched by their link."""


def deliver_due(now: datetime) -> None:
    """Hand over the files that are made, and say of which none will come."""
    due = Delivery.objects.filter(due__lte=now)
    nothing = Q(run__export=None) | Q(
        run__export__state__in=(Export.State.FAILED, Export.State.CANCELLED)
    )
    for row in due.filter(nothing)[:MOST]:
        if outbox.claim(row, now):
            outbox.give_up(row, _why_no_file(row))
    for row in due.filter(run__export__state=Export.State.DONE)[:MOST]:
        if (row.user_id is None or mail.is_possible() or _is_stale(row, now)) and outbox.claim(
            row, now, LEASE
        ):
            _deliver(row, now)


def why_not(user: Any, export: Export, site: Any) -> str:
    """Say why somebody is not to have a file; empty where they are."""
    with_all = export.params.get("full") != "0" and may_see_all(export.user)
    if not (user.is_active and user.is_staff and may(user, export.name)):
        return _("No right to see this table.")
    if with_all and not may_see_all(user):
        return _("The file has rows that this person may not see.")
    if not works_for(user, site):
        return _("Does not work for the site.")
    return ""


def _deliver(row: Delivery, now: datetime) -> None:
    schedule = row.run.schedule
    with mail.spoken_to(schedule.language, schedule.time_zone):
        if _is_stale(row, now):
            outbox.give_up(row, row.problem or _("There was no mail server."))
        elif row.user is None:
            outbox.attempt(row, now, lambda: uploads.upload(row.run), uploads.FAILURES)
        elif problem := _why_no_mail(row):
            outbox.give_up(row, problem)
        else:
            outbox.attempt(row, now, lambda: compose(row).send(), mail.FAILURES)


def compose(row: Delivery) -> mail.Mail:
    """Return the mail, in the language and time zone of the schedule."""
    run, user = row.run, row.user
    schedule, export = run.schedule, run.export
    if user is None or export is None:
        raise LookupError(f"{row} has nobody to go to, or no file.")
    is_attached = schedule.mailed == schedule.Mailed.FILE and export.size <= ATTACHED
    name = title(export.name)
    return mail.compose(
        user.email,
        _("%(title)s of %(site)s, %(days)s")
        % {"title": name, "site": schedule.site, "days": days_of(run)},
        "schedule",
        {
            "title": name,
            "site": schedule.site,
            "days": days_of(run),
            "export": export,
            "is_attached": is_attached,
            "is_too_long": schedule.mailed == schedule.Mailed.FILE and not is_attached,
            "maker": schedule.user,
            "page": mail.admin_url(reverse("schedules:file", args=[run.pk])),
        },
        key=f"schedule-{run.pk}-{user.pk}",
        files={export.filename: _content(export)} if is_attached else {},
        unsubscribe=mail.admin_url(reverse("schedules:stop", args=[token(schedule, user)])),
    )


def days_of(run: ScheduleRun) -> str:
    """Return the days of a file, as they are told to people."""
    start, end = (date_format(day, "SHORT_DATE_FORMAT") for day in (run.start, run.end))
    return start if start == end else f"{start} – {end}"


def _content(export: Export) -> bytes:
    with default_storage.open(stored_name(export)) as file:
        return bytes(file.read())


def _why_no_file(row: Delivery) -> str:
    run = row.run
    with mail.spoken_to(run.schedule.language, run.schedule.time_zone):
        if run.export is None:
            return run.problem or _("The file was deleted.")
        return run.export.problem or str(run.export.get_state_display())


def _why_no_mail(row: Delivery) -> str:
    user, run = row.user, row.run
    if user is None or run.export is None:
        return ""
    if not run.schedule.people.filter(pk=user.pk).exists():
        return _("Does not want it any more.")
    if problem := why_not(user, run.export, run.schedule.site):
        return problem
    return "" if user.email else _("Has no mail address.")


def _is_stale(row: Delivery, now: datetime) -> bool:
    return row.created < now - STALE
