"""What is known of facts whose rows were erased because somebody asked."""

from __future__ import annotations

from django.db import models

from shortener.models import Link


class Erased(models.Model):
    """How many rows were erased before their time.

    Rollups and ledger still count what they stood for, so whatever compares these with the
    rows has to add them. Kept as long as the rows would have been.
    """

    pk = models.CompositePrimaryKey("committed", "day", "link_id", "channel", "counted_as")
    committed = models.DateField()
    """The UTC day on which their segments were committed; of conversions, that of their time."""
    day = models.DateField()
    """The day in the site's time zone."""
    link = models.ForeignKey(Link, models.DO_NOTHING, db_constraint=False, db_index=False)
    channel = models.PositiveSmallIntegerField()
    counted_as = models.CharField(max_length=12)
    """Of the rollups: clicks, previews, prefetches, scanners, bots, visits or conversions."""
    number = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "erased"

    def __str__(self) -> str:
        return f"{self.day} {self.link_id} {self.counted_as}"
