"""The admin of UTM templates."""

from __future__ import annotations

from django.contrib import admin

from shortener.admin.base import ReadableAdmin
from shortener.forms import TAGS_HELP, TagTemplateForm
from shortener.models import TagTemplate


@admin.register(TagTemplate)
class TagTemplateAdmin(ReadableAdmin):
    form = TagTemplateForm
    list_display = ["name", "site", "tag_lines"]
    list_filter = ["site"]
    list_select_related = ["site"]
    search_fields = ["name"]
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["site", "name"]}),
        (None, {"fields": ["tags"], "description": TAGS_HELP}),
    ]
