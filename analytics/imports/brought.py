"""What other tools had counted, beside what is counted here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count, Sum

from analytics.models import BroughtAlong
from analytics.reports.question import Question
from shortener.models import Link

SHOWN = 10


class Tool(NamedTuple):
    """What a tool had counted of a site's links."""

    name: str
    links: int
    clicks: int


class Brought(NamedTuple):
    tools: Sequence[Tool]
    top: Sequence[BroughtAlong]
    """The links of which most was brought along."""


def of_link(link: Link) -> list[BroughtAlong]:
    """Return what each tool had counted of a link."""
    return list(BroughtAlong.objects.filter(link=link).order_by("tool"))


def of_site(question: Question) -> Brought | None:
    """Return what was brought along to a site; None where only a part of it is asked for."""
    if question.campaign or question.links or question.tags or question.channels:
        return None
    rows = BroughtAlong.objects.filter(site=question.site)
    top = list(rows.select_related("link").order_by("-clicks", "pk")[:SHOWN])
    if not top:
        return None
    sums = rows.values_list("tool").annotate(Count("pk"), Sum("clicks")).order_by("tool")
    return Brought([Tool(*row) for row in sums], top)
