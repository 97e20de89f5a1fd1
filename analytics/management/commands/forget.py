"""``manage.py forget``: erase what is stored of one share, or of one visitor on one day."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from analytics import forgetting
from analytics.management.commands.reconcile import day
from shortener import codes
from shortener.backlog import backlog
from shortener.visitors import SALT_LIFETIME_DAYS

STAYS = "Sums stay, since they single out nobody."


class Command(BaseCommand):
    help = (
        "Erase what is stored of one share, or of one visitor on one day: at a person's request. "
        "What has been added up stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--share", metavar="CODE", help="The end of the share's short link.")
        what.add_argument(
            "--visitor-day",
            type=day,
            metavar="DAY",
            help="A UTC day, like 2026-11-01, with --address and --agent.",
        )
        parser.add_argument("--address", help="The IP address that the visitor had.")
        parser.add_argument("--agent", help="The user agent of the visitor's browser.")
        parser.add_argument("--link", metavar="CODE", help="This link only; all if not given.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be erased, and erase nothing."
        )

    def handle(
        self,
        *,
        share: str | None,
        visitor_day: date | None,
        address: str | None,
        agent: str | None,
        link: str | None,
        dry_run: bool,
        **options: Any,
    ) -> None:
        if share is not None:
            if address or agent or link:
                raise CommandError("Use --share by itself: the code says it all.")
            self._forget_share(share, dry_run=dry_run)
        elif visitor_day is not None:
            if address is None or agent is None:
                raise CommandError("--visitor-day needs --address and --agent.")
            number = numbers_of(link)[0] if link else None
            self._forget_visitor(visitor_day, address, agent, number, dry_run=dry_run)
        if waiting := backlog(settings.JOURNAL_DIR).segments:
            self.stdout.write(
                f"{number_of(waiting, 'segment')} in this machine's journal still to be counted: "
                "run this again later."
            )

    def _forget_share(self, code: str, *, dry_run: bool) -> None:
        link, share = numbers_of(code)
        if not share:
            raise CommandError(f"{code} is the code of a link, not of one of its shares.")
        if not dry_run:
            forgetting.settle_all()
        rows = forgetting.share_rows(link, share)
        children = forgetting.children(link, share).count()
        found = count(rows) if dry_run else erase(rows)
        if not dry_run:
            forgetting.cut_off(link, share)
        self.stdout.write(
            f"{opening(dry_run)} share {code}: {found}, its placement, its parent, and that of "
            f"{number_of(children, 'share')} passed on from it. {STAYS}"
        )

    def _forget_visitor(
        self, of: date, address: str, agent: str, link: int | None, *, dry_run: bool
    ) -> None:
        age = (datetime.now(UTC).date() - of).days
        if age < 0:
            raise CommandError(f"{of} has not begun yet.")
        try:
            hashes = forgetting.visitors(of, address, agent, link)
        except ValueError as error:
            raise CommandError(str(error)) from error
        if hashes is None:
            self.stdout.write(gone(of) if age >= SALT_LIFETIME_DAYS else nobody(of))
            return
        if not dry_run:
            forgetting.settle_all()
        rows = forgetting.visitor_rows(of, hashes)
        found = count(rows) if dry_run else erase(rows)
        if not dry_run:
            forgetting.forget_visitor(of, hashes)
        self.stdout.write(f"{opening(dry_run)} this visitor on {of} (UTC): {found}. {STAYS}")


def numbers_of(code: str) -> tuple[int, int]:
    """Return what a code stands for: the numbers of a link and of a share."""
    numbers = codes.decode(code)
    if numbers is None:
        raise CommandError(f"{code!r} is not a code of this installation.")
    return numbers


def opening(dry_run: bool) -> str:
    return "To be erased of" if dry_run else "Erased of"


def count(parts: Iterable[QuerySet]) -> str:
    """Say how many rows there are of each kind."""
    return _say((rows, rows.count()) for rows in parts)


def erase(parts: Iterable[QuerySet]) -> str:
    """Erase the rows, and say how many there were of each kind."""
    return _say((rows, forgetting.erase(rows)) for rows in parts)


def _say(found: Iterable[tuple[QuerySet, int]]) -> str:
    numbers: Counter[str] = Counter()
    for rows, number in found:
        numbers[str(rows.model._meta.verbose_name)] += number
    return ", ".join(number_of(number, name) for name, number in numbers.items()) or "0 hits"


def number_of(number: int, name: str) -> str:
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"


def gone(of: date) -> str:
    return (
        f"The salt of {of} has been deleted. Nobody can tell any more which rows are this "
        "visitor's, so there is nothing that could be erased."
    )


def nobody(of: date) -> str:
    return f"On {of} no visitor was recognised: there is no salt of that day."
