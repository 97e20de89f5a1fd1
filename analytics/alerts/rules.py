"""What counts as a rise, as data. docs/alerts.md explains the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Sensitivity(models.IntegerChoices):
    """How readily somebody wants to be told, the least first."""

    OFF = 0, pgettext_lazy("no alerts", "Off")
    QUIET = 1, _("Quiet")
    NORMAL = 2, _("Normal")
    EAGER = 3, _("Eager")


class Measure(models.TextChoices):
    """What rises."""

    CLICKS = "clicks", _("clicks an hour")
    K = "k", _("K-factor")


@dataclass(frozen=True, slots=True)
class Rule:
    """When somebody of this sensitivity is told. Whatever meets one meets the next."""

    sensitivity: Sensitivity
    minimum: dict[Measure, int]
    """Clicks within the hour, or shares that came of the latest."""
    times: float
    """How many times what was to be expected."""
    odds: float
    """How likely as much may be, if nothing has changed."""


RULES: Sequence[Rule] = (
    Rule(Sensitivity.QUIET, {Measure.CLICKS: 100, Measure.K: 40}, 8, 1e-9),
    Rule(Sensitivity.NORMAL, {Measure.CLICKS: 30, Measure.K: 15}, 4, 1e-6),
    Rule(Sensitivity.EAGER, {Measure.CLICKS: 10, Measure.K: 6}, 3, 1e-4),
)

EVERY = timedelta(minutes=3)
"""From one look at a site to the next."""
CALM = timedelta(hours=24)
"""Without a finding, after which a rise is over: the next one is told of again."""
PEOPLE = 2
"""Clicks for each daily visitor, at most, that the minimum may be made of: nobody alone makes
a rise by loading a page again."""
BUSIEST = 300
"""Links that are looked at closely in a pass; those farthest above their days go first."""

WEEKS = 8
"""Of the past, in which the same hour of the week is looked up."""
DAYS = 7
"""Of the past, in which the same hour of the day is looked up."""
BESIDE = 1
"""Hours to either side that belong to the same time of day."""
FEWEST = 6
"""Hours of the past without which there is nothing to compare with."""
PEAK = 0.95
"""The part of the last days' hours that a rise must be above, whatever the time of day."""

FRESH = 2
"""Days, today among them, whose shares K is worked out of."""
FEWEST_SHARES = 30
"""Of a link's own past; with fewer, the past of its site's links stands for it."""
MOST_SPREAD = 50
"""Links whose K is looked at in a pass."""
