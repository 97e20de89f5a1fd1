"""Leafing through lists that are too long to be counted."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST = 10_000
"""As far as anybody leafs; whoever looks for what lies behind searches for it."""


class BoundedPaginator(Paginator):
    """Counts the rows of a list, but only so far as it leads through them."""

    @cached_property
    def _found(self) -> int:
        # The slice becomes a subquery, so the database stops counting there.
        rows: Any = self.object_list
        found: int = rows.order_by()[: MOST + 1].count()
        return found

    @cached_property
    def count(self) -> int:
        return min(self._found, MOST)

    @property
    def is_cut(self) -> bool:
        """Whether there are rows behind the last page."""
        return self._found > MOST
