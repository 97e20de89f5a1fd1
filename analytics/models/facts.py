"""What was understood of the facts: shares, hits, visits, conversions, and their ledger.

None of the foreign keys are enforced by the database: facts arrive in any order and by the
hundred thousand, links are never deleted, and ingest checks what it is given.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analytics.classify import Kind
from shortener import codes
from shortener.models import Link, Site

KINDS = [
    (Kind.CLICK.value, _("click")),
    (Kind.PREVIEW.value, _("preview")),
    (Kind.PREFETCH.value, _("prefetch")),
    (Kind.SCANNER.value, _("scanner")),
    (Kind.BOT.value, _("bot")),
]


class Batch(models.Model):
    """One journal segment, committed: the ledger entry that makes counting exactly-once."""

    id = models.BigAutoField(primary_key=True)
    writer = models.CharField(_("writer"), max_length=32)
    sequence = models.BigIntegerField(_("sequence"))
    committed = models.DateTimeField(_("committed"), db_index=True)
    received = models.IntegerField(_("received"))
    clicks = models.IntegerField(_("clicks"), db_default=0)
    previews = models.IntegerField(_("previews"), db_default=0)
    prefetches = models.IntegerField(_("prefetches"), db_default=0)
    scanners = models.IntegerField(_("scanners"), db_default=0)
    bots = models.IntegerField(_("bots"), db_default=0)
    presses = models.IntegerField(_("presses"), db_default=0)
    offers = models.IntegerField(_("offers"), db_default=0)
    visits = models.IntegerField(_("visits"), db_default=0)
    conversions = models.IntegerField(_("conversions"), db_default=0)
    cancels = models.IntegerField(_("cancels"), db_default=0)
    flagged = models.IntegerField(_("flagged"), db_default=0)
    ignored = models.IntegerField(_("ignored"), db_default=0)
    quarantined = models.IntegerField(_("quarantined"), db_default=0)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
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
    device = models.CharField(max_length=40, db_default="")
    """Families, as far as the user agent tells: "iPhone", "iOS", "Mobile Safari"."""
    system = models.CharField(max_length=40, db_default="")
    browser = models.CharField(max_length=40, db_default="")
    learnt = models.DateField()
    """The last UTC day on which a worker looked it up."""

    def __str__(self) -> str:
        return self.user_agent or gettext("(no user agent)")


class Share(models.Model):
    """One press, or the first fact that told of it, and all that facts have said of it so far.

    ``link`` and ``channel`` come from the code; ``pressed`` to ``flag`` from the press, once it
    is known. What follows is added up, or the earliest or best is kept, so that it does not
    depend on the order in which facts arrive. What it all means is worked out when the share is
    settled (``Outcome``).
    """

    class Flag(models.TextChoices):
        """Why a share is not counted among the presses."""

        FAST = "fast", _("faster than a person")
        FLOOD = "flood", _("far above the site's rate")
        AUTOMATED = "automated", _("only machines arrived")

    class Certainty(models.IntegerChoices):
        """What kind of evidence names a channel, the best first."""

        PREVIEW = 1, _("an app fetched a preview")
        IN_APP = 2, _("opened in an app's own browser")
        REFERRER = 3, _("opened from a page of the channel")
        NONE = 9, _("nothing")

    id = models.BigIntegerField(primary_key=True)
    link = models.ForeignKey(
        Link, models.DO_NOTHING, db_constraint=False, related_name="shares", verbose_name=_("link")
    )
    channel = models.PositiveSmallIntegerField(_("channel"))
    created = models.DateTimeField(_("created"))
    pressed = models.DateTimeField(_("pressed"), null=True)
    parent = models.BigIntegerField(_("parent"), null=True)
    placement = models.CharField(_("placement"), max_length=40, default="")
    flag = models.CharField(_("flag"), max_length=9, choices=Flag, default="")
    told = models.PositiveIntegerField(_("told"), db_default=0)
    """How many segments have told of a press."""
    previews = models.PositiveIntegerField(_("previews"), db_default=0)
    first_preview = models.DateTimeField(_("first preview"), null=True)
    clicks = models.PositiveIntegerField(_("clicks"), db_default=0)
    first_click = models.DateTimeField(_("first click"), null=True)
    last_click = models.DateTimeField(_("last click"), null=True)
    visits = models.PositiveIntegerField(_("visits"), db_default=0)
    conversions = models.PositiveIntegerField(_("conversions"), db_default=0)
    observed = models.PositiveSmallIntegerField(_("observed"), db_default=0)
    """The channel that the best evidence names; 0 where there is none."""
    evidence = models.CharField(_("evidence"), max_length=40, db_default="")
    """The rule that says so."""
    certainty = models.PositiveSmallIntegerField(_("certainty"), db_default=Certainty.NONE)
    observed_at = models.DateTimeField(_("observed at"), null=True)
    seen = models.BigIntegerField(_("seen"), db_default=0)
    """One bit for the number of every channel that any evidence has named."""

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        indexes = [
            # Most shares have no parent: a partial index costs them nothing.
            models.Index(
                fields=["parent", "id"], name="share_by_parent", condition=Q(parent__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return codes.encode(self.link_id, self.pk)


class Hit(models.Model):
    """One request for a short link, and what it was taken for."""

    batch = models.ForeignKey(
        Batch,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="hits",
        verbose_name=_("batch"),
    )
    at = models.DateTimeField(_("time"), db_index=True)
    day = models.DateField(_("day"))
    """The day in the site's time zone."""
    hour = models.PositiveSmallIntegerField(_("hour"), db_default=0)
    """The hour of the week in the site's time zone: 0 is Monday from midnight to one."""
    link = models.ForeignKey(
        Link, models.DO_NOTHING, db_constraint=False, db_index=False, verbose_name=_("link")
    )
    share = models.ForeignKey(
        Share,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        verbose_name=_("share"),
    )
    channel = models.PositiveSmallIntegerField(_("channel"))
    """Declared: the button that was pressed."""
    observed = models.PositiveSmallIntegerField(_("observed"))
    """What the request itself reveals; 0 where it reveals nothing."""
    kind = models.PositiveSmallIntegerField(_("kind"), choices=KINDS)
    rule = models.CharField(_("rule"), max_length=40)
    agent = models.ForeignKey(
        Agent, models.DO_NOTHING, db_constraint=False, db_index=False, verbose_name=_("user agent")
    )
    referrer = models.CharField(_("referrer"), max_length=255)
    language = models.CharField(_("language"), max_length=16)
    country = models.CharField(_("country"), max_length=2)
    visitor = models.BigIntegerField(_("visitor"), null=True)

    class Meta:
        verbose_name = _("hit")
        verbose_name_plural = _("hits")
        indexes = [
            models.Index(fields=["batch"], name="hit_by_batch"),
            models.Index(fields=["share"], name="hit_by_share", condition=Q(share__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.get_kind_display()}"


class Visit(models.Model):
    """Somebody landed on a page with a share's code in its address."""

    batch = models.ForeignKey(
        Batch,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="coded_visits",
        verbose_name=_("batch"),
    )
    at = models.DateTimeField(_("time"), db_index=True)
    day = models.DateField(_("day"))
    """The day in the site's time zone."""
    link = models.ForeignKey(
        Link, models.DO_NOTHING, db_constraint=False, db_index=False, verbose_name=_("link")
    )
    share = models.ForeignKey(
        Share, models.DO_NOTHING, db_constraint=False, db_index=False, verbose_name=_("share")
    )
    referrer = models.CharField(_("referrer"), max_length=255)
    navigation = models.CharField(_("navigation"), max_length=12)
    language = models.CharField(_("language"), max_length=16)
    country = models.CharField(_("country"), max_length=2)
    agent = models.ForeignKey(
        Agent, models.DO_NOTHING, db_constraint=False, db_index=False, verbose_name=_("user agent")
    )
    automated = models.BooleanField(_("automated"))

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.navigation}"


class Conversion(models.Model):
    """What a visit led to: once for each visit and name of a site."""

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(
        Site, models.DO_NOTHING, db_constraint=False, db_index=False, verbose_name=_("site")
    )
    visit = models.CharField(_("visit"), max_length=40)
    """What the page or the site's backend calls the visit."""
    name = models.CharField(_("name"), max_length=40)
    at = models.DateTimeField(_("time"), db_index=True)
    day = models.DateField(_("day"))
    link = models.ForeignKey(
        Link, models.DO_NOTHING, db_constraint=False, db_index=False, verbose_name=_("link")
    )
    share = models.ForeignKey(
        Share,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        verbose_name=_("share"),
    )
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(_("currency"), max_length=3)
    server = models.BooleanField(_("reported by the site's backend"))

    class Meta:
        verbose_name = _("conversion")
        verbose_name_plural = _("conversions")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "visit", "name"], name="one_conversion_per_visit"
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.name}"


class Quarantine(models.Model):
    """A journal line that could not be understood, kept with the reason."""

    batch = models.ForeignKey(
        Batch, models.CASCADE, related_name="quarantine", verbose_name=_("batch")
    )
    line = models.TextField(_("line"))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("quarantined line")
        verbose_name_plural = _("quarantined lines")

    def __str__(self) -> str:
        return self.reason
