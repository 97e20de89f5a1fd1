"""``manage.py simulate``: play a world with a known truth, and see what was counted of it."""

from __future__ import annotations

import json
import secrets
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug

from analytics.simulation import counted, product, truth, verdict
from analytics.simulation.player import Player, RefusedError
from analytics.simulation.playing import Played, make_sites
from analytics.simulation.product import UnfitError
from analytics.simulation.stage import Scene, World
from analytics.simulation.verdict import Line
from analytics.simulation.world import act_out

MOST_PEOPLE = 200_000
PRESSES = 90
"""Of one site: in a time that is squeezed together, more would look like a flood."""
PEOPLE_PER_BURST = 2_000
MOST_KEY = 30
"""Characters: the numbers of the sites come behind it."""


class Command(BaseCommand):
    help = (
        "Act out people, messengers and machines over HTTP against the product that runs on "
        "this machine with the same settings, and compare every figure that it counts with "
        "the truth. Ends with status 1 where one is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=20_000, help="How many there are.")
        parser.add_argument("--seed", type=int, default=1, help="Which world it is.")
        parser.add_argument("--base", help="Where the product listens: http://127.0.0.1:8000.")
        parser.add_argument("--site", help="What the keys of the sites made for it begin with.")
        parser.add_argument("--truth", type=Path, help="A file for the truth, as JSON.")

    def handle(
        self,
        *,
        people: int,
        seed: int,
        base: str | None,
        site: str | None,
        truth: Path | None,
        **options: Any,
    ) -> None:
        if not 1 <= people <= MOST_PEOPLE:
            raise CommandError(f"--people should be from 1 to {MOST_PEOPLE:,}.")
        key = site or f"simulated-{seed}-{secrets.token_hex(3)}"
        check_key(key)
        scene = Scene(people=people, presses=PRESSES, bursts=1 + people // PEOPLE_PER_BURST)
        world = act_out(scene, seed)
        try:
            played, is_one_day = self.play(world, base or f"http://127.0.0.1:{settings.PORT}", key)
        except (UnfitError, RefusedError) as error:
            raise CommandError(str(error)) from error
        lines = judge(world, seed, played, truth, is_one_day=is_one_day)
        for text in report(lines):
            self.stdout.write(text)
        if wrong := [line for line in lines if line.is_wrong]:
            raise CommandError("\n".join(["The product is wrong:", *map(complaint, wrong)]))
        self.stdout.write(self.style.SUCCESS("Every figure is right."))

    def play(self, world: World, base: str, key: str) -> tuple[Played, bool]:
        """Play the world; return how, and whether it took place on a single day."""
        host, port = product.address_of(base)
        played = Played(make_sites(world, key))
        product.check(host, port, key)
        stories = len(world.stories)

        def show(number: int) -> None:
            if number * 50 // stories > (number - 1) * 50 // stories:
                self.stderr.write(f"\r{number:,} of {stories:,} stories", ending="")

        start = time.time()
        Player(host, port, world, played).play(show)
        end = time.time()
        requests = sum(map(len, world.stories))
        self.stderr.write(f", {requests:,} requests in {end - start:.1f} s")
        product.wait_until_counted(end)
        self.stderr.write(f"Counted {time.time() - end:.1f} s later.")
        return played, time.gmtime(start).tm_yday == time.gmtime(end).tm_yday


def check_key(key: str) -> None:
    """Raise CommandError unless sites can have keys that begin like this."""
    try:
        validate_slug(key)
    except ValidationError as error:
        raise CommandError(f"--site {key!r} should have letters, digits and - only.") from error
    if len(key) > MOST_KEY:
        raise CommandError(f"--site should have at most {MOST_KEY} characters.")


def judge(
    world: World, seed: int, played: Played, file: Path | None, *, is_one_day: bool
) -> list[Line]:
    """Hold what the product says against the truth, which goes into the file if there is one."""
    figures = truth.figures(world, squeezed=True)
    if file:
        file.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    found = counted.figures(played)
    # Whoever comes before midnight and after it is counted for both days.
    without = () if is_one_day else ("visitors", "daily visitors of articles", "sums of sites")
    funnel = found.get("funnel", Counter())
    return [
        *verdict.exact(figures, found, without=without),
        *verdict.observed(world, found.get("observed", Counter())),
        verdict.unseen(world, funnel),
        verdict.k(world, seed, funnel, counted.likeness(played)),
    ]


def report(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the table."""
    yield f"{'figure':<32}{'truth':>14}{'counted':>14}{'error':>10}  verdict"
    for line in lines:
        cells = (f"{number(n):>{width}}" for n, width in zip(line[1:4], (14, 14, 10), strict=True))
        yield f"{line.figure:<32}{''.join(cells)}  {line.verdict}"


def number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def complaint(line: Line) -> str:
    return f"{line.figure}: {'; '.join(line.examples) or 'too far from the truth'}"
