"""Every hit of a period: the table that grows without end, so the one that is read fastest."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from analytics.classify import Kind
from analytics.exports.copying import copied_hits
from analytics.exports.tables import Table, day, moment
from analytics.models import Hit
from analytics.reports import rollups
from analytics.reports.question import Question
from shortener import codes
from shortener.channels import BY_NUMBER, DIRECT
from shortener.spreadsheets import Row

COLUMNS = (
    "time",
    "day",
    "link",
    "title",
    "share",
    "declared channel",
    "observed channel",
    "kind",
    "rule",
    "user agent",
    "referrer",
    "language",
    "country",
)
FIELDS = (
    "at",
    "pk",
    "day",
    "link_id",
    "link__title",
    "share_id",
    "channel",
    "observed",
    "kind",
    "rule",
    "agent__user_agent",
    "referrer",
    "language",
    "country",
)
COUNTED = ("clicks", "previews", "prefetches", "scanners", "bots")
KINDS = {kind.value: kind.label for kind in Kind}
CHANNELS = {number: channel.name for number, channel in BY_NUMBER.items()}
OBSERVED = CHANNELS | {DIRECT.number: ""}


def rows(question: Question) -> QuerySet[Hit]:
    # Only ``at`` is indexed. A day of a site begins up to 14 hours off that of UTC, and the
    # time zone may have been another one when the hit was stored.
    start = datetime.combine(question.start, time(), UTC) - timedelta(days=1)
    end = datetime.combine(question.end, time(), UTC) + timedelta(days=2)
    found = Hit.objects.filter(
        at__gte=start,
        at__lt=end,
        day__range=(question.start, question.end),
        link__site=question.site,
    )
    if question.is_narrow:
        found = found.filter(link__in=rollups.chosen(question))
    if question.channels:
        found = found.filter(channel__in=[channel.number for channel in question.channels])
    return found


def cells(row: tuple[Any, ...]) -> Row:
    (at, _, of_day, link, title, share, channel, observed, kind, rule, agent, *rest) = row
    return (
        moment(at),
        day(of_day),
        codes.encode(link),
        title,
        codes.encode(link, share) if share else "",
        CHANNELS[channel],
        OBSERVED[observed],
        KINDS[kind],
        rule,
        agent,
        *rest,
    )


def size(question: Question) -> int:
    """Return how many hits were counted; of those, rows past their time are gone."""
    total = sum((F(name) for name in COUNTED[1:]), start=F(COUNTED[0]))
    found = rollups.counts(question).aggregate(total=Sum(total))["total"]
    return int(found or 0)


HITS = Table(
    _("Hits"),
    _("Every request for a short link, and what it was taken for."),
    "analytics.view_hit",
    COLUMNS,
    rows,
    FIELDS,
    ("at", "pk"),
    cells,
    size,
    copied_hits,
)
