"""Undoing an import: its links go out of use, unless somebody has opened them.

A link that nobody ever used is deleted as well, but not before it was switched off for a day:
somebody may have opened it a moment ago, and that click is still on its way into the database.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from analytics.models import DailyContent, Share
from shortener.imports.models import Fate, Import, ImportLine, State
from shortener.imports.steps import held
from shortener.models import LabelledShare, Link, OwnPreview
from shortener.versions import CatalogVersion

AT_ONCE = 500
WAIT = timedelta(days=1)
USES = (DailyContent, Share, LabelledShare, OwnPreview)
"""Whatever there may be of a link: facts, and what people made for it."""


def undo_some(seen: Import) -> None:
    """Switch off some of the links of an import, and say of each line what became of it."""
    with translation.override(seen.language), transaction.atomic():
        CatalogVersion.hold()
        source = held(seen)
        if source is None:
            return
        ahead = source.lines.filter(fate=Fate.MADE, number__gt=source.position)
        lines = list(ahead.order_by("number")[:AT_ONCE])
        _switch_off(lines)
        source.position = lines[-1].number if lines else source.last
        if len(lines) < AT_ONCE:
            source.state = State.UNDONE
        source.count()
        source.save()


def _switch_off(lines: list[ImportLine]) -> None:
    ids = [line.link_id for line in lines if line.link_id]
    rows = DailyContent.objects.filter(link__in=ids, clicks__gt=0)
    clicked = set(rows.values_list("link", flat=True))
    used = used_of(ids)
    for line in lines:
        if line.link_id in clicked:
            line.note = _("Stays as it is: it has clicks.")
        elif line.link_id in used:
            line.fate, line.note = Fate.OFF, _("Switched off: it was shared, but never opened.")
        else:
            line.fate, line.note = Fate.GONE, _("Nobody has used it: switched off, then deleted.")
    ImportLine.objects.bulk_update(lines, ["fate", "note"], batch_size=200)
    _change(lines, Fate.OFF, active=False)
    # Its slug is free for whoever imports the same again.
    _change(lines, Fate.GONE, active=False, slug=None)


def _change(lines: list[ImportLine], fate: Fate, **values: Any) -> None:
    ids = [line.link_id for line in lines if line.link_id and line.fate == fate]
    if ids:
        Link.objects.filter(pk__in=ids).update(**values)


def used_of(links: Collection[int | None]) -> set[int]:
    """Return which of the links there is anything of."""
    return {
        link
        for model in USES
        for link in model._default_manager.filter(link__in=links)
        .order_by()
        .values_list("link", flat=True)
        .distinct()
    }


def delete_unused(now: datetime | None = None) -> int:
    """Delete links that were taken back a day ago and never used; return how many, at most some.

    There may be more until it returns 0.
    """
    lines = ImportLine.objects.filter(
        source__state=State.UNDONE,
        source__changed__lt=(now or timezone.now()) - WAIT,
        fate=Fate.GONE,
    ).exclude(link=None)
    with transaction.atomic():
        CatalogVersion.hold()
        taken = list(lines.order_by("pk").values_list("pk", "link")[:AT_ONCE])
        used = used_of([link for _line, link in taken])
        unused = [link for _line, link in taken if link not in used]
        Link.objects.filter(pk__in=unused, active=False).delete()
        # What was used or switched on after all is not looked at again.
        left = ImportLine.objects.filter(pk__in=[line for line, _link in taken])
        left.exclude(link=None).update(fate=Fate.OFF)
    return len(taken)
