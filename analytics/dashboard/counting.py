"""The state of the counting, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.dashboard.words import duration
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
        sentence = ngettext(
            "%(number)s fact could not be recorded and is missing.",
            "%(number)s facts could not be recorded and are missing.",
            waiting.lost,
        )
        return Counting(
            True, sentence % {"number": number_format(waiting.lost, force_grouping=True)}
        )
    if not waiting.writable:
        return Counting(True, _("Nothing can be recorded: the journal is not writable."))
    if waiting.lag >= LATE:
        late = _("Counting is %(duration)s behind.") % {"duration": duration(waiting.lag)}
        return Counting(True, late)
    if waiting.segments:
        lag = number_format(waiting.lag, 1)
        return Counting(False, _("All counted, %(seconds)s s behind.") % {"seconds": lag})
    latest = Batch.objects.order_by("-committed").values_list("committed", flat=True).first()
    if latest is None:
        return Counting(False, _("All counted. Nothing has come in yet."))
    age = duration((timezone.now() - latest).total_seconds())
    came_in = _("All counted. The last facts came in %(duration)s ago.") % {"duration": age}
    return Counting(False, came_in)
