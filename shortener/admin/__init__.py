"""The admin of sites, campaigns and links, and of the pages that became links by themselves."""

from django.contrib import admin

from shortener.admin import links, pages, sites

__all__ = ["links", "pages", "sites"]

admin.site.site_header = admin.site.site_title = "Grapevine"
admin.site.index_title = "Links and what became of them"
admin.site.site_url = None  # The bare short domain only leads back here.
