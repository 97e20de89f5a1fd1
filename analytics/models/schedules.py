"""Files that come by themselves: when, to whom, and what became of each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from analytics.models.exports import Export
from analytics.models.outbox import Outgoing
from analytics.schedules.calendar import Every
from shortener.models import Site
from shortener.validators import validate_time_zone


class Schedule(models.Model):
    """That a file is to be made again and again, and handed over to people or a bucket."""

    class Mailed(models.TextChoices):
        FILE = "file", _("the file")
        LINK = "link", _("a link to the file")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="schedules")
    """Who made it: with their rights the file is made."""
    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    name = models.CharField(max_length=20)
    """Of the table or the report."""
    params = models.JSONField(default=dict)
    """The question without its days, and the dialect."""
    every = models.CharField(max_length=5, choices=Every)
    weekday = models.PositiveSmallIntegerField(default=0)
    """Of weekly files; Monday is 0."""
    day_of_month = models.PositiveSmallIntegerField(default=1)
    """Of monthly files, up to 28."""
    hour = models.PositiveSmallIntegerField(default=7)
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    """Of the hour and the days above."""
    language = models.CharField(max_length=16)
    """That the mails are in: in which the form was saved."""
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    mailed = models.CharField(max_length=4, choices=Mailed, default=Mailed.FILE)
    to_bucket = models.BooleanField(default=False)
    next_day = models.DateField()
    """The day of the next file, in the schedule's time zone."""
    due = models.DateTimeField(null=True)
    """When that file is begun. None while the schedule pauses."""

    class Meta:
        default_permissions = ()  # Everybody has their own.
        indexes = [
            models.Index(fields=["due"], name="schedule_due", condition=Q(due__isnull=False))
        ]

    def __str__(self) -> str:
        return f"Schedule {self.pk}"


class ScheduleRun(models.Model):
    """One file of a schedule: that of one period."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, db_index=False, related_name="runs")
    start = models.DateField()
    end = models.DateField()
    created = models.DateTimeField(db_default=Now())
    export = models.ForeignKey(Export, models.SET_NULL, null=True, related_name="+")
    problem = models.CharField(max_length=200, default="")
    """Why there is no file."""

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["schedule", "start", "end"], name="one_run_per_period")
        ]

    def __str__(self) -> str:
        return f"{self.schedule} {self.start} – {self.end}"


class Delivery(Outgoing):
    """That somebody, or the bucket where nobody is named, is to get a file, once."""

    run = models.ForeignKey(ScheduleRun, models.CASCADE, db_index=False, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["run", "user"], name="one_delivery_per_run_and_user"),
            models.UniqueConstraint(
                fields=["run"], condition=Q(user=None), name="one_upload_per_run"
            ),
        ]
        indexes = [
            models.Index(fields=["due"], name="delivery_due", condition=Q(due__isnull=False))
        ]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"
