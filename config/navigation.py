"""The ways through the admin, as data: a section, and what stands below its heading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shortener.access import works_for_all

Words = str | Promise


class Entry(NamedTuple):
    """A page, and the permissions of which one is enough to be led there."""

    label: Words
    view: str
    icon: str
    permissions: tuple[str, ...] = ()
    page: str = ""
    """Of the reports: its address keeps the question that is asked."""
    is_undivided: bool = False
    """Of all sites together, so that it is for those who work for every one."""


class Way(NamedTuple):
    """An entry, as it stands on a page."""

    label: Words
    url: str
    icon: str
    is_current: bool


def report(label: Words, page: str, icon: str) -> Entry:
    """Return the entry of a page that shows what was counted."""
    return Entry(label, "reports:page", icon, ("analytics.view_dailycontent",), page)


def rows(label: Words, model: str, icon: str, *, may: str = "") -> Entry:
    """Return the entry of a model's list, to whoever may look at it or change it.

    ``may`` names the model whose permissions decide, where it is another one.
    """
    view = f"admin:{model.replace('.', '_')}_changelist"
    app, __, name = (may or model).partition(".")
    return Entry(label, view, icon, (f"{app}.view_{name}", f"{app}.change_{name}"))


def undivided(entry: Entry) -> Entry:
    return entry._replace(is_undivided=True)


QUESTION = ("site", "from", "to", "compare", "campaign", "channels", "tags", "granularity")

SECTIONS: Sequence[tuple[Words, Sequence[Entry]]] = (
    (
        "",
        (
            Entry(_("Overview"), "admin:index", "house"),
            Entry(_("Alerts"), "alerts:list", "bell-ring", ("analytics.view_dailycontent",)),
        ),
    ),
    (
        _("Reports"),
        (
            report(_("Content"), "content", "layers-2"),
            report(_("Journey"), "journey", "filter"),
            report(_("Channels"), "channels", "radio-tower"),
            report(_("Audience"), "audience", "map-pin"),
            report(_("Virality"), "virality", "git-fork"),
            report(_("Dark social"), "dark", "moon"),
            report(_("Tags"), "tags", "tag"),
            Entry(_("Exports"), "exports:list", "file-down", ("analytics.view_dailycontent",)),
            Entry(
                _("Schedules"),
                "schedules:list",
                "calendar-clock",
                ("analytics.view_dailycontent",),
            ),
        ),
    ),
    (
        _("Sharing"),
        (
            Entry(_("New links"), "new-links", "plus", ("shortener.add_link",)),
            rows(_("Links"), "shortener.link", "link"),
            Entry(_("Duplicates"), "duplicates", "merge", ("shortener.change_link",)),
            rows(_("Campaigns"), "shortener.campaign", "megaphone"),
            rows(_("UTM templates"), "shortener.tagtemplate", "tag"),
            rows(_("Pages"), "shortener.page", "file-text", may="shortener.link"),
            rows(_("Shares"), "analytics.share", "share-2"),
            Entry(_("Imports"), "imports:list", "import", ("shortener.add_link",)),
        ),
    ),
    (
        _("Raw rows"),
        (
            rows(_("Hits"), "analytics.hit", "list"),
            rows(_("Visits"), "analytics.visit", "eye"),
            rows(_("Conversions"), "analytics.conversion", "target"),
            undivided(rows(_("Batches"), "analytics.batch", "package")),
            undivided(rows(_("Quarantine"), "analytics.quarantine", "triangle-alert")),
            undivided(report(_("Counting"), "counting", "scale")),
        ),
    ),
    (
        _("Settings"),
        (
            rows(_("Sites"), "shortener.site", "globe"),
            undivided(rows(_("Users"), "auth.user", "user-round")),
            rows(_("Groups"), "auth.group", "users-round"),
            rows(_("API tokens"), "authtoken.tokenproxy", "key-round"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[tuple[Words, list[Way]]]:
    """Return the sections that the user may enter, each with what they find in it."""
    sections = [
        (heading, [way for entry in entries if (way := _way(request, entry))])
        for heading, entries in SECTIONS
    ]
    return [(heading, ways) for heading, ways in sections if ways]


def _way(request: HttpRequest, entry: Entry) -> Way | None:
    if entry.permissions and not any(map(request.user.has_perm, entry.permissions)):
        return None
    if entry.is_undivided and not works_for_all(request.user):
        return None
    url = reverse(entry.view, args=[entry.page] if entry.page else [])
    # The overview's address is the beginning of all others.
    is_here = request.path == url or (entry.view != "admin:index" and request.path.startswith(url))
    is_report = entry.page or entry.view in ("admin:index", "alerts:list")
    query = _kept(request) if is_report else ""
    return Way(entry.label, f"{url}{query}", f"admin/icons/{entry.icon}.svg", is_here)


def _kept(request: HttpRequest) -> str:
    """Return the question of this page, for the next page to ask it again."""
    kept = {name: request.GET[name] for name in QUESTION if request.GET.get(name)}
    return f"?{urlencode(kept)}" if kept else ""
