"""Going on with imports: whoever does it, and however often, each line is done once."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping

from django.db import transaction

from analytics.imports.undo import undo_some
from analytics.models import BroughtAlong
from shortener.imports.models import WORKING, Import, ImportLine, State
from shortener.imports.steps import make_some, read_some

logger = logging.getLogger(__name__)

PATIENCE = 0.5
"""Seconds after which the worker turns to what else there is to do."""
MAX_CLICKS = 2**63 - 1
NUMBER = re.compile(r"[0-9]{1,3}(?:[,.][0-9]{3})+|[0-9]{1,30}")
"""With commas or points between the thousands, or without."""


def go_on(seconds: float = PATIENCE) -> None:
    """Take steps of the imports that are at work, one of each in turn."""
    end = time.monotonic() + seconds
    while sources := list(Import.objects.filter(state__in=WORKING).select_related("site")):
        for source in sources:
            _step(source)
            if time.monotonic() >= end:
                return


def _step(source: Import) -> None:
    try:
        STEPS[State(source.state)](source)
    except FileNotFoundError:
        logger.error("The file of import %s is gone, so it is cancelled.", source.pk)
        Import.objects.filter(pk=source.pk).update(state=State.CANCELLED)


@transaction.atomic
def make_and_bring(source: Import) -> None:
    """Make some links, with what their tool had counted of them."""
    made = make_some(source)
    BroughtAlong.objects.bulk_create(
        BroughtAlong(
            site_id=source.site_id,
            link_id=line.link_id,
            tool=source.tool,
            clicks=clicks,
            as_of=source.created.date(),
        )
        for line in made
        if (clicks := clicks_of(line))
    )


def clicks_of(line: ImportLine) -> int:
    """Return the clicks that a line tells, 0 where it tells none."""
    text = line.values.get("clicks", "")
    return min(int(re.sub("[,.]", "", text)), MAX_CLICKS) if NUMBER.fullmatch(text) else 0


STEPS: Mapping[State, Callable[[Import], None]] = {
    State.READING: read_some,
    State.MAKING: make_and_bring,
    State.UNDOING: undo_some,
}
