"""The admin of what was counted: a report to read, and the rows behind it to look into."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analytics.dashboard.words import duration
from analytics.keyset import KeysetList
from analytics.ledger import COUNTS
from analytics.models import Batch, Conversion, Hit, Quarantine, Share, Visit
from analytics.observed import conflicts
from shortener import codes
from shortener.access import works_for_all
from shortener.admin.of_sites import OfSites
from shortener.channels import BY_NUMBER, DIRECT
from shortener.labelled import LabelledShare

MAX_CHILDREN = 100
"""Of a share, that its page lists."""


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that were counted: changed by nobody."""

    show_full_result_count = False
    actions = None
    sortable_by = ()
    ordering = ["-pk"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MomentAdmin(OfSites, ReadOnlyAdmin):
    """Rows of one moment and one link, the latest first."""

    site_path = "link__site"

    show_facets = admin.ShowFacets.NEVER
    ordering = ["-at", "-pk"]

    @admin.display(description=_("time (UTC)"))
    def moment(self, row: Hit | Visit | Conversion) -> str:
        return f"{row.at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("link"))
    def title(self, row: Hit | Visit | Conversion) -> str:
        return Truncator(row.link.title).chars(50)


@admin.register(Hit)
class HitAdmin(MomentAdmin):
    list_display = ["moment", "title", "declared", "observed_channel", "kind", "rule", "agent"]
    list_select_related = ["link", "agent"]
    list_filter = ["kind"]
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

    @admin.display(description=_("declared channel"))
    def declared(self, hit: Hit) -> str:
        return BY_NUMBER[hit.channel].title

    @admin.display(description=_("observed channel"), empty_value="-")
    def observed_channel(self, hit: Hit) -> str | None:
        return BY_NUMBER[hit.observed].title if hit.observed != DIRECT.number else None


@admin.register(Share)
class ShareAdmin(OfSites, ReadOnlyAdmin):
    site_path = "link__site"
    list_display = [
        "__str__",
        "link",
        "channel_label",
        "label",
        "parent_code",
        "flag",
        "pressed",
        "placement",
        "created",
    ]
    fields = [
        "__str__",
        "link",
        "channel_label",
        "label",
        "created",
        "pressed",
        "placement",
        "flag",
        "observed_channel",
        "seen_elsewhere",
        "pasted",
        "opened",
        "clicks",
        "visits",
        "conversions",
        "generation",
        "parent_share",
        "children",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Share]:
        # The parent may be a share of another link, and its code tells of both. One of another
        # site is none (analytics.lineage).
        parents = Share.objects.filter(pk=OuterRef("parent"), link__site=OuterRef("link__site"))
        labelled = LabelledShare.objects.filter(pk=OuterRef("pk"), link=OuterRef("link"))
        shares: QuerySet[Share] = super().get_queryset(request).select_related("link", "outcome")
        return shares.annotate(
            parent_link=Subquery(parents.values("link")),
            label=Subquery(labelled.values("label")),
        )

    @admin.display(description=_("label"), empty_value="-")
    def label(self, share: Share) -> str | None:
        """Return what a person of the brand called the share, if one of them made it."""
        label: str | None = getattr(share, "label", None)
        return label

    @admin.display(description=_("channel"))
    def channel_label(self, share: Share) -> str:
        return BY_NUMBER[share.channel].title

    @admin.display(description=_("observed channel"))
    def observed_channel(self, share: Share) -> str:
        if share.observed_at is None:
            return gettext("nothing observed")
        certainty = Share.Certainty(share.certainty).label
        channel = BY_NUMBER[share.observed].title
        return f"{channel}: {certainty}, {share.observed_at:%Y-%m-%d %H:%M:%S} ({share.evidence})"

    @admin.display(description=_("seen in other apps"), empty_value="-")
    def seen_elsewhere(self, share: Share) -> str | None:
        _own, others = conflicts(share.channel, share.observed, share.seen)
        return ", ".join(BY_NUMBER[number].title for number in others) or None

    @admin.display(description=_("pasted (first preview)"), empty_value="-")
    def pasted(self, share: Share) -> str | None:
        if share.first_preview is None and not BY_NUMBER[share.channel].previews:
            return gettext("not observable: this channel shows no previews")
        return since_press(share, share.first_preview)

    @admin.display(description=_("opened (first click)"), empty_value="-")
    def opened(self, share: Share) -> str | None:
        return since_press(share, share.first_click)

    @admin.display(description=_("generation"), empty_value="-")
    def generation(self, share: Share) -> int | None:
        outcome = getattr(share, "outcome", None)
        return outcome.generation if outcome else None

    @admin.display(description=_("parent"), empty_value="-")
    def parent_code(self, share: Share) -> str | None:
        if share.parent is None:
            return None
        link: int | None = getattr(share, "parent_link", None)
        return codes.encode(link, share.parent) if link else gettext("not seen yet")

    @admin.display(description=_("parent"), empty_value="-")
    def parent_share(self, share: Share) -> str | None:
        code = self.parent_code(share)
        if not getattr(share, "parent_link", None):
            return code
        return format_html('<a href="{}">{}</a>', share_url(share.parent), code)

    @admin.display(description=_("shares that came of it"), empty_value="-")
    def children(self, share: Share) -> str | None:
        children = Share.objects.filter(parent=share.pk, link__site=share.link.site_id)
        found = list(children.order_by("pk")[: MAX_CHILDREN + 1])
        links = ((share_url(child.pk), child) for child in found[:MAX_CHILDREN])
        listed = format_html_join(", ", '<a href="{}">{}</a>', links)
        if len(found) > MAX_CHILDREN:
            return format_html(gettext("{shares} and more"), shares=listed)
        return listed or None


def since_press(share: Share, moment: datetime | None) -> str | None:
    """Return a moment, and how long after the press it was."""
    if moment is None:
        return None
    text = f"{moment:%Y-%m-%d %H:%M:%S}"
    if share.pressed is None:
        return text
    after = duration((moment - share.pressed).total_seconds())
    return gettext("%(moment)s, %(duration)s after the press") % {
        "moment": text,
        "duration": after,
    }


def share_url(share: int | None) -> str:
    return reverse("admin:analytics_share_change", args=[share])


@admin.register(Visit)
class VisitAdmin(MomentAdmin):
    list_display = ["moment", "title", "share", "referrer", "navigation", "automated", "agent"]
    list_select_related = ["link", "share", "agent"]


@admin.register(Conversion)
class ConversionAdmin(MomentAdmin):
    list_display = ["moment", "name", "title", "share", "value", "currency", "visit", "server"]
    list_select_related = ["link", "share"]


class UndividedAdmin(ReadOnlyAdmin):
    """Rows of all sites together, for those who work for every one."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return works_for_all(request.user) and super().has_view_permission(request, obj)


@admin.register(Batch)
class BatchAdmin(UndividedAdmin):
    list_display = ["__str__", "committed", "received", *COUNTS]
    search_fields = ["writer__startswith"]
    search_help_text = _("The writer: the part of a segment's name before the dash.")


@admin.register(Quarantine)
class QuarantineAdmin(UndividedAdmin):
    list_display = ["reason", "beginning", "batch", "committed"]
    list_select_related = ["batch"]
    search_fields = ["reason", "line"]

    @admin.display(description=_("line"))
    def beginning(self, quarantine: Quarantine) -> str:
        return Truncator(quarantine.line).chars(80)

    @admin.display(description=_("committed"))
    def committed(self, quarantine: Quarantine) -> datetime:
        return quarantine.batch.committed
