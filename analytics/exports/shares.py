"""Every share of a period, with what it came to."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from analytics.exports.tables import Table, moment
from analytics.models import Share
from analytics.reports import rollups
from analytics.reports.question import Question
from analytics.reports.shapes import NOT_OBSERVABLE
from shortener import codes
from shortener.channels import BY_NUMBER
from shortener.spreadsheets import Row

COLUMNS = (
    "share",
    "link",
    "title",
    "declared channel",
    "observed channel",
    "evidence",
    "placement",
    "first seen",
    "pressed",
    "flag",
    "parent",
    "generation",
    "passed on",
    "previews",
    "first preview",
    "clicks",
    "first click",
    "last click",
    "visits",
    "conversions",
)
FIELDS = (
    "pk",
    "link_id",
    "link__title",
    "channel",
    "observed",
    "evidence",
    "placement",
    "created",
    "pressed",
    "flag",
    "outcome__parent",
    "parent_link",
    "outcome__generation",
    "outcome__children",
    "previews",
    "first_preview",
    "clicks",
    "first_click",
    "last_click",
    "visits",
    "conversions",
)


def rows(question: Question) -> QuerySet[Share]:
    """Return the shares whose first fact is of the period."""
    zone = ZoneInfo(question.site.time_zone)
    start = datetime.combine(question.start, time(), zone)
    end = datetime.combine(question.end + timedelta(1), time(), zone)
    parent = Share.objects.filter(pk=OuterRef("outcome__parent"))
    found = Share.objects.filter(link__site=question.site, created__gte=start, created__lt=end)
    if question.is_narrow:
        found = found.filter(link__in=rollups.chosen(question))
    if question.channels:
        found = found.filter(channel__in=[channel.number for channel in question.channels])
    return found.annotate(parent_link=Subquery(parent.values("link")[:1]))


def cells(row: tuple[Any, ...]) -> Row:
    (share, link, title, channel, observed, evidence, placement, created, pressed, flag) = row[:10]
    parent, parent_link, generation, children, previews, first_preview = row[10:16]
    clicks, first_click, last_click, visits, conversions = row[16:]
    declared = BY_NUMBER[channel]
    return (
        codes.encode(link, share),
        codes.encode(link),
        title,
        declared.name,
        BY_NUMBER[observed].name if observed else "",
        evidence,
        placement,
        moment(created),
        moment(pressed),
        flag,
        codes.encode(parent_link, parent) if parent and parent_link else "",
        "" if generation is None else generation,
        children or 0,
        previews if declared.previews or previews else NOT_OBSERVABLE,
        moment(first_preview),
        clicks,
        moment(first_click),
        moment(last_click),
        visits,
        conversions,
    )


def size(question: Question) -> int:
    """Return how many shares were settled."""
    return int(rollups.outcomes(question).aggregate(total=Sum("shares"))["total"] or 0)


SHARES = Table(
    _("Shares"),
    _("Every share of the period, what came of it, and which one it was passed on from."),
    "analytics.view_share",
    COLUMNS,
    rows,
    FIELDS,
    ("pk",),
    cells,
    size,
)
