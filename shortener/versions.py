"""Numbering edits, so that the catalogs of all processes can follow them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction


class CatalogVersion(models.Model):
    """The number of the last edit of anything a redirect depends on: a single row.

    Every edit takes the next number inside its own transaction and so holds the row until
    it commits. Numbers therefore become visible in their order, and a process that has
    seen number n has missed no edit up to n.
    """

    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def take(cls) -> int:
        """Return the number of an edit; call it in the edit's transaction."""
        row = cls.hold()
        row.number += 1
        row.save(update_fields=["number"])
        return row.number

    @classmethod
    def hold(cls) -> CatalogVersion:
        """Let nobody else edit anything until this transaction ends.

        Whoever needs that takes this row first, and no other: then nobody waits in a circle.
        """
        row, _ = cls.objects.select_for_update().get_or_create(pk=1)
        return row


class VersionedQuerySet(models.QuerySet[Any]):
    """Numbers bulk edits as well, so that the catalogs of all processes see them."""

    def update(self, **values: Any) -> int:
        with transaction.atomic(using=self.db):
            return super().update(**values, version=CatalogVersion.take())

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        with transaction.atomic(using=self.db):
            version = CatalogVersion.take()
            for row in rows:
                row.version = version
            return super().bulk_create(rows, *args, **kwargs)


class Versioned(models.Model):
    """A row that the catalog holds in memory."""

    version = models.BigIntegerField(default=0, editable=False, db_index=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            self.version = CatalogVersion.take()
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "version"}
            super().save(*args, **kwargs)
