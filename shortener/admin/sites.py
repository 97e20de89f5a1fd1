"""The admin of sites and their campaigns."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.forms.widgets import Script
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shortener import embed, qr, script
from shortener.access import works_for_all
from shortener.admin.base import KeepsLinks
from shortener.admin.of_sites import OfSitesFilter
from shortener.forms import TAGS_HELP, CampaignForm, SiteForm
from shortener.logos import look_of
from shortener.models import Campaign, Site

LOGO_FIELDS = ("logo", "remove_logo")


@admin.register(Site)
class SiteAdmin(KeepsLinks):
    form = SiteForm
    site_path = "pk"
    list_display = ["name", "key", "short_base", "time_zone", "link_count"]
    search_fields = ["name", "key", "domain"]
    fieldsets = [
        (None, {"fields": ["name", "key", "hosts", "time_zone"]}),
        (_("Short links"), {"fields": ["domain", "tag_parameter"]}),
        (_("Share buttons"), {"fields": ["channels"]}),
        (_("QR codes"), {"fields": ["brand_color", "logo", "remove_logo"]}),
        (_("Attribution tags"), {"fields": ["tags"], "description": TAGS_HELP}),
    ]

    class Media:
        js = [
            Script("shortener/order.js", type="module"),
            Script("shortener/copy.js", type="module"),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Site | None = None) -> list[str]:
        # The key stands in the site's pages; another one would break their buttons.
        return ["key"] if obj else []

    def get_fieldsets(self, request: HttpRequest, obj: Site | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        # Of the logo, the picture of the code is all that there is to look at.
        return [
            (title, {**options, "fields": [f for f in options["fields"] if f not in LOGO_FIELDS]})
            for title, options in fieldsets
        ]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.save_logo()
        if not change and not works_for_all(request.user):
            # Otherwise it would be gone from before their eyes.
            form.instance.members.add(cast(int, request.user.pk))

    def panel(self, pk: int) -> dict[str, Any]:
        return panel(Site.objects.get(pk=pk))


def panel(site: Site) -> dict[str, Any]:
    """Return what the page of a site shows above its form."""
    # What is pinned has to be there after an upgrade, even if no page has loaded it before.
    script.keep()
    return {
        "site": site,
        "qr": qr.svg(site.short_base, look_of(site.pk, site.brand_color)),
        "script": embed.script_element(site),
        "pinned_script": embed.script_element(site, is_pinned=True),
        "element": embed.share_element(placement="article-end"),
        "attributes": embed.ATTRIBUTES,
        "policy": embed.policy(site),
    }


@admin.register(Campaign)
class CampaignAdmin(KeepsLinks):
    form = CampaignForm
    list_display = ["name", "site", "slug", "starts", "ends", "link_count"]
    list_filter = [("site", OfSitesFilter)]
    list_select_related = ["site"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["site", "name", "slug", ("starts", "ends")]}),
        (_("Attribution tags"), {"fields": ["tags"], "description": TAGS_HELP}),
    ]
