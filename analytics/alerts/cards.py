"""A rise as the admin shows it: a sentence, a picture, and the hours behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import cached_property

from analytics.alerts import words
from analytics.alerts.course import Course
from analytics.alerts.past import DAY
from analytics.models import Rise
from shortener.models import Site

HEIGHT, STEP, GAP = 60, 8, 2
"""Of the picture, and of a bar in it."""


@dataclass(frozen=True)
class Card:
    """What is shown of a rise."""

    rise: Rise

    @cached_property
    def course(self) -> Course:
        return Course.from_json(self.rise.course)

    @property
    def sentence(self) -> str:
        return words.sentence(self.rise)

    @property
    def label(self) -> str:
        return words.described(self.course)

    @property
    def view_box(self) -> str:
        return f"0 0 {len(self.course.clicks) * STEP - GAP} {HEIGHT}"

    @property
    def bars(self) -> Sequence[tuple[int, float, float]]:
        """Each bar's place, upper end and height."""
        heights = [round(HEIGHT * clicks / self._most, 1) for clicks in self.course.clicks]
        return [
            (place * STEP, round(HEIGHT - height, 1), height)
            for place, height in enumerate(heights)
            if height
        ]

    @property
    def line(self) -> str:
        """Return what was usual, as the path of an SVG."""
        points = []
        for place, usual in enumerate(self.course.usual):
            y = round(HEIGHT - HEIGHT * usual / self._most, 1)
            points += [f"{place * STEP} {y}", f"{(place + 1) * STEP - GAP} {y}"]
        return f"M{' L'.join(points)}"

    @property
    def hours(self) -> Sequence[tuple[datetime, int, float]]:
        """The hours of the last day, the latest first."""
        return self.course.hours[: -DAY - 1 : -1]

    @property
    def _most(self) -> float:
        return max(*self.course.clicks, *self.course.usual, 1)


def began_today(site: Site) -> int:
    """Return how many links of a site began to travel on its present day."""
    now = timezone.now().astimezone(ZoneInfo(site.time_zone))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rises = Rise.objects.filter(site=site, found__gte=midnight)
    return rises.values("link").distinct().count()
