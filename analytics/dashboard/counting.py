"""The state of the counting, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from analytics.models import Batch
from shortener.backlog import backlog

LATE = 10.0
"""Seconds of lag from which on counting is said to be behind. At rest it is below one second."""


@dataclass(frozen=True, slots=True)
class Counting:
    """How far counting has come, in words."""

    is_late: bool
    sentence: str


def counting() -> Counting:
    """Say how far the counting of this machine's facts has come."""
    waiting = backlog(settings.JOURNAL_DIR)
    if waiting.lost:
        return Counting(True, f"{waiting.lost:,} facts could not be recorded and are missing.")
    if not waiting.writable:
        return Counting(True, "Nothing can be recorded: the journal is not writable.")
    if waiting.lag >= LATE:
        return Counting(True, f"Counting is {duration(waiting.lag)} behind.")
    if waiting.segments:
        return Counting(False, f"All counted, {waiting.lag:.1f} s behind.")
    latest = Batch.objects.order_by("-committed").values_list("committed", flat=True).first()
    if latest is None:
        return Counting(False, "All counted. Nothing has come in yet.")
    age = (timezone.now() - latest).total_seconds()
    return Counting(False, f"All counted. The last facts came in {duration(age)} ago.")


def duration(seconds: float) -> str:
    """Return a length of time in the unit that fits."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}s"
    return f"{max(seconds, 0.0):.0f} s"
