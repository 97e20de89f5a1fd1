"""What people do here, as groups of permissions: the rows of a table.

Whether somebody does it for one site or for all is another question (``shortener.access``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(NamedTuple):
    """A role: the group's name, what people read of it, and patterns of its permissions."""

    name: str
    title: str | Promise
    sentence: str | Promise
    permissions: tuple[str, ...]


READ = (
    "shortener.view_site",
    "shortener.view_campaign",
    "shortener.view_link",
    "analytics.view_dailycontent",
)
"""Lists and reports. Rows about single shares and clicks take more than that."""

ROLES = (
    Role(
        "Marketer",
        _("Marketer"),
        _("Makes links, campaigns, labelled shares and previews, and reads reports."),
        (
            *READ,
            "shortener.add_link",
            "shortener.change_link",
            "shortener.*_campaign",
        ),
    ),
    Role(
        "Analyst",
        _("Analyst"),
        _("Reads everything, also the raw rows behind the reports, and changes nothing."),
        (*READ, "analytics.view_*"),
    ),
    Role(
        "Developer",
        _("Developer"),
        _("Sets sites up, checks their installation, and has keys for the API."),
        (
            *READ,
            "shortener.add_site",
            "shortener.change_site",
            "shortener.report_conversions",
            "authtoken.*_tokenproxy",
        ),
    ),
    Role(
        "Administrator",
        _("Administrator"),
        _("Does all of this for every site, and decides who else may do what."),
        (
            "shortener.*",
            "analytics.*",
            "auth.*_user",
            "auth.view_group",
            "authtoken.*_tokenproxy",
        ),
    ),
)
BY_NAME = {role.name: role for role in ROLES}


def ensure() -> list[str]:
    """Make the roles' groups what the table says; return what that changed, in sentences."""
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    with transaction.atomic():
        return [sentence for role in ROLES for sentence in _bring_up(role, known)]


def _bring_up(role: Role, known: dict[str, Permission]) -> Iterator[str]:
    group, is_new = Group.objects.get_or_create(name=role.name)
    wanted = {known[name].pk for name in names_of(role, known)}
    present = set(group.permissions.values_list("pk", flat=True))
    group.permissions.set(wanted)
    names = {permission.pk: name for name, permission in known.items()}
    if is_new:
        yield f"{role.name}: made, with {len(wanted)} permissions."
        return
    for verb, changed in (("given", wanted - present), ("taken away", present - wanted)):
        if changed:
            yield f"{role.name}: {verb}: {', '.join(sorted(names[pk] for pk in changed))}."


def names_of(role: Role, known: Collection[str]) -> set[str]:
    """Return the names of a role's permissions. Raises LookupError for a pattern of none."""
    found: set[str] = set()
    for pattern in role.permissions:
        names = {name for name in known if fnmatchcase(name, pattern)}
        if not names:
            raise LookupError(f"{role.name}: no permission is called {pattern}.")
        found |= names
    return found
