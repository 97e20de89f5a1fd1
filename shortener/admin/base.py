"""What the admin's lists and forms have in common."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from shortener.admin.of_sites import OfSites
from shortener.catalog import site_entry
from shortener.merging import merge
from shortener.models import Link


class ReadableAdmin(OfSites):
    """Shows what is edited as lines and boxes as lines to those who may only look, too."""

    shown_as: dict[Any, str] = {
        "hosts": "host_lines",
        "tags": "tag_lines",
        "channels": "channel_names",
    }

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": [self.shown_as.get(f, f) for f in options["fields"]]})
            for title, options in fieldsets
        ]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj:
            context |= self.panel(obj.pk)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def panel(self, pk: int) -> dict[str, Any]:
        """Return what the page of an object shows above its form.

        It is read anew: a form with errors has left its values in the object.
        """
        return {}

    @admin.display(description=_("hosts"))
    def host_lines(self, obj: Any) -> str:
        return "\n".join(obj.hosts)

    @admin.display(description=_("tags"))
    def tag_lines(self, obj: Any) -> str:
        return "\n".join(f"{name}={value}" for name, value in obj.tags.items())

    @admin.display(description=_("channels"))
    def channel_names(self, obj: Any) -> str:
        return ", ".join(channel.title for channel in site_entry(obj).channels)


class KeepsLinks(ReadableAdmin):
    """Something whose links outlive it, so that it goes only while it has none."""

    ordering = ["name"]  # Counting the links makes Django forget the model's.

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = super().get_queryset(request).annotate(link_count=Count("links"))
        return counted

    @admin.display(description=_("links"), ordering="link_count")
    def link_count(self, obj: Any) -> int:
        count: int = obj.link_count
        return count

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Without an object the question is whether to offer deleting many at once.
        if obj is None or obj.links.exists():
            return False
        return super().has_delete_permission(request, obj)


@transaction.atomic
def change_links(request: HttpRequest, links: QuerySet[Link], note: str, **values: Any) -> int:
    """Change the links, with a note in the history of each; return how many there were."""
    note_change(request, links, note)
    return links.update(**values)


def note_change(request: HttpRequest, links: QuerySet[Link], note: str) -> None:
    """Have the history of each link tell who did what."""
    LogEntry.objects.log_actions(cast(int, request.user.pk), links, CHANGE, note)


def merge_told(request: HttpRequest, pages: Collection[int], into: int) -> None:
    """Merge pages into a link, note it in the history of all, and say so. Raises MergeError."""
    with transaction.atomic():
        target, merged = merge(pages, into)
        names = {"number": len(merged), "link": target, "code": target.code}
        links = Link.objects.filter(pk__in=[link.pk for link in merged])
        note_change(request, links, gettext("Merged into “%(link)s” (%(code)s).") % names)
        taken = ngettext("Took in %(number)s page.", "Took in %(number)s pages.", len(merged))
        note_change(request, Link.objects.filter(pk=target.pk), taken % names)
    told = ngettext(
        "Merged: %(number)s page into “%(link)s”.",
        "Merged: %(number)s pages into “%(link)s”.",
        len(merged),
    )
    messages.success(request, told % names)
