"""Changing many links at once: what changes of each is told before anything is changed."""

from __future__ import annotations

from copy import copy
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shortener.models import Link

MAX_LINKS = 500
FIELDS = {
    "campaign": gettext_lazy("Campaign"),
    "tags": gettext_lazy("Tags"),
    "active": gettext_lazy("Switched on"),
    "expires": gettext_lazy("Expires"),
    "fallback_url": gettext_lazy("Fallback address"),
}
"""What can be changed of many links, in the order in which it is told."""


class Edit(NamedTuple):
    """What is to become of every link. What is not named in it stays."""

    values: dict[str, Any]
    """Fields that all links will have in common: campaign, active, expires, fallback_url."""
    set_tags: dict[str, str]
    drop_tags: frozenset[str]
    anywhere: bool
    """Whether hosts outside the site are allowed."""


class Difference(NamedTuple):
    """What changes of one field of a link, in words."""

    field: str | Promise
    before: str
    after: str


class Outcome(NamedTuple):
    """A link as it will be, what changes of it, and what forbids that, a sentence each."""

    link: Link
    differences: list[Difference]
    problems: list[str]


def outcome(link: Link, edit: Edit) -> Outcome:
    """Return what an edit does to a link, which itself is left alone."""
    after = copy(link)
    for name, value in edit.values.items():
        setattr(after, name, value)
    kept = {name: text for name, text in link.tags.items() if name not in edit.drop_tags}
    after.tags = {**kept, **edit.set_tags}
    changed = [
        Difference(label, said(getattr(link, name)), said(getattr(after, name)))
        for name, label in FIELDS.items()
        if getattr(link, name) != getattr(after, name)
    ]
    return Outcome(after, changed, problems(after, edit) if changed else [])


def problems(link: Link, edit: Edit) -> list[str]:
    """Return why a link may not be as the edit makes it. What was there before is let be."""
    try:
        link.check_destinations(anywhere=edit.anywhere)
    except ValidationError as error:
        errors = error.message_dict
        return [text for name in edit.values for text in errors.get(name, [])]
    return []


def said(value: Any) -> str:
    """Return a value of a link's field in words."""
    match value:
        case bool():
            return _("yes") if value else _("no")
        case dict():
            return "\n".join(f"{name}={text}" for name, text in sorted(value.items())) or "–"
        case datetime():
            return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    return str(value) if value else "–"


@transaction.atomic
def change(outcomes: list[Outcome], by: int) -> int:
    """Write what changes, and a note in the history of each link; return how many change."""
    changing = [found for found in outcomes if found.differences]
    Link.objects.bulk_update([found.link for found in changing], list(FIELDS))
    kind = ContentType.objects.get_for_model(Link).pk
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=by,
            content_type_id=kind,
            object_id=str(found.link.pk),
            object_repr=str(found.link)[:200],
            action_flag=CHANGE,
            change_message=note(found.differences),
        )
        for found in changing
    )
    return len(changing)


def note(differences: list[Difference]) -> str:
    """Return what the history of a link tells of its changes."""
    told = _("Changed with others.")
    lines = [
        f"{found.field}: {_in_line(found.before)} → {_in_line(found.after)}"
        for found in differences
    ]
    return "\n".join([told, *lines])


def _in_line(text: str) -> str:
    return ", ".join(text.splitlines())
