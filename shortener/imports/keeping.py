"""How long files and their lines are kept. What was made of them stays, and how much it was."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from shortener.imports.models import KEPT_DAYS, WORKING, Import, ImportLine, State

PART = 5_000


def forget_files(now: datetime | None = None) -> None:
    """Delete files and lines of imports that nothing was done with for ``KEPT_DAYS``."""
    ended = (now or timezone.now()) - timedelta(days=KEPT_DAYS)
    old = Import.objects.filter(changed__lt=ended).exclude(state__in=WORKING)
    for source in old.exclude(file=""):
        while lines := list(source.lines.values_list("pk", flat=True)[:PART]):
            ImportLine.objects.filter(pk__in=lines).delete()
        source.file.delete(save=False)
        # Without its lines, nothing can be made of it any more.
        state = State.CANCELLED if source.state == State.READ else source.state
        Import.objects.filter(pk=source.pk).update(file="", state=state)
