"""``manage.py rebuild_rollups``: make the rollups of past days again from the kept rows."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.management.commands.reconcile import day, period, table
from analytics.rebuild import Difference, rebuild
from analytics.retention import first_local_day
from shortener.models import Site


class Command(BaseCommand):
    help = (
        "Compare the rollups of days with the rows that are kept, and put them right. "
        "Offers, cancels, visits without a code and daily visitors leave no rows: their "
        "numbers stand as they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from", type=day, dest="start", required=True, help="First day: 2026-11-01."
        )
        parser.add_argument("--to", type=day, dest="end", help="Last day; today if not given.")
        parser.add_argument("--site", default="", help="The site's key; all if not given.")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Change nothing; end with status 1 if anything differs.",
        )

    def handle(
        self, *, start: date, end: date | None, site: str, dry_run: bool, **options: Any
    ) -> None:
        today = timezone.now().date()
        start, end = period(today, None, start, end)
        if start < (first := first_local_day(today)):
            raise CommandError(
                f"Rows of {start} may have been deleted. All are kept from {first} on."
            )
        only = site_by_key(site) if site else None
        found = []
        for number in range((end - start).days + 1):
            found += rebuild(start + timedelta(days=number), only, dry_run=dry_run)
        for line in table(COLUMNS, rows(found)) if found else ():
            self.stdout.write(line)
        if found and dry_run:
            raise CommandError("The rollups are not what the rows add up to. Nothing was changed.")
        text = "The rollups were put right." if found else "The rollups are right."
        self.stdout.write(self.style.SUCCESS(text))


COLUMNS = ("day", "rollup", "column", "rows", "missing", "too much")


def rows(found: Iterable[Difference]) -> Iterator[Sequence[object]]:
    for difference in found:
        yield str(difference.day), *difference[1:]


def site_by_key(key: str) -> Site:
    try:
        return Site.objects.get(key=key)
    except Site.DoesNotExist:
        raise CommandError(f"There is no site {key!r}.") from None
