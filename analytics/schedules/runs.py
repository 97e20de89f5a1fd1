"""Beginning the files of schedules whose time has come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from analytics.exports.making import order
from analytics.exports.recipe import Recipe, may_see_all
from analytics.models import Delivery, Export, Schedule, ScheduleRun
from analytics.reports.params import Period
from analytics.schedules.calendar import first_day, last_day, moment, next_day, period

MOST = 50
"""Files that are begun at once."""
LATE = timedelta(days=31)
"""Files that were missed for longer are not made any more."""
KEPT = timedelta(days=400)
"""How long it is kept what was sent."""
UNDONE = (Export.State.WAITING, Export.State.DONE)
"""What an export is as long as something may still come of it."""


def begin_due(now: datetime) -> None:
    """Begin the files whose time has come; those that were missed come one after the other."""
    for schedule in Schedule.objects.filter(due__lte=now).order_by("due")[:MOST]:
        with transaction.atomic():
            day = schedule.next_day
            if advance(schedule, now):
                begin(schedule, period(schedule.every, day), now)


def advance(schedule: Schedule, now: datetime) -> bool:
    """Set the time of the next file; tell whether nobody else has."""
    was = schedule.due
    zone = schedule.site.time_zone
    schedule.next_day = next_day(schedule, schedule.next_day)
    schedule.due = moment(schedule, schedule.next_day, zone)
    if schedule.due < now - LATE:
        set_out(schedule, now)
    rows = Schedule.objects.filter(pk=schedule.pk, due=was)
    return bool(rows.update(next_day=schedule.next_day, due=schedule.due))


def begin(schedule: Schedule, days: Period, now: datetime) -> ScheduleRun:
    """Have the file of some days made, and note down who is to get it.

    Who has got it already gets nothing again; who has not, for whatever reason, is tried again.
    """
    run, _new = ScheduleRun.objects.get_or_create(
        schedule=schedule, start=days.start, end=days.end
    )
    if run.export is None or run.export.state not in UNDONE:
        run.export, run.problem = None, ""
        with override(schedule.language):
            try:
                run.export = _order(schedule, days)
            except (PermissionDenied, ValidationError):
                run.problem = _("It may not be made any more: rights or sites have changed.")
        run.save(update_fields=["export", "problem"])
    if run.export is not None:
        _address(run, now)
    return run


def latest(schedule: Schedule, now: datetime) -> Period:
    """Return the days of the file that was to be sent last."""
    return period(schedule.every, last_day(schedule, now, schedule.site.time_zone))


def set_out(schedule: Schedule, now: datetime) -> None:
    """Set the time of a schedule's first file from now on; without saving it."""
    zone = schedule.site.time_zone
    schedule.next_day = first_day(schedule, now, zone)
    schedule.due = moment(schedule, schedule.next_day, zone)


def forget_runs(now: datetime) -> None:
    """Forget what was sent long ago."""
    ScheduleRun.objects.filter(created__lt=now - KEPT).delete()


def _order(schedule: Schedule, days: Period) -> Export:
    """Have the file made, with the rights of whoever made the schedule.

    Raises PermissionDenied where those are gone, ValidationError where a campaign or a link is.
    """
    params = {
        **schedule.params,
        "site": schedule.site.key,
        "from": str(days.start),
        "to": str(days.end),
    }
    if not all(may_see_all(user) for user in schedule.people.all()):
        params["full"] = "0"
    recipe = Recipe.read(schedule.name, params, schedule.user)
    return order(schedule.user, recipe, params)


def _address(run: ScheduleRun, now: datetime) -> None:
    """Note down who is to get a file, and has not got it."""
    users: list[Any] = list(run.schedule.people.all())
    if run.schedule.to_bucket:
        users.append(None)
    for user in users:
        delivery, is_new = Delivery.objects.get_or_create(
            run=run, user=user, defaults={"due": now, "created": now}
        )
        if not is_new and delivery.sent is None and delivery.due is None:
            Delivery.objects.filter(pk=delivery.pk, due=None, sent=None).update(
                due=now, created=now, tries=0, problem=""
            )
