"""The admin's walls between sites: whoever works for some meets nothing of the others."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse

from shortener.access import rows_of, sites_of, works_for_all
from shortener.models import Campaign, Link, Site, TagTemplate

PATHS: dict[type[Model], str] = {Site: "pk", Campaign: "site", Link: "site", TagTemplate: "site"}
"""From what can be chosen in forms and filters to its site."""


class OfSites(admin.ModelAdmin):
    """Lists, shows and offers what is of the sites that the user works for.

    Autocomplete, actions and the pages of single objects go by ``get_queryset`` as well.
    """

    site_path = "site"
    """From a row to its site, as in a filter."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return rows_of(request.user, super().get_queryset(request), self.site_path)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        path = PATHS.get(db_field.related_model)
        if field and path and field.queryset is not None:
            field.queryset = rows_of(request.user, field.queryset, path)
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        # What the address of a new form names may be anything, and is looked up by its number.
        return {
            name: value
            for name, value in super().get_changeform_initial_data(request).items()
            if str(value).isdecimal() or not self._is_looked_up(name)
        }

    def _is_looked_up(self, name: str) -> bool:
        return any(field.name == name and field.is_relation for field in self.opts.get_fields())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Where there is no site at all, a form to make one is a press away.
        works = works_for_all(request.user) or sites_of(request.user).exists()
        context = {"works_for_none": not works, **(extra_context or {})}
        return super().changelist_view(request, context)


class OfSitesFilter(admin.RelatedFieldListFilter):
    """Names the sites that the user works for, and what is theirs, but no others."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> Any:
        related = field.related_model
        theirs = rows_of(request.user, related.objects.all(), PATHS[related])
        return field.get_choices(
            include_blank=False,
            ordering=self.field_admin_ordering(field, request, model_admin),
            limit_choices_to={"pk__in": theirs},
        )
