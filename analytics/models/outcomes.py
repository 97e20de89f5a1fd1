"""What shares came to, one by one and as cascades."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from analytics.models.facts import Share
from shortener import codes
from shortener.models import Link


class Outcome(models.Model):
    """What a share came to when it was last settled, and so what it has added to the rollups
    of outcomes. Rows exist for shares that people made or used."""

    share = models.OneToOneField(
        Share, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="outcome"
    )
    link = models.ForeignKey(Link, models.DO_NOTHING, db_constraint=False, db_index=False)
    channel = models.PositiveSmallIntegerField()
    start = models.DateTimeField()
    """When it was pressed; where no press was told of, its first fact."""
    day = models.DateField()
    """The day of ``start`` in the site's time zone."""
    placement = models.CharField(max_length=40)
    observed = models.PositiveSmallIntegerField()
    seen = models.BigIntegerField()
    pressed = models.BooleanField()
    pasted = models.PositiveIntegerField(null=True)
    """Seconds from the start to the first preview."""
    opened = models.PositiveIntegerField(null=True)
    """Seconds from the start to the first click."""
    clicks = models.PositiveIntegerField()
    visits = models.PositiveIntegerField()
    conversions = models.PositiveIntegerField()
    parent = models.BigIntegerField(null=True)
    """The share it was passed on from, where that is known and not impossible."""
    root = models.BigIntegerField()
    """The first share of its cascade; itself, where it has no parent."""
    generation = models.PositiveSmallIntegerField()
    """0 for the first share of a cascade."""
    children = models.PositiveIntegerField()
    """Shares that were passed on from it."""
    prompt_children = models.PositiveIntegerField()
    """Of these, the ones within the window of the K-factor."""

    class Meta:
        indexes = [
            models.Index(
                fields=["parent"], name="outcome_by_parent", condition=Q(parent__isnull=False)
            ),
            # Of a cascade of one there is nothing to be found.
            models.Index(fields=["root"], name="outcome_by_root", condition=Q(generation__gt=0)),
            models.Index(fields=["link", "day"], name="outcome_by_link"),
        ]

    def __str__(self) -> str:
        return codes.encode(self.link_id, self.share_id)


class Cascade(models.Model):
    """A tree of two shares or more, under its first share.

    By the day on which that started, so that a question for a period finds it.
    """

    root = models.BigIntegerField(primary_key=True)
    link = models.ForeignKey(Link, models.DO_NOTHING, db_constraint=False, db_index=False)
    channel = models.PositiveSmallIntegerField()
    day = models.DateField()
    size = models.PositiveIntegerField()
    depth = models.PositiveIntegerField()
    """The highest generation."""
    breadth = models.PositiveIntegerField()
    """Shares of the largest generation."""
    distances = models.BigIntegerField()
    """The Wiener index: the sum of the distances between all pairs of shares."""
    clicks = models.BigIntegerField()
    """On all of its shares."""

    class Meta:
        indexes = [models.Index(fields=["link", "day"], name="cascade_by_link")]

    def __str__(self) -> str:
        return codes.encode(self.link_id, self.root)
