"""Labelled shares: those that people of the brand make themselves, to send or to print.

A labelled share is a share like any other: its code tells link and channel, its row among the
counted shares appears with its first fact, and shares of visitors whom it brought are its
children. Nobody pressed a button for it, so no press is recorded. A redirect knows nothing of
labels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shortener import codes
from shortener.channels import BY_NUMBER, CHANNELS, NUMBERS, Channel
from shortener.serials import SerialCounter

if TYPE_CHECKING:
    from shortener.models import Link

MAX_LABEL = 100
MAX_AT_ONCE = 1_000

NO_LABELS = {
    "link": "It is no share.",
    "native": "It is a sheet on a visitor's phone.",
    "addressbar": "What travels is the page's own address.",
    "meta": "It is what a fetcher for several networks reveals.",
}
"""The channels through which nobody of the brand can share, and why."""
CHANNELS_TO_LABEL = tuple(channel for channel in CHANNELS if channel.name not in NO_LABELS)


class Wanted(NamedTuple):
    """A labelled share to be made."""

    channel: Channel
    label: str


class LabelledShare(models.Model):
    """The label of a share."""

    id = models.BigIntegerField(primary_key=True)
    """The share's own."""
    link = models.ForeignKey("shortener.Link", models.CASCADE, related_name="labelled_shares")
    channel = models.PositiveSmallIntegerField()
    label = models.CharField(_("label"), max_length=MAX_LABEL)
    archived = models.BooleanField(default=False)
    created = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        default_permissions = ()  # Those of links decide.
        constraints = [
            models.UniqueConstraint(
                fields=["link", "channel", "label"],
                name="one_share_per_label",
                violation_error_message=_(
                    "There is another share with this label for the same channel."
                ),
            )
        ]
        indexes = [models.Index(fields=["link", "id"], name="labelled_by_link")]

    def __str__(self) -> str:
        return self.label

    @property
    def way(self) -> Channel:
        """The channel it is for."""
        return BY_NUMBER[self.channel]

    @property
    def code(self) -> str:
        return codes.encode(self.link_id, self.pk)

    @property
    def short_url(self) -> str:
        return f"{self.link.site.short_base}{self.code}"

    @property
    def compose_url(self) -> str:
        """The address that opens the channel's app with the message written; empty without one."""
        if not self.way.compose:
            return ""
        return self.way.compose_url(text=self.link.title, url=self.short_url)


class Minted(NamedTuple):
    """What came of a wish for labelled shares, in its order."""

    shares: list[LabelledShare]
    new: list[LabelledShare]
    """Those of them that were not there before."""


@transaction.atomic
def mint(link: Link, wanted: Iterable[Wanted], by: int | None) -> Minted:
    """Make a labelled share for each channel and label that has none yet.

    What is there already stays as it is, and comes back from the archive. The numbers of their
    codes are taken in this transaction, so that a failure gives them back together.
    """
    keys = list(dict.fromkeys((channel.number, label) for channel, label in wanted))
    known = _find(link, keys)
    missing = [key for key in keys if key not in known]
    new = set()
    if missing:
        serials = SerialCounter.reserve(len(missing))
        rows = [
            LabelledShare(
                id=serial * NUMBERS + channel,
                link=link,
                channel=channel,
                label=label,
                created_by_id=by,
            )
            for serial, (channel, label) in zip(serials, missing, strict=True)
        ]
        # Somebody else may have made the same at this moment.
        LabelledShare.objects.bulk_create(rows, ignore_conflicts=True)
        new = {row.pk for row in rows}
    back = [share.pk for share in known.values() if share.archived]
    LabelledShare.objects.filter(pk__in=back).update(archived=False)
    found = _find(link, keys)
    shares = [found[key] for key in keys]
    return Minted(shares, [share for share in shares if share.pk in new])


def _find(link: Link, keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], LabelledShare]:
    rows = LabelledShare.objects.filter(link=link, label__in={label for _, label in keys})
    found = {(row.channel, row.label): row for row in rows}
    for row in found.values():
        row.link = link
    return {key: found[key] for key in keys if key in found}
