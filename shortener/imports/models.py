"""Imports of links, and what becomes of each line of their files."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

KEPT_DAYS = 30
"""How long a file and its lines are kept; what was made of them stays."""


class State(models.TextChoices):
    """How far an import has come. A worker goes on with those that are ``WORKING``."""

    READING = "reading", _("is being read")
    READ = "read", _("waits for your word")
    MAKING = "making", _("is being made")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    UNDOING = "undoing", _("is being undone")
    UNDONE = "undone", _("undone")


WORKING = (State.READING, State.MAKING, State.UNDOING)


class Fate(models.TextChoices):
    """What becomes of a line."""

    READY = "ready", _("New")
    MADE = "made", _("Made")
    DUPLICATE = "duplicate", _("There already")
    ERROR = "error", _("Error")
    OFF = "off", _("Switched off")
    GONE = "gone", _("Taken back")


class Import(models.Model):
    """A file with links for a site, of our own kind or exported from another tool."""

    site = models.ForeignKey("shortener.Site", models.CASCADE, related_name="imports")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    language = models.CharField(max_length=10)
    """The sentences about lines are written in it."""
    name = models.CharField(max_length=200)
    file = models.FileField(upload_to="imports/", blank=True)
    tool = models.CharField(max_length=20, blank=True)
    columns = models.JSONField(default=dict)
    """The heading of each column that is read, by what it holds."""
    ignored = models.JSONField(default=list)
    """The headings of the columns that are not."""
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    position = models.PositiveIntegerField(default=0)
    """The last line that is done with, in this state; whoever goes on begins after it."""
    last = models.PositiveIntegerField()
    """The last line of the file."""
    counts = models.JSONField(default=dict)
    """How many lines have which fate."""
    created = models.DateTimeField(db_default=Now())
    changed = models.DateTimeField(auto_now=True)
    """When it came into its state, or last went on in it."""

    class Meta:
        default_permissions = ()  # Those of links decide.
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(state__in=WORKING), name="import_at_work"
            ),
            models.Index(fields=["site", "-id"], name="import_by_site"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_working(self) -> bool:
        return self.state in WORKING

    @property
    def percent(self) -> int:
        """How much of the file is done with, in this state."""
        return min(100, self.position * 100 // self.last)

    def count(self) -> None:
        """Count the lines anew."""
        rows = self.lines.order_by().values_list("fate").annotate(models.Count("pk"))
        self.counts = dict(rows)


class ImportLine(models.Model):
    """A line of a file: what it says, and what becomes of it."""

    source = models.ForeignKey(Import, models.CASCADE, db_index=False, related_name="lines")
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    """What the columns hold that are read, by field."""
    slug = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=16, blank=True)
    """Of the destination: what later lines are compared with."""
    fate = models.CharField(max_length=10, choices=Fate)
    note = models.CharField(max_length=1000, blank=True)
    link = models.ForeignKey("shortener.Link", models.SET_NULL, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="one_fate_per_line")
        ]
        indexes = [
            models.Index(fields=["source", "fate", "number"], name="line_by_fate"),
            models.Index(fields=["source", "slug"], name="line_by_slug"),
            models.Index(fields=["source", "digest"], name="line_by_destination"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.number}"
