"""The admin of links."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from urllib.parse import urlsplit

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.forms.widgets import Script
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from shortener import codes, embed, qr
from shortener.admin.base import ReadableAdmin, change_links
from shortener.admin.bulk_edit import edit_page, edit_part, to_edit
from shortener.admin.of_sites import OfSitesFilter
from shortener.admin.paging import BoundedPaginator
from shortener.admin.previews import preview_page
from shortener.admin.tag_templates import result_part
from shortener.catalog import link_entry, site_entry
from shortener.channels import DIRECT
from shortener.forms import TAGS_HELP, LinkAnywhereForm, LinkForm
from shortener.logos import look_of
from shortener.models import Link
from shortener.templatetags.share import share_url

MERGED_SHOWN = 20
"""How many of the pages that were merged into a link its page names."""
STATES = {
    "live": _("live"),
    "expired": _("expired"),
    "off": _("off"),
    "refused": _("refused"),
    "merged": _("merged"),
}
"""Of links, and of pages that became links by themselves."""


class ExpiryFilter(admin.SimpleListFilter):
    title = _("expiry")
    parameter_name = "expiry"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("never", gettext("Never")),
            ("later", gettext("Still to come")),
            ("past", gettext("Past")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Link]) -> QuerySet[Link]:
        choices = {
            "never": Q(expires=None),
            "later": Q(expires__gt=timezone.now()),
            "past": Q(expires__lte=timezone.now()),
        }
        return queryset.filter(choices.get(self.value() or "", Q()))


class MakerFilter(admin.SimpleListFilter):
    title = _("made by")
    parameter_name = "made_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("people", gettext("People")), ("pages", gettext("Their pages"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Link]) -> QuerySet[Link]:
        choices = {"people": Q(registered=False), "pages": Q(registered=True)}
        return queryset.filter(choices.get(self.value() or "", Q()))


@admin.register(Link)
class LinkAdmin(ReadableAdmin):
    form = LinkForm
    list_display = ["title", "short_link", "state", "site", "campaign", "made_on"]
    list_filter = [
        "active",
        ExpiryFilter,
        MakerFilter,
        ("site", OfSitesFilter),
        ("campaign", OfSitesFilter),
    ]
    list_select_related = ["site", "campaign"]
    search_fields = ["title", "slug", "destination"]
    search_help_text = _("Title, destination, slug, or any short link or code of it.")
    paginator = BoundedPaginator
    show_full_result_count = False  # Counting all links twice only to say how many there are.
    view_on_site = False  # Opening the link from here would count as a click.
    autocomplete_fields = ["campaign"]
    readonly_fields = ["created", "created_by", "registered"]
    actions = ["edit", "switch_off", "switch_on", "unmerge"]
    fieldsets = [
        (None, {"fields": ["site", "campaign", "title", "destination", "slug"]}),
        (
            _("Attribution tags"),
            {"fields": ["tags", "forward_query"], "description": TAGS_HELP},
        ),
        (_("End of the link"), {"fields": ["active", "expires", "fallback_url"]}),
        (_("History"), {"fields": [("created", "created_by"), "registered"]}),
    ]

    class Media:
        js = [
            Script("shortener/copy.js", type="module"),
            Script("shortener/draft.js", type="module"),
        ]

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:pk>/qr.<kind>", guard(self.qr), name="shortener_link_qr"),
            path("result/", guard(result_part), name="shortener_link_result"),
            path("edit/", guard(edit_page), name="shortener_link_edit"),
            path("edit/draft/", guard(edit_part), name="shortener_link_edit_draft"),
            path("<int:pk>/preview/", guard(preview_page), name="shortener_link_preview"),
            *super().get_urls(),
        ]

    def get_list_display(self, request: HttpRequest) -> Any:
        title, *others = super().get_list_display(request)
        if request.user.has_perm("analytics.view_dailycontent"):
            return [title, "numbers", *others]
        return [title, *others]

    def get_fieldsets(self, request: HttpRequest, obj: Link | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj:
            return fieldsets
        # A new link has no history, and its tags may come from a template.
        (about, end) = (fieldsets[0], fieldsets[2])
        title, tags = fieldsets[1]
        return [about, (title, {**tags, "fields": ["template", *tags["fields"]]}), end]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        if request.user.has_perm("shortener.link_anywhere"):
            kwargs["form"] = LinkAnywhereForm
        form = cast(type[LinkForm], super().get_form(request, obj, change, **kwargs))
        form.user = request.user
        return form

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Link], search_term: str
    ) -> tuple[QuerySet[Link], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        return found | by_short_link(queryset, search_term), may_repeat

    def save_model(self, request: HttpRequest, obj: Link, form: Any, change: bool) -> None:
        if not change:
            obj.created_by_id = request.user.pk
        super().save_model(request, obj, form, change)

    def response_post_save_add(self, request: HttpRequest, obj: Link) -> HttpResponseRedirect:
        if not self.has_view_permission(request, obj):
            return super().response_post_save_add(request, obj)
        # Whoever made a link wants to copy it.
        return redirect("admin:shortener_link_change", obj.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Numbers hang on links, and a deleted link's code would lead nowhere.
        return False

    @admin.display(description=_("short link"), ordering="slug")
    def short_link(self, link: Link) -> str:
        return link.short_url.partition("://")[2]

    @admin.display(description=_("created"), ordering="pk")
    def made_on(self, link: Link) -> date:
        return timezone.localdate(link.created)

    @admin.display(description=_("numbers"))
    def numbers(self, link: Link) -> str:
        return format_html(
            '<a href="{}" aria-label="{}">{}</a>',
            reverse("reports:link", args=[link.pk]),
            gettext("Numbers of %(title)s") % {"title": link.title},
            gettext("Numbers"),
        )

    @admin.display(description=_("state"))
    def state(self, link: Link) -> str:
        return mark(state_of(link))

    @admin.action(description=_("Change together…"), permissions=["change"])
    def edit(self, request: HttpRequest, queryset: QuerySet[Link]) -> HttpResponse | None:
        return to_edit(request, queryset)

    @admin.action(description=_("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Link]) -> None:
        self._switch(request, queryset.filter(active=True), active=False)

    @admin.action(description=_("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Link]) -> None:
        self._switch(request, queryset.filter(active=False), active=True)

    @admin.action(description=_("Unmerge"), permissions=["change"])
    def unmerge(self, request: HttpRequest, queryset: QuerySet[Link]) -> None:
        links = queryset.filter(merged_into__isnull=False)
        unmerged = change_links(request, links, gettext("Unmerged."), merged_into=None)
        told = ngettext(
            "Unmerged: %(number)s link. It is counted on its own again.",
            "Unmerged: %(number)s links. Each is counted on its own again.",
            unmerged,
        )
        self.message_user(request, told % {"number": unmerged})

    def _switch(self, request: HttpRequest, links: QuerySet[Link], *, active: bool) -> None:
        if active:
            switched = change_links(request, links, gettext("Switched on."), active=True)
            told = ngettext(
                "Switched on: %(number)s link.", "Switched on: %(number)s links.", switched
            )
        else:
            switched = change_links(request, links, gettext("Switched off."), active=False)
            told = ngettext(
                "Switched off: %(number)s link.", "Switched off: %(number)s links.", switched
            )
        self.message_user(request, told % {"number": switched})

    def panel(self, pk: int) -> dict[str, Any]:
        return panel(Link.objects.select_related("site", "campaign", "merged_into").get(pk=pk))

    def qr(self, request: HttpRequest, pk: int, kind: str) -> FileResponse:
        """Send the QR code of a link as a file to print, a PNG in one of the widths."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        link = self.get_object(request, str(pk))
        cm = request.GET.get("cm", str(qr.PRINT_CM[-1]))
        if link is None or kind not in qr.KINDS or cm not in map(str, qr.PRINT_CM):
            raise Http404
        look = look_of(link.site_id, link.site.brand_color)
        return qr.qr_file(link.short_url, kind, link.slug or link.code, look, int(cm))


def by_short_link(links: QuerySet[Any], address: str) -> QuerySet[Any]:
    """Return the link that a short link leads to, given with or without its host."""
    name = last_part(address)
    if numbers := codes.decode(name):
        return links.filter(pk=numbers[0])
    return links.filter(slug=name) if name else links.none()


def last_part(address: str) -> str:
    """Return what stands last in the path of a short link, with or without its host."""
    try:
        return urlsplit(address.strip()).path.rstrip("/").rpartition("/")[2]
    except ValueError:
        return ""


def state_of(link: Link) -> str:
    if not link.active:
        return "off"
    if link.expires and link.expires <= timezone.now():
        return "expired"
    return "live"


def mark(state: str) -> str:
    """Return a state in its colour."""
    return format_html('<span class="state state-{}">{}</span>', state, STATES[state])


def panel(link: Link) -> dict[str, Any]:
    """Return what the page of a link shows above its form."""
    entry = link_entry(link, site_entry(link.site))
    channels = entry.site.channels
    merged = link.merged.order_by("-pk")
    return {
        "link": link,
        "state": mark(state_of(link)),
        "merged": merged[:MERGED_SHOWN],
        "merged_count": merged.count(),
        "qr": qr.svg(link.short_url, look_of(link.site_id, link.site.brand_color)),
        "print_cm": qr.PRINT_CM,
        "previews": [
            (channel.title, entry.location(channel.number, "{share}"))
            for channel in (DIRECT, *channels)
        ],
        "element": embed.share_element(link=link.code, placement="article-end"),
        "conversion": embed.CONVERSION,
        "template_tag": embed.TEMPLATE_TAG,
        "plain_links": "\n".join(
            f'<a href="{share_url(link, channel)}" rel="nofollow">{channel.label}</a>'
            for channel in channels
        ),
    }
