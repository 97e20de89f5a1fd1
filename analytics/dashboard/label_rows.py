"""The labelled shares of a link with their numbers, sorted by any of them, a page at a time.

A page takes four queries however many labels there are, and begins where the last one ended:
nothing is counted, and no page is reached by reading those before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import (
    DateTimeField,
    Expression,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Lower

from analytics.models import Outcome, Share
from analytics.reports.small import FEW
from shortener.labelled import LabelledShare
from shortener.models import Link

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for moments that there are none of, so that every row has its place in every order."""
COUNTS = ("previews", "clicks", "visits", "conversions")
MOMENTS = ("first_click", "last_click")
SORTS = ("label", "channel", "made", "children", *COUNTS, *MOMENTS)
NOTHING = (0,) * len(COUNTS) + (None,) * len(MOMENTS)
"""What is known of a share that no fact has told of."""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Which labelled shares are asked for, and in what order."""

    link: Link
    sort: str = "made"
    """One of ``SORTS``."""
    descending: bool = True
    after: int = 0
    """The share that the page before ended with; 0 for the first page."""
    search: str = ""
    archived: bool = False
    only: range | None = None
    """Ids of shares, where only some are asked for: those that were just made."""
    in_full: bool = False
    """Whether the asker may see raw rows, and so the times of single clicks."""


class LabelRow(NamedTuple):
    """A labelled share and what is known of it."""

    share: LabelledShare
    previews: int | None
    """None where the channel shows none, so that none says nothing."""
    clicks: int
    children: int
    """Shares that were passed on from it."""
    visits: int
    conversions: int
    first_click: datetime | None
    last_click: datetime | None


def label_rows(asked: Asked, size: int = PAGE) -> tuple[list[LabelRow], int]:
    """Return a page of rows, and the share it ends with; 0 where that is the last one."""
    shares = _sorted(asked)[: size + 1]
    found = list(shares)
    page = found[:size]
    last = page[-1].pk if len(found) > size else 0
    return _with_numbers(asked, page), last


def all_rows(asked: Asked, size: int = 1_000) -> Iterator[LabelRow]:
    """Yield every row that is asked for."""
    rows, last = label_rows(asked, size)
    yield from rows
    while last:
        rows, last = label_rows(replace(asked, after=last), size)
        yield from rows


def _sorted(asked: Asked) -> QuerySet[LabelledShare]:
    shares = LabelledShare.objects.filter(link=asked.link, archived=asked.archived)
    if asked.search:
        shares = shares.filter(label__icontains=asked.search)
    if asked.only is not None:
        shares = shares.filter(pk__range=(asked.only.start, asked.only.stop - 1))
    shares = shares.annotate(rank=_rank(asked))
    if asked.after:
        shares = _after(shares, asked)
    sign = "-" if asked.descending else ""
    return shares.order_by(f"{sign}rank", f"{sign}pk")


def _after(shares: QuerySet[Any], asked: Asked) -> QuerySet[Any]:
    """Return what follows the share that the page before ended with."""
    last = LabelledShare.objects.filter(pk=asked.after, link=asked.link)
    rank = last.annotate(rank=_rank(asked)).values_list("rank", flat=True).first()
    if rank is None:
        return shares
    beyond = "lt" if asked.descending else "gt"
    return shares.filter(
        Q(**{f"rank__{beyond}": rank}) | Q(rank=rank, **{f"pk__{beyond}": asked.after})
    )


def _rank(asked: Asked) -> Expression | F:
    """Return what the rows are sorted by."""
    if asked.sort == "label":
        return Lower("label")
    if asked.sort == "channel":
        return F("channel")
    if asked.sort == "children":
        outcomes = Outcome.objects.filter(share=OuterRef("pk"), link=OuterRef("link"))
        return Coalesce(Subquery(outcomes.values("children")), 0, output_field=IntegerField())
    shares = Share.objects.filter(pk=OuterRef("pk"), link=OuterRef("link"))
    if asked.sort in COUNTS:
        return Coalesce(Subquery(shares.values(asked.sort)), 0, output_field=IntegerField())
    if asked.sort in MOMENTS:
        # What is not shown must not show in the order either.
        seen = shares if asked.in_full else shares.filter(clicks__gte=FEW)
        never = Value(NEVER, output_field=DateTimeField())
        return Coalesce(Subquery(seen.values(asked.sort)), never, output_field=DateTimeField())
    return F("pk")


def _with_numbers(asked: Asked, labelled: Sequence[LabelledShare]) -> list[LabelRow]:
    # A code of another link with a share's number is somebody's invention.
    own = {"link": asked.link, "pk__in": [share.pk for share in labelled]}
    counted = Share.objects.filter(**own).values_list("pk", *COUNTS, *MOMENTS)
    numbers = {pk: values for pk, *values in counted}
    children = dict(Outcome.objects.filter(**own).values_list("pk", "children"))
    rows = []
    for share in labelled:
        share.link = asked.link
        previews, clicks, visits, conversions, *moments = numbers.get(share.pk, NOTHING)
        rows.append(
            LabelRow(
                share,
                previews if previews or share.way.previews else None,
                clicks,
                children.get(share.pk, 0),
                visits,
                conversions,
                *(moments if asked.in_full or clicks >= FEW else (None, None)),
            )
        )
    return rows
