"""Visits with a share's code, and conversions, of a period."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import Model, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from analytics.exports.tables import Table, day, moment
from analytics.models import Conversion, Visit
from analytics.reports import rollups
from analytics.reports.question import Question
from shortener import codes
from shortener.channels import BY_NUMBER
from shortener.spreadsheets import Row

VISIT_COLUMNS = (
    *("time", "day", "link", "title", "share", "channel", "navigation", "referrer", "language"),
    *("country", "user agent", "automated"),
)
VISIT_FIELDS = (
    *("at", "pk", "day", "link_id", "link__title", "share_id", "navigation", "referrer"),
    *("language", "country", "agent__user_agent", "automated"),
)
CONVERSION_COLUMNS = (
    *("time", "day", "link", "title", "share", "channel", "name", "value", "currency", "visit"),
    "reported by the backend",
)
CONVERSION_FIELDS = (
    *("at", "pk", "day", "link_id", "link__title", "share_id", "name", "value", "currency"),
    *("visit", "server"),
)


def within(question: Question, model: type[Model]) -> QuerySet[Any]:
    """Return the rows of a model that a question is about."""
    # Only ``at`` is indexed; days are those of the site's time zone.
    start = datetime.combine(question.start, time(), UTC) - timedelta(days=1)
    found = model._default_manager.filter(
        at__gte=start,
        at__lt=start + timedelta(days=question.days + 2),
        day__range=(question.start, question.end),
        link__site=question.site,
    )
    return found.filter(link__in=rollups.chosen(question)) if question.is_narrow else found


def visits(question: Question) -> QuerySet[Visit]:
    return within(question, Visit)


def conversions(question: Question) -> QuerySet[Conversion]:
    return within(question, Conversion)


def visit_cells(row: tuple[Any, ...]) -> Row:
    at, _, of_day, link, title, share, *texts, automated = row
    navigation, *others = texts
    about = _about(at, of_day, link, title, share)
    return (*about, navigation, *others, "yes" if automated else "no")


def conversion_cells(row: tuple[Any, ...]) -> Row:
    at, _, of_day, link, title, share, name, value, currency, visit, server = row
    return (
        *_about(at, of_day, link, title, share),
        name,
        "" if value is None else float(value),
        currency,
        visit,
        "yes" if server else "no",
    )


def _about(at: Any, of_day: Any, link: int, title: str, share: int | None) -> Row:
    channel = BY_NUMBER[codes.channel_number(share)].name if share else ""
    code = codes.encode(link, share) if share else ""
    return moment(at), day(of_day), codes.encode(link), title, code, channel


def visits_size(question: Question) -> int:
    return _size(question, "visits")


def conversions_size(question: Question) -> int:
    return _size(question, "conversions")


def _size(question: Question, name: str) -> int:
    return int(rollups.counts(question).aggregate(total=Sum(name))["total"] or 0)


VISITS = Table(
    _("Visits"),
    _("Every visit to a page by a share's code."),
    "analytics.view_visit",
    VISIT_COLUMNS,
    visits,
    VISIT_FIELDS,
    ("at", "pk"),
    visit_cells,
    visits_size,
)
CONVERSIONS = Table(
    _("Conversions"),
    _("What visits led to."),
    "analytics.view_conversion",
    CONVERSION_COLUMNS,
    conversions,
    CONVERSION_FIELDS,
    ("at", "pk"),
    conversion_cells,
    conversions_size,
)
