"""Serials for shares: minting one takes no database, only a number from this process's block."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import models, transaction

BLOCK = 1_000


class SerialCounter(models.Model):
    """The next serial that no process has taken yet: a single row.

    It starts at 1000, so that no share's code is short enough to be padded.
    """

    next = models.BigIntegerField(default=1000)

    def __str__(self) -> str:
        return str(self.next)

    @classmethod
    def reserve(cls, size: int) -> range:
        """Return ``size`` serials that nobody else will ever get."""
        with transaction.atomic():
            row, _ = cls.objects.select_for_update().get_or_create(pk=1)
            first = row.next
            row.next += size
            row.save(update_fields=["next"])
        return range(first, first + size)


class Serials:
    """Hands out serials, each once, from blocks that ``reserve`` takes from the counter row."""

    def __init__(self, reserve: Callable[[int], range]) -> None:
        self._reserve = reserve
        self._lock = threading.Lock()
        self._block = iter(range(0))
        self._left = 0
        self._spare: range | None = None
        self._used = 0

    def take(self) -> int:
        """Return the next serial. Asks the database only where ``refill`` came too late."""
        with self._lock:
            if not self._left:
                block = self._spare or self._reserve(BLOCK)
                self._spare = None
                self._block, self._left = iter(block), len(block)
            self._left -= 1
            self._used += 1
            return next(self._block)

    def refill(self) -> None:
        """Have a spare block ready, large enough for twice what the last interval used."""
        used, self._used = self._used, 0
        if self._spare is None:
            self._spare = self._reserve(max(BLOCK, 2 * used))
