"""Lists of tables that are too large to be counted, or to be left through page by page.

A page is asked for by the key of the row above it, so the last one costs as much as the first.
How many rows there are is estimated.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from shortener.access import works_for_all

AFTER = "after"
"""The parameter with the key of the row above the page."""
SEPARATOR = "~"
COUNTED = 100_000


class Key(NamedTuple):
    """Where a row stands in a list whose latest rows come first."""

    at: datetime | None
    """None in lists that are ordered by their ids alone."""
    pk: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}{SEPARATOR}{self.pk}" if self.at else str(self.pk)

    @property
    def below(self) -> Q:
        """The rows that come after this one."""
        if self.at is None:
            return Q(pk__lt=self.pk)
        # The first condition alone is one that an index on the moment can answer.
        return Q(at__lte=self.at) & (Q(at__lt=self.at) | Q(pk__lt=self.pk))


def read_key(text: str) -> Key:
    """Read a key as it stands in an address. Raises ValueError."""
    moment, _, pk = text.rpartition(SEPARATOR)
    at = parse_datetime(moment) if moment else None
    if not pk.isdecimal() or len(pk) > 19 or bool(moment) != bool(at and at.tzinfo):
        raise ValueError(text)
    return Key(at, int(pk))


class KeysetList(ChangeList):
    """A list of the admin, the latest rows first, that goes on from a key."""

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        lookups = super().get_filters_params(params)
        lookups.pop(AFTER, None)
        return lookups

    def get_results(self, request: HttpRequest) -> None:
        rows: QuerySet[Any] = self.queryset
        if text := request.GET.get(AFTER):
            try:
                rows = rows.filter(read_key(text).below)
            except ValueError as error:
                raise IncorrectLookupParameters from error
        found = list(rows[: self.list_per_page + 1])
        self.result_list = found[: self.list_per_page]
        self.result_count = len(self.result_list)
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = Paginator(self.result_list, self.list_per_page)
        self.is_first = not text
        self.first_url = self.get_query_string(remove=[AFTER])
        self.next_url = ""
        if len(found) > self.list_per_page:
            last = self.result_list[-1]
            key = Key(getattr(last, "at", None), last.pk)
            self.next_url = self.get_query_string({AFTER: str(key)})
        # The table has rows of all sites.
        is_whole = works_for_all(request.user) and not self.params
        self.estimate = estimated_rows(self.model) if is_whole else None


def estimated_rows(model: type[Model]) -> int:
    """Return about how many rows a table has, without counting a large one.

    PostgreSQL keeps an estimate, which its own maintenance brings up to date. Where there is
    none, rows are counted up to ``COUNTED``.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass",
                [model._meta.db_table],
            )
            [rows] = cursor.fetchone()
        if rows >= 0:
            return int(rows)
    # The slice becomes a subquery, so the database stops counting there.
    return model._default_manager.order_by()[:COUNTED].count()
