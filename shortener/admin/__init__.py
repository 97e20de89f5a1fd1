"""The admin of sites, campaigns and links, and of the pages that became links by themselves."""

from shortener.admin import links, pages, sites, tag_templates

__all__ = ["links", "pages", "sites", "tag_templates"]
