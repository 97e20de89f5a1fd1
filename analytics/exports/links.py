"""All links of a site, as they are set now."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analytics.exports.tables import Table, moment
from analytics.reports import rollups
from analytics.reports.question import Question
from shortener import codes
from shortener.models import Link, Site
from shortener.spreadsheets import Row

COLUMNS = (
    "link",
    "short link",
    "title",
    "destination",
    "slug",
    "campaign",
    "tags",
    "active",
    "expires",
    "fallback address",
    "made by itself",
    "merged into",
    "created",
)
FIELDS = (
    "pk",
    "site__domain",
    "title",
    "destination",
    "slug",
    "campaign__slug",
    "tags",
    "active",
    "expires",
    "fallback_url",
    "registered",
    "merged_into",
    "created",
)


def rows(question: Question) -> QuerySet[Link]:
    """Return the links that a question is about, whatever its period."""
    found = Link.objects.all()
    if question.is_narrow:
        return found.filter(pk__in=rollups.chosen(question))
    return found.filter(site=question.site)


def cells(row: tuple[Any, ...]) -> Row:
    pk, domain, title, destination, slug, campaign, tags, active, expires, *others = row
    fallback, registered, merged, created = others
    link = Link(pk=pk, slug=slug, site=Site(domain=domain))
    return (
        link.code,
        link.short_url,
        title,
        destination,
        slug or "",
        campaign or "",
        "\n".join(f"{name}={value}" for name, value in tags.items()),
        "yes" if active else "no",
        moment(expires),
        fallback,
        "yes" if registered else "no",
        codes.encode(merged) if merged else "",
        moment(created),
    )


def size(question: Question) -> int:
    return rows(question).count()


LINKS = Table(
    _("Links"),
    _("All links of the site as they are now, whatever the period."),
    "shortener.view_link",
    COLUMNS,
    rows,
    FIELDS,
    ("pk",),
    cells,
    size,
)
