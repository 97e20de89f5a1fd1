"""What was understood of the facts: shares, hits, rollups, and the ledger that proves them.

None of the foreign keys are enforced by the database: facts arrive in any order and by the
hundred thousand, links are never deleted, and ingest checks what it is given.
"""

from __future__ import annotations

from django.db import models

from analytics.classify import Kind
from shortener import codes
from shortener.models import Link


class Batch(models.Model):
    """One journal segment, committed: the ledger entry that makes counting exactly-once."""

    id = models.BigAutoField(primary_key=True)
    writer = models.CharField(max_length=32)
    sequence = models.BigIntegerField()
    committed = models.DateTimeField(db_index=True)
    received = models.IntegerField()
    clicks = models.IntegerField(db_default=0)
    previews = models.IntegerField(db_default=0)
    prefetches = models.IntegerField(db_default=0)
    scanners = models.IntegerField(db_default=0)
    bots = models.IntegerField(db_default=0)
    presses = models.IntegerField(db_default=0)
    offers = models.IntegerField(db_default=0)
    visits = models.IntegerField(db_default=0)
    ignored = models.IntegerField(db_default=0)
    quarantined = models.IntegerField(db_default=0)

    class Meta:
        verbose_name_plural = "batches"
        constraints = [
            models.UniqueConstraint(fields=["writer", "sequence"], name="one_batch_per_segment")
        ]

    def __str__(self) -> str:
        return f"{self.writer}-{self.sequence}"


class Agent(models.Model):
    """A user agent with the request headers that classify, kept once each.

    ``digest`` is the SHA-256 of both; an index on the texts would be as large as the table.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    user_agent = models.CharField(max_length=512)
    signals = models.CharField(max_length=1024)

    def __str__(self) -> str:
        return self.user_agent or "(no user agent)"


class Share(models.Model):
    """One press, or the first fact that told of it.

    ``link`` and ``channel`` come from the code; the rest from the press, once it is known.
    """

    id = models.BigIntegerField(primary_key=True)
    link = models.ForeignKey(Link, models.DO_NOTHING, db_constraint=False, related_name="shares")
    channel = models.PositiveSmallIntegerField()
    created = models.DateTimeField()
    pressed = models.DateTimeField(null=True)
    parent = models.BigIntegerField(null=True)
    placement = models.CharField(max_length=40, default="")

    def __str__(self) -> str:
        return codes.encode(self.link_id, self.pk)


class Hit(models.Model):
    """One request for a short link, and what it was taken for."""

    batch = models.ForeignKey(
        Batch, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="hits"
    )
    at = models.DateTimeField(db_index=True)
    day = models.DateField()
    """The day in the site's time zone."""
    link = models.ForeignKey(Link, models.DO_NOTHING, db_constraint=False, db_index=False)
    share = models.ForeignKey(
        Share, models.DO_NOTHING, null=True, db_constraint=False, db_index=False
    )
    channel = models.PositiveSmallIntegerField()
    """Declared: the button that was pressed."""
    observed = models.PositiveSmallIntegerField()
    """What the request itself reveals; 0 where it reveals nothing."""
    kind = models.PositiveSmallIntegerField(choices=[(kind.value, kind.label) for kind in Kind])
    rule = models.CharField(max_length=40)
    agent = models.ForeignKey(Agent, models.DO_NOTHING, db_constraint=False, db_index=False)
    referrer = models.CharField(max_length=255)
    language = models.CharField(max_length=16)
    country = models.CharField(max_length=2)
    visitor = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.get_kind_display()}"


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


class DailyContent(models.Model):
    """The rollup behind the report: one link, one channel, one day of the site's time zone."""

    pk = models.CompositePrimaryKey("day", "link_id", "channel")
    day = models.DateField()
    link = models.ForeignKey(
        Link, models.DO_NOTHING, db_constraint=False, related_name="daily_content"
    )
    channel = models.PositiveSmallIntegerField()
    offers = models.BigIntegerField(default=0)
    presses = models.BigIntegerField(default=0)
    previews = models.BigIntegerField(default=0)
    clicks = models.BigIntegerField(default=0)
    prefetches = models.BigIntegerField(default=0)
    scanners = models.BigIntegerField(default=0)
    bots = models.BigIntegerField(default=0)
    visits = models.BigIntegerField(default=0)
    visitors = models.BigIntegerField(default=0)
    """Daily uniques of this channel."""
    new_visitors = models.BigIntegerField(default=0)
    """Visitors that no other channel of the link had counted that day: these add up over
    channels to the link's daily uniques."""

    def __str__(self) -> str:
        return f"{self.day} {self.link_id} {self.channel}"


class Quarantine(models.Model):
    """A journal line that could not be understood, kept with the reason."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="quarantine")
    line = models.TextField()
    reason = models.CharField(max_length=200)

    class Meta:
        verbose_name = "quarantined line"

    def __str__(self) -> str:
        return self.reason
