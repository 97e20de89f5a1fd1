"""Links that began to travel, and who is told of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analytics.alerts.rules import Measure, Sensitivity
from analytics.models.outbox import Outgoing
from shortener.models import Link, Site


class Rise(models.Model):
    """A link that began to travel. It stays the same rise until the link has calmed down."""

    site = models.ForeignKey(Site, models.CASCADE, db_index=False, related_name="+")
    link = models.ForeignKey(Link, models.CASCADE, db_index=False, related_name="rises")
    measure = models.CharField(max_length=6, choices=Measure)
    reach = models.PositiveSmallIntegerField(choices=Sensitivity)
    """The least sensitivity that it was enough for, up to now."""
    began = models.DateTimeField()
    """The beginning of the hour in which it was found."""
    found = models.DateTimeField()
    seen = models.DateTimeField()
    """When it was last found to go on."""
    ended = models.DateTimeField(null=True)
    count = models.PositiveIntegerField()
    """Clicks within the hour, or shares that came of the latest shares."""
    usual = models.FloatField()
    """What was to be expected of it."""
    shares = models.PositiveIntegerField(null=True)
    """The latest shares, of which the count came; None where it is one of clicks."""
    course = models.JSONField(default=dict)
    """The hours up to ``seen`` (``analytics.alerts.course.Course``)."""

    class Meta:
        default_permissions = ()  # Those of reports decide.
        constraints = [
            models.UniqueConstraint(
                fields=["link"], condition=Q(ended=None), name="one_rise_of_a_link_at_once"
            )
        ]
        indexes = [models.Index(fields=["site", "-found"], name="rise_by_site")]

    def __str__(self) -> str:
        return f"{self.link_id} {self.began:%Y-%m-%d %H:%M}"


class AlertSubscription(models.Model):
    """That somebody wants to be told when links of a site, or one link, begin to travel.

    Where there is one for the link, it decides; also to say that this one is not wanted.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="alert_subscriptions"
    )
    site = models.ForeignKey(Site, models.CASCADE, null=True, related_name="+")
    link = models.ForeignKey(Link, models.CASCADE, null=True, related_name="+")
    sensitivity = models.PositiveSmallIntegerField(
        _("sensitivity"), choices=Sensitivity, default=Sensitivity.NORMAL
    )
    language = models.CharField(max_length=16)
    """That the user read the admin in when this was saved; so is the time zone."""
    time_zone = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()  # Everybody has their own.
        constraints = [
            models.CheckConstraint(
                condition=Q(site=None) ^ Q(link=None), name="alerts_for_a_site_or_a_link"
            ),
            models.UniqueConstraint(
                fields=["user", "site"], condition=Q(link=None), name="one_alert_per_user_and_site"
            ),
            models.UniqueConstraint(
                fields=["user", "link"], condition=Q(site=None), name="one_alert_per_user_and_link"
            ),
        ]

    def __str__(self) -> str:
        what: Any = self.link or self.site
        return f"{self.user}: {what}"


class AlertMail(Outgoing):
    """That somebody is to be told of a rise, once."""

    rise = models.ForeignKey(Rise, models.CASCADE, related_name="mails")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["rise", "user"], name="one_mail_per_rise_and_user")
        ]
        indexes = [
            models.Index(fields=["due"], name="alert_mail_due", condition=Q(due__isnull=False))
        ]

    def __str__(self) -> str:
        return f"Alert {self.pk}"


class AlertLook(models.Model):
    """When a site's links were last looked at."""

    site = models.OneToOneField(Site, models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.site_id} {self.at:%Y-%m-%d %H:%M:%S}"
