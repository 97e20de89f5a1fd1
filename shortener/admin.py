"""The admin of sites, campaigns and links."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlsplit

import segno
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.forms.widgets import Script
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.defaultfilters import pluralize
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html

from shortener import codes
from shortener.catalog import link_entry, site_entry
from shortener.channels import DIRECT
from shortener.forms import TAGS_HELP, CampaignForm, LinkAnywhereForm, LinkForm, SiteForm
from shortener.models import Campaign, Link, Site
from shortener.templatetags.share import share_url

admin.site.site_header = admin.site.site_title = "Grapevine"
admin.site.index_title = "Links and what became of them"
admin.site.site_url = None  # The bare short domain only leads back here.


class ReadableAdmin(admin.ModelAdmin):
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

    @admin.display(description="hosts")
    def host_lines(self, obj: Any) -> str:
        return "\n".join(obj.hosts)

    @admin.display(description="tags")
    def tag_lines(self, obj: Any) -> str:
        return "\n".join(f"{name}={value}" for name, value in obj.tags.items())

    @admin.display(description="channels")
    def channel_names(self, obj: Any) -> str:
        return ", ".join(channel.label for channel in site_entry(obj).channels)


class KeepsLinks(ReadableAdmin):
    """Something whose links outlive it, so that it goes only while it has none."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = super().get_queryset(request).annotate(link_count=Count("links"))
        return counted

    @admin.display(description="links", ordering="link_count")
    def link_count(self, obj: Any) -> int:
        count: int = obj.link_count
        return count

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Without an object the question is whether to offer deleting many at once.
        if obj is None or obj.links.exists():
            return False
        return super().has_delete_permission(request, obj)


@admin.register(Site)
class SiteAdmin(KeepsLinks):
    form = SiteForm
    list_display = ["name", "key", "short_base", "time_zone", "link_count"]
    search_fields = ["name", "key", "domain"]
    fieldsets = [
        (None, {"fields": ["name", "key", "hosts", "time_zone"]}),
        ("Short links", {"fields": ["domain", "tag_parameter"]}),
        ("Share buttons", {"fields": ["channels"]}),
        ("Attribution tags", {"fields": ["tags"], "description": TAGS_HELP}),
    ]

    class Media:
        js = [Script("shortener/order.js", type="module")]

    def get_readonly_fields(self, request: HttpRequest, obj: Site | None = None) -> list[str]:
        # The key stands in the site's pages; another one would break their buttons.
        return ["key"] if obj else []


@admin.register(Campaign)
class CampaignAdmin(KeepsLinks):
    form = CampaignForm
    list_display = ["name", "site", "slug", "starts", "ends", "link_count"]
    list_filter = ["site"]
    list_select_related = ["site"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["site", "name", "slug", ("starts", "ends")]}),
        ("Attribution tags", {"fields": ["tags"], "description": TAGS_HELP}),
    ]


class ExpiryFilter(admin.SimpleListFilter):
    title = "expiry"
    parameter_name = "expiry"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("never", "Never"), ("later", "Still to come"), ("past", "Past")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Link]) -> QuerySet[Link]:
        choices = {
            "never": Q(expires=None),
            "later": Q(expires__gt=timezone.now()),
            "past": Q(expires__lte=timezone.now()),
        }
        return queryset.filter(choices.get(self.value() or "", Q()))


@admin.register(Link)
class LinkAdmin(ReadableAdmin):
    form = LinkForm
    list_display = ["title", "short_link", "state", "site", "campaign", "made_on"]
    list_filter = ["active", ExpiryFilter, "site", "campaign"]
    list_select_related = ["site", "campaign"]
    search_fields = ["title", "slug", "destination"]
    search_help_text = "Title, destination, slug, or any short link or code of it."
    show_full_result_count = False  # Counting all links twice only to say how many there are.
    view_on_site = False  # Opening the link from here would count as a click.
    autocomplete_fields = ["campaign"]
    readonly_fields = ["created", "created_by"]
    actions = ["switch_off", "switch_on"]
    fieldsets = [
        (None, {"fields": ["site", "campaign", "title", "destination", "slug"]}),
        (
            "Attribution tags",
            {"fields": ["tags", "forward_query"], "description": TAGS_HELP},
        ),
        ("End of the link", {"fields": ["active", "expires", "fallback_url"]}),
        ("History", {"fields": [("created", "created_by")]}),
    ]

    class Media:
        js = [Script("shortener/copy.js", type="module")]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.qr)
        return [path("<int:pk>/qr.<kind>", view, name="shortener_link_qr"), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Link | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[:-1]  # A new link has no history.

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        if request.user.has_perm("shortener.link_anywhere"):
            kwargs["form"] = LinkAnywhereForm
        return super().get_form(request, obj, change, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Link], search_term: str
    ) -> tuple[QuerySet[Link], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        name = last_part(search_term)
        if numbers := codes.decode(name):
            found |= queryset.filter(pk=numbers[0])
        elif name:
            found |= queryset.filter(slug=name)
        return found, may_repeat

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

    @admin.display(description="short link", ordering="slug")
    def short_link(self, link: Link) -> str:
        return link.short_url.partition("://")[2]

    @admin.display(description="created", ordering="pk")
    def made_on(self, link: Link) -> date:
        return timezone.localdate(link.created)

    @admin.display(description="state")
    def state(self, link: Link) -> str:
        state = state_of(link)
        return format_html('<span class="state state-{}">{}</span>', state, state)

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Link]) -> None:
        self._switch(request, queryset.filter(active=True), active=False)

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Link]) -> None:
        self._switch(request, queryset.filter(active=False), active=True)

    def _switch(self, request: HttpRequest, links: QuerySet[Link], *, active: bool) -> None:
        word = "on" if active else "off"
        editor = cast(int, request.user.pk)
        with transaction.atomic():
            LogEntry.objects.log_actions(editor, links, CHANGE, f"Switched {word}.")
            switched = links.update(active=active)
        self.message_user(request, f"Switched {word}: {switched} link{pluralize(switched)}.")

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
            # Read again: a form with errors has left its values in the object.
            stored = Link.objects.select_related("site", "campaign").get(pk=obj.pk)
            context |= panel(stored)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def qr(self, request: HttpRequest, pk: int, kind: str) -> FileResponse:
        """Send the QR code of a link as a file to print."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        link = self.get_object(request, str(pk))
        if link is None or kind not in {"svg", "png"}:
            raise Http404
        image = BytesIO()
        segno.make(link.short_url, error="m").save(image, kind=kind, scale=10)
        image.seek(0)
        name = f"{link.slug or link.code}.{kind}"
        return FileResponse(image, as_attachment=True, filename=name)


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


def panel(link: Link) -> dict[str, Any]:
    """Return what the page of a link shows above its form."""
    entry = link_entry(link, site_entry(link.site))
    channels = entry.site.channels
    return {
        "link": link,
        "state": state_of(link),
        "qr": segno.make(link.short_url, error="m").svg_inline(omitsize=True, border=2),
        "previews": [
            (channel.label, entry.location(channel.number, "{share}"))
            for channel in (DIRECT, *channels)
        ],
        "plain_links": "\n".join(
            f'<a href="{share_url(link, channel)}" rel="nofollow">{channel.label}</a>'
            for channel in channels
        ),
    }
