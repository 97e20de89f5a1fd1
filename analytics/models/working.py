"""What counting remembers for a while, so that it stays exact."""

from __future__ import annotations

from django.db import models

from analytics.models.facts import Batch


class Pace(models.Model):
    """How many presses a visitor, or a site, made within a slot of ten seconds.

    Only while the slot's facts arrive, like the daily visitors.
    """

    class Scope(models.IntegerChoices):
        VISITOR = 1
        SITE = 2

    pk = models.CompositePrimaryKey("slot", "scope", "number")
    slot = models.BigIntegerField()
    """Slots since 1970."""
    scope = models.PositiveSmallIntegerField(choices=Scope)
    number = models.BigIntegerField()
    """The visitor's hash, which tells the link and the day as well, or the site's id."""
    presses = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.slot} {self.get_scope_display()} {self.number}"


class DailyVisitor(models.Model):
    """That a visitor opened a link on a day, and through which channels.

    Only while the day's facts arrive: it keeps the rollups' visitor counts exact, and is
    deleted once no more are expected.
    """

    pk = models.CompositePrimaryKey("link_id", "day", "visitor")
    link_id = models.BigIntegerField()
    day = models.DateField()
    visitor = models.BigIntegerField()
    channels = models.BigIntegerField()
    """One bit per channel number."""
    before = models.BigIntegerField(default=0)
    """``channels`` before the last change, so that an upsert can return what it added."""

    def __str__(self) -> str:
        return f"{self.day} {self.link_id}"


class Unsettled(models.Model):
    """A committed segment whose shares are still to be settled, its clicks to be told apart
    by audience, and its place in the ledger to be added to the day's."""

    batch = models.OneToOneField(
        Batch, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="unsettled"
    )
    shares = models.TextField()
    """The ids of the shares that its facts touched, between spaces."""

    class Meta:
        verbose_name_plural = "unsettled segments"

    def __str__(self) -> str:
        return str(self.batch_id)
