"""Files that workers make."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


def new_token() -> str:
    return secrets.token_hex(8)


class Export(models.Model):
    """A file that somebody asked for, and how far it has been written."""

    class State(models.TextChoices):
        WAITING = "waiting", _("is being made")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports")
    name = models.CharField(max_length=20)
    """Of the table or the report."""
    params = models.JSONField()
    """The question, and the dialect: what an address would ask."""
    filename = models.CharField(max_length=200)
    token = models.CharField(max_length=16, default=new_token)
    """Part of the stored file's name, so that nobody guesses it."""
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    created = models.DateTimeField(db_default=Now())
    due = models.DateTimeField(null=True)
    """When a worker may take it up. Whoever does puts this off first, so that nobody else does
    meanwhile. None once it is over."""
    expected = models.BigIntegerField()
    """About how many rows there will be."""
    rows = models.BigIntegerField(db_default=0)
    size = models.BigIntegerField(db_default=0)
    """Bytes written so far."""
    key = models.JSONField(null=True)
    """Of the last row written (``analytics.exports.parts.Key``)."""
    finished = models.DateTimeField(null=True)
    expires = models.DateTimeField(null=True)
    """When the file is deleted."""
    problem = models.CharField(max_length=200, default="")

    class Meta:
        default_permissions = ()  # Everybody has their own.
        indexes = [
            models.Index(fields=["user", "-created"], name="export_by_user"),
            models.Index(fields=["due"], name="export_due", condition=Q(due__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.filename
