"""What reports read: sums by day of the site's time zone, kept for good."""

from __future__ import annotations

from django.db import models

from shortener.models import Link, Site


class Counts(models.Model):
    """What is counted on the day on which it happened."""

    offers = models.BigIntegerField(db_default=0)
    presses = models.BigIntegerField(db_default=0)
    previews = models.BigIntegerField(db_default=0)
    clicks = models.BigIntegerField(db_default=0)
    prefetches = models.BigIntegerField(db_default=0)
    scanners = models.BigIntegerField(db_default=0)
    bots = models.BigIntegerField(db_default=0)
    cancels = models.BigIntegerField(db_default=0)
    visits = models.BigIntegerField(db_default=0)
    dark_visits = models.BigIntegerField(db_default=0)
    """Of the visits, those that nothing tells the origin of: no code, no referrer, and not
    the site's front page."""
    conversions = models.BigIntegerField(db_default=0)
    visitors = models.BigIntegerField(db_default=0)
    """Daily uniques of this channel."""
    new_visitors = models.BigIntegerField(db_default=0)
    """Visitors that no other channel of the link had counted that day: these add up over
    channels to the link's daily uniques."""

    class Meta:
        abstract = True


class DailyLedger(models.Model):
    """The ledger's batches that were committed on a UTC day, added up."""

    day = models.DateField(primary_key=True)
    received = models.BigIntegerField(db_default=0)
    clicks = models.BigIntegerField(db_default=0)
    previews = models.BigIntegerField(db_default=0)
    prefetches = models.BigIntegerField(db_default=0)
    scanners = models.BigIntegerField(db_default=0)
    bots = models.BigIntegerField(db_default=0)
    presses = models.BigIntegerField(db_default=0)
    offers = models.BigIntegerField(db_default=0)
    visits = models.BigIntegerField(db_default=0)
    conversions = models.BigIntegerField(db_default=0)
    cancels = models.BigIntegerField(db_default=0)
    flagged = models.BigIntegerField(db_default=0)
    ignored = models.BigIntegerField(db_default=0)
    quarantined = models.BigIntegerField(db_default=0)

    def __str__(self) -> str:
        return str(self.day)


class DailyContent(Counts):
    """The rollup of what happened: one link, one channel, one day of the site's time zone."""

    pk = models.CompositePrimaryKey("day", "link_id", "channel")
    day = models.DateField()
    link = models.ForeignKey(
        Link, models.DO_NOTHING, db_constraint=False, related_name="daily_content"
    )
    channel = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.link_id} {self.channel}"


class DailySite(Counts):
    """The same for all links of a site together, for reports that look at no single link."""

    pk = models.CompositePrimaryKey("site_id", "day", "channel")
    site = models.ForeignKey(Site, models.DO_NOTHING, db_constraint=False, db_index=False)
    day = models.DateField()
    channel = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.day} site {self.site_id} {self.channel}"


class Outcomes(models.Model):
    """What became of shares, by the day on which they started."""

    day = models.DateField()
    channel = models.PositiveSmallIntegerField()
    """Declared: the button."""
    observed = models.PositiveSmallIntegerField()
    placement = models.CharField(max_length=40)
    generation = models.PositiveSmallIntegerField()
    """``MAX_GENERATION`` stands for all beyond as well."""
    shares = models.BigIntegerField(db_default=0)
    pressed = models.BigIntegerField(db_default=0)
    pasted = models.BigIntegerField(db_default=0)
    opened = models.BigIntegerField(db_default=0)
    passed_on = models.BigIntegerField(db_default=0)
    converted = models.BigIntegerField(db_default=0)
    clicks = models.BigIntegerField(db_default=0)
    visits = models.BigIntegerField(db_default=0)
    conversions = models.BigIntegerField(db_default=0)
    children = models.BigIntegerField(db_default=0)
    prompt_children = models.BigIntegerField(db_default=0)
    prompt_children_squared = models.BigIntegerField(db_default=0)
    """The sum of the squares: with it, the variance behind the interval of K."""

    class Meta:
        abstract = True


class DailyOutcome(Outcomes):
    """The rollup of outcomes of one link."""

    pk = models.CompositePrimaryKey(
        "day", "link_id", "channel", "observed", "placement", "generation"
    )
    link = models.ForeignKey(
        Link, models.DO_NOTHING, db_constraint=False, related_name="daily_outcomes"
    )

    def __str__(self) -> str:
        return f"{self.day} {self.link_id} {self.channel}"


class DailySiteOutcome(Outcomes):
    """The rollup of outcomes of all links of a site together."""

    pk = models.CompositePrimaryKey(
        "site_id", "day", "channel", "observed", "placement", "generation"
    )
    site = models.ForeignKey(Site, models.DO_NOTHING, db_constraint=False, db_index=False)

    def __str__(self) -> str:
        return f"{self.day} site {self.site_id} {self.channel}"


class Delays(models.Model):
    """How long things took, by the day on which the share started.

    Bucket n holds what took from 2**((n - 1) / 2) up to 2**(n / 2) seconds; bucket 0, less
    than one second.
    """

    class Measure(models.IntegerChoices):
        PASTE = 1, "from the press to the first preview"
        OPEN = 2, "from the start to the first click"
        CLICK = 3, "from the start to every click"

    day = models.DateField()
    channel = models.PositiveSmallIntegerField()
    measure = models.PositiveSmallIntegerField(choices=Measure)
    bucket = models.PositiveSmallIntegerField()
    number = models.BigIntegerField(db_default=0)

    class Meta:
        abstract = True


class DailyDelay(Delays):
    pk = models.CompositePrimaryKey("link_id", "day", "channel", "measure", "bucket")
    link = models.ForeignKey(Link, models.DO_NOTHING, db_constraint=False, db_index=False)

    def __str__(self) -> str:
        return f"{self.day} {self.link_id} {self.get_measure_display()}"


class DailySiteDelay(Delays):
    pk = models.CompositePrimaryKey("site_id", "day", "channel", "measure", "bucket")
    site = models.ForeignKey(Site, models.DO_NOTHING, db_constraint=False, db_index=False)

    def __str__(self) -> str:
        return f"{self.day} site {self.site_id} {self.get_measure_display()}"


class DailyForward(models.Model):
    """Shares that evidence saw in another app than their own, by the day they started."""

    pk = models.CompositePrimaryKey("day", "link_id", "channel", "seen_in")
    day = models.DateField()
    link = models.ForeignKey(
        Link, models.DO_NOTHING, db_constraint=False, related_name="daily_forwards"
    )
    channel = models.PositiveSmallIntegerField()
    """The declared channel; where that is copy, native, addressbar or qr, the observed one."""
    seen_in = models.PositiveSmallIntegerField()
    shares = models.BigIntegerField(db_default=0)

    def __str__(self) -> str:
        return f"{self.day} {self.link_id} {self.channel} > {self.seen_in}"


class Audience(models.Model):
    """Clicks by what is known of who clicked, by the day on which they did.

    An empty value has no row: it is the rest of the clicks.
    """

    class Dimension(models.IntegerChoices):
        COUNTRY = 1
        DEVICE = 2
        SYSTEM = 3
        BROWSER = 4
        LANGUAGE = 5
        REFERRER = 6
        HOUR = 7, "hour of the week"

    dimension = models.PositiveSmallIntegerField(choices=Dimension)
    day = models.DateField()
    channel = models.PositiveSmallIntegerField()
    value = models.CharField(max_length=64)
    clicks = models.BigIntegerField(db_default=0)

    class Meta:
        abstract = True


class DailyAudience(Audience):
    pk = models.CompositePrimaryKey("link_id", "dimension", "day", "channel", "value")
    link = models.ForeignKey(Link, models.DO_NOTHING, db_constraint=False, db_index=False)

    def __str__(self) -> str:
        return f"{self.day} {self.link_id} {self.value}"


class DailySiteAudience(Audience):
    pk = models.CompositePrimaryKey("site_id", "dimension", "day", "channel", "value")
    site = models.ForeignKey(Site, models.DO_NOTHING, db_constraint=False, db_index=False)

    def __str__(self) -> str:
        return f"{self.day} site {self.site_id} {self.value}"
