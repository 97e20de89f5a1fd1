"""The admin of UTM templates, and the page's part that tells what their tags come to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from shortener.admin.base import ReadableAdmin
from shortener.admin.of_sites import OfSitesFilter
from shortener.forms import TAGS_HELP, TagTemplateForm
from shortener.models import TagTemplate
from shortener.results import ResultForm, results

WRITERS = tuple(
    f"shortener.{may}_{model}" for may in ("add", "change") for model in ("link", "tagtemplate")
)


@admin.register(TagTemplate)
class TagTemplateAdmin(ReadableAdmin):
    form = TagTemplateForm
    list_display = ["name", "site", "tag_lines"]
    list_filter = [("site", OfSitesFilter)]
    list_select_related = ["site"]
    search_fields = ["name"]
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["site", "name"]}),
        (None, {"fields": ["tags"], "description": TAGS_HELP}),
    ]

    class Media:
        js = [Script("shortener/draft.js", type="module")]

    def panel(self, pk: int) -> dict[str, Any]:
        template = TagTemplate.objects.select_related("site").get(pk=pk)
        return {"results": results(template.site, template.tags)}


@require_POST
def result_part(request: HttpRequest) -> HttpResponse:
    """Show where visitors will arrive with the tags of a form that is being filled in."""
    if not any(map(request.user.has_perm, WRITERS)):
        raise PermissionDenied
    form = ResultForm(request.POST, user=request.user)
    shown = form.results() if form.is_valid() else []
    context = {"form": form, "results": shown}
    return TemplateResponse(request, "admin/shortener/result.html", context)
