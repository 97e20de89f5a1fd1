"""What is to be sent, once, and again after a failure."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Outgoing(models.Model):
    """Something that is to be sent once (``analytics.outbox``)."""

    created = models.DateTimeField(db_default=Now())
    due = models.DateTimeField(null=True)
    """When to send it, or to try again: whoever sends it puts this off first, so that nobody
    else does meanwhile. None once it is done with."""
    tries = models.PositiveSmallIntegerField(default=0)
    sent = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, default="")
    """Why it was not sent the last time, or not at all."""

    class Meta:
        abstract = True
