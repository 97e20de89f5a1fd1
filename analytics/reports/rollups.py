"""The rollups that a question is about: those of its links, or of its whole site.

The rollups of a site do not grow with its links, so what looks at no single link, campaign
or tag reads those.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import add
from typing import Any

from django.db import connection
from django.db.models import (
    BigIntegerField,
    F,
    Func,
    Model,
    QuerySet,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from analytics.models import (
    DailyAudience,
    DailyContent,
    DailyDelay,
    DailyForward,
    DailyOutcome,
    DailySite,
    DailySiteAudience,
    DailySiteDelay,
    DailySiteOutcome,
)
from analytics.reports.question import Question
from shortener.models import Link

Rows = QuerySet[Any, Any]
Sums = tuple[int, ...]


def counts(question: Question) -> Rows:
    """Return what happened on the question's days."""
    return _choose(question, DailyContent, DailySite)


def outcomes(question: Question) -> Rows:
    """Return what became of the shares that started on the question's days."""
    return _choose(question, DailyOutcome, DailySiteOutcome)


def delays(question: Question) -> Rows:
    return _choose(question, DailyDelay, DailySiteDelay)


def audience(question: Question, dimension: int) -> Rows:
    return _choose(question, DailyAudience, DailySiteAudience).filter(dimension=dimension)


def forwards(question: Question) -> Rows:
    return of_links(question, DailyForward).filter(link__site=question.site)


def of_links(question: Question, model: type[Model]) -> Rows:
    """Return the rollup's rows by link. Those of other sites are among them if the question
    is about all links: whoever adds them up sorts them out, which costs less."""
    rows = _within(question, model)
    return rows.filter(link__in=chosen(question)) if question.is_narrow else rows


def add_up(rows: Rows, by: Sequence[str], names: Iterable[str]) -> list[tuple[Any, ...]]:
    """Return for each combination of ``by`` the sums of the columns, as tuples."""
    return list(rows.order_by().values_list(*by).annotate(**sums(names)))


def added(sums: Iterable[int] | None, more: Iterable[int]) -> Sums:
    """Return sums with more of the same added to each."""
    more = tuple(more)
    if sums is None or not more:
        return more or tuple(sums or ())
    return tuple(map(add, sums, more))


def sums(names: Iterable[str]) -> dict[str, Cast]:
    # PostgreSQL adds up to numeric, which takes longer to read than all the rest.
    return {f"sum_{name}": Cast(Sum(name), BigIntegerField()) for name in names}


def chosen(question: Question) -> Rows:
    """Return the links that a question names, and those merged into them."""
    wholes = Link.objects.filter(site=question.site, merged_into=None)
    if question.campaign:
        wholes = wholes.filter(campaign__slug=question.campaign)
    if question.links:
        wholes = wholes.filter(pk__in=question.links)
    for number, (name, value) in enumerate(question.tags):
        wholes = wholes.alias(**{f"tag_{number}": _tag(question, name)})
        wholes = wholes.filter(**{f"tag_{number}": value})
    parts = Link.objects.alias(whole=Coalesce("merged_into", "pk"))
    return parts.filter(site=question.site, whole__in=wholes.values("pk")).values("pk")


def _tag(question: Question, name: str) -> Func:
    """Return what a link's tag says: its own, else its campaign's, else its site's."""
    text = Coalesce(
        _entry("tags", name), _entry("campaign__tags", name), Value(question.site.tags.get(name))
    )
    campaign = Coalesce("campaign__slug", Value("{campaign}"))
    return Func(text, Value("{campaign}"), campaign, function="REPLACE", output_field=TextField())


def _entry(field: str, name: str) -> Func:
    """Return the text of a JSON object's entry. Django would take a name of digits for a
    place in a list."""
    entry, path = ("jsonb_extract_path_text", name)
    if connection.vendor != "postgresql":
        entry, path = "json_extract", f'$."{name}"'
    return Func(F(field), Value(path), function=entry, output_field=TextField())


def _choose(question: Question, links: type[Model], site: type[Model]) -> Rows:
    if question.is_narrow:
        return of_links(question, links)
    return _within(question, site).filter(site=question.site)


def _within(question: Question, model: type[Model]) -> Rows:
    rows = model._default_manager.filter(day__range=(question.start, question.end))
    if question.channels:
        rows = rows.filter(channel__in=[channel.number for channel in question.channels])
    return rows
