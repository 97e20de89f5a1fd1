"""``manage.py reclassify``: apply the present rules to what was counted before."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from analytics import reclassify, signatures
from analytics.classify import Verdict
from analytics.management.commands.reconcile import day
from analytics.models import Agent
from analytics.reclassify import Change
from shortener.channels import BY_NUMBER

EXAMPLES = 3
"""Agents that are named for each move, those with the most hits."""
REMEMBERED = 1_000
"""Agents of a move among which these are looked for."""
BAR = 30


@dataclass
class Move:
    """Hits that were taken for one thing and are another."""

    hits: int = 0
    agents: Counter[int] = field(default_factory=Counter)

    def add(self, change: Change) -> None:
        self.hits += change.hits
        if change.agent in self.agents or len(self.agents) < REMEMBERED:
            self.agents[change.agent] += change.hits

    def examples(self) -> Iterator[str]:
        ids = [agent for agent, _ in self.agents.most_common(EXAMPLES)]
        names = Agent.objects.in_bulk(ids)
        return (str(names[agent]) for agent in ids)


Moves = dict[tuple[Verdict, Verdict], Move]


class Command(BaseCommand):
    help = (
        "Read the kept hits again by the present rules, and correct all that was counted of "
        "them, a day at a time. Daily visitors stay as they are, since those of past days "
        "are forgotten. Restart workers that run older rules first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", type=day, help="First day: 2026-11-01; that of the oldest hit if not given."
        )
        parser.add_argument("--dry-run", action="store_true", help="Only show what would change.")

    def handle(self, *, since: date | None, dry_run: bool, **options: Any) -> None:
        moves: Moves = {}
        for today in self.with_progress(reclassify.days(since)):
            for change in reclassify.reclassify(today, dry_run=dry_run):
                moves.setdefault((change.before, change.after), Move()).add(change)
        for line in report(moves):
            self.stdout.write(line)
        hits = sum(move.hits for move in moves.values())
        verb = "would change" if dry_run else "changed"
        self.stdout.write(f"By rules {signatures.VERSION}, {hits:,} hits {verb}.")
        if hits:
            self.stdout.write("Daily visitors stay as they were counted.")

    def with_progress(self, days: list[date]) -> Iterator[date]:
        """Yield the days, and show on a terminal how far it is."""
        shows = self.stderr.isatty()
        for number, current in enumerate(days):
            if shows:
                bar = "#" * (BAR * number // len(days))
                self.stderr.write(f"\r[{bar:<{BAR}}] {current}", style_func=str, ending="")
            yield current
        if shows:
            self.stderr.write("\r" + " " * (BAR + 13) + "\r", style_func=str, ending="")


def report(moves: Moves) -> Iterator[str]:
    """Yield a line for each move, the largest first, and agents that it is about."""
    for (before, after), move in sorted(moves.items(), key=lambda item: -item[1].hits):
        yield f"{move.hits:>12,}  {words(before)} -> {words(after)}"
        for example in move.examples():
            yield f"{'':14}{example}"


def words(verdict: Verdict) -> str:
    """Return kind, channel if it tells one, and rule."""
    channel = f" {BY_NUMBER[verdict.channel].name}" if verdict.channel else ""
    return f"{verdict.kind.label}{channel} ({verdict.rule})"
