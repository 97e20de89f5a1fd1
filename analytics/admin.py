"""The admin of what was counted: a report to read, and the rows behind it to look into."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.text import Truncator

from analytics import dashboard
from analytics.models import Batch, Hit, Quarantine, Share
from shortener.channels import BY_NUMBER, DIRECT


class CappedPaginator(Paginator):
    """Pages through the first rows of a table that is too large to be counted."""

    limit = 10_000

    @cached_property
    def count(self) -> int:
        # The slice becomes a subquery, so the database stops counting there.
        rows = cast(QuerySet[Any], self.object_list)
        return rows[: self.limit].count()


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that were counted: changed by nobody."""

    paginator = CappedPaginator
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(dashboard.Content)
class ContentAdmin(ReadOnlyAdmin):
    """The report, in the place of a list."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("analytics.view_dailycontent")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.page)
        return [
            path("", page, name="analytics_content"),
            path("", page, name="analytics_content_changelist"),  # The app list's link.
            path(
                "content.csv",
                self.admin_site.admin_view(self.content_file),
                name="analytics_content_csv",
            ),
            path(
                "hits.csv", self.admin_site.admin_view(self.hits_file), name="analytics_hits_csv"
            ),
        ]

    def page(self, request: HttpRequest) -> HttpResponseBase:
        self._check(request, "analytics.view_dailycontent")
        context = self.admin_site.each_context(request)
        return dashboard.content_page(request, {**context, "opts": self.opts})

    def content_file(self, request: HttpRequest) -> HttpResponseBase:
        self._check(request, "analytics.view_dailycontent")
        return dashboard.content_file(request)

    def hits_file(self, request: HttpRequest) -> HttpResponseBase:
        self._check(request, "analytics.view_hit")
        return dashboard.hits_file(request)

    @staticmethod
    def _check(request: HttpRequest, permission: str) -> None:
        if not request.user.has_perm(permission):
            raise PermissionDenied


@admin.register(Hit)
class HitAdmin(ReadOnlyAdmin):
    list_display = ["moment", "title", "declared", "observed_channel", "kind", "rule", "agent"]
    list_select_related = ["link", "agent"]
    list_filter = ["kind"]
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ["moment"]
    ordering = ["-at"]
    fields = [
        "at",
        "day",
        "link",
        "share",
        "declared",
        "observed_channel",
        "kind",
        "rule",
        "agent",
        "referrer",
        "language",
        "country",
        "batch",
    ]

    @admin.display(description="time (UTC)", ordering="at")
    def moment(self, hit: Hit) -> str:
        return f"{hit.at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="link")
    def title(self, hit: Hit) -> str:
        return Truncator(hit.link.title).chars(50)

    @admin.display(description="declared channel")
    def declared(self, hit: Hit) -> str:
        return BY_NUMBER[hit.channel].label

    @admin.display(description="observed channel", empty_value="-")
    def observed_channel(self, hit: Hit) -> str | None:
        return BY_NUMBER[hit.observed].label if hit.observed != DIRECT.number else None


@admin.register(Share)
class ShareAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "link", "channel_label", "created", "pressed", "placement"]
    list_select_related = ["link"]
    sortable_by = ()
    ordering = ["-pk"]
    fields = ["__str__", "link", "channel_label", "created", "pressed", "placement", "parent"]

    @admin.display(description="channel")
    def channel_label(self, share: Share) -> str:
        return BY_NUMBER[share.channel].label


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = [
        "__str__",
        "committed",
        "received",
        "clicks",
        "previews",
        "prefetches",
        "scanners",
        "bots",
        "presses",
        "offers",
        "visits",
        "ignored",
        "quarantined",
    ]
    search_fields = ["writer__startswith"]
    search_help_text = "The writer: the part of a segment's name before the dash."
    sortable_by = ["committed"]
    ordering = ["-committed"]


@admin.register(Quarantine)
class QuarantineAdmin(ReadOnlyAdmin):
    list_display = ["reason", "beginning", "batch", "committed"]
    list_select_related = ["batch"]
    search_fields = ["reason", "line"]
    sortable_by = ()
    ordering = ["-pk"]

    @admin.display(description="line")
    def beginning(self, quarantine: Quarantine) -> str:
        return Truncator(quarantine.line).chars(80)

    @admin.display
    def committed(self, quarantine: Quarantine) -> datetime:
        return quarantine.batch.committed
