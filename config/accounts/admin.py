"""The admin of users, with their roles and sites, and of the keys with which programs log in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Permission, User
from django.db.models import Exists, ForeignKey, OuterRef, Q, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.admin import TokenAdmin as DRFTokenAdmin
from rest_framework.authtoken.models import TokenProxy

from config.accounts.forms import NewUserForm, UserForm
from config.accounts.roles import BY_NAME
from shortener.access import EVERY_SITE, works_for_all

admin.site.unregister(User)
admin.site.unregister(TokenProxy)

SHOWN_AS: dict[Any, str] = {"groups": "roles", "sites": "site_names"}
"""What is boxes to those who may change it, and words to those who may only look."""
FOR_SUPERUSERS = frozenset({"is_superuser", "user_permissions"})


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Users are of no single site: they are for those who work for every one.

    And nobody changes somebody with more rights than they have themselves.
    """

    class Media:
        css = {"all": ["accounts/users.css"]}

    form = UserForm
    add_form = NewUserForm
    list_display = ["username", "email", "roles", "site_names", "is_active"]
    list_filter = ["is_active", "groups", "sites"]
    filter_horizontal = ["user_permissions"]
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["username", "password", "email", ("first_name", "last_name")]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "groups", "sites"]}),
        (
            _("Beyond roles"),
            {"fields": ["is_superuser", "user_permissions"], "classes": ["collapse"]},
        ),
        (_("History"), {"fields": [("last_login", "date_joined")]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    add_fieldsets = [
        (None, {"fields": ["username", "email"]}),
        (_("Password"), {"fields": ["usable_password", "password1", "password2"]}),
        (_("Rights"), {"fields": ["is_staff", "groups", "sites"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        app, _dot, codename = EVERY_SITE.partition(".")
        everywhere = Permission.objects.filter(
            Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk")),
            content_type__app_label=app,
            codename=codename,
        )
        users: QuerySet[User] = super().get_queryset(request)
        return users.prefetch_related("groups", "sites").annotate(everywhere=Exists(everywhere))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if not getattr(request.user, "is_superuser", False):
            fieldsets = [row for row in fieldsets if FOR_SUPERUSERS.isdisjoint(row[1]["fields"])]
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": [SHOWN_AS.get(f, f) for f in options["fields"]]})
            for title, options in fieldsets
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_staff": True, **super().get_changeform_initial_data(request)}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.sites.set(form.cleaned_data["sites"])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return works_for_all(request.user) and super().has_add_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return works_for_all(request.user) and super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return is_below(obj, request.user) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return is_below(obj, request.user) and super().has_delete_permission(request, obj)

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        if user.is_superuser:
            return gettext("may do everything")
        names = (group.name for group in user.groups.all())
        return ", ".join(str(BY_NAME[n].title) if n in BY_NAME else n for n in names) or gettext(
            "none"
        )

    @admin.display(description=_("sites"))
    def site_names(self, user: Any) -> str:
        if user.is_superuser or user.everywhere:
            return gettext("every site")
        return ", ".join(site.name for site in user.sites.all()) or gettext("none")


def is_below(user: User | None, who: Any) -> bool:
    """Say whether somebody may change a user; None stands for users in general."""
    if not works_for_all(who):
        return False
    return user is None or who.is_superuser or not user.is_superuser


@admin.register(TokenProxy)
class TokenAdmin(DRFTokenAdmin):
    """Keys for the API. With a key go all the rights of its user, so everybody has their own."""

    list_select_related = ["user"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        tokens: QuerySet[Any] = super().get_queryset(request)
        return tokens.filter(user__in=holders(request.user))

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        kwargs["queryset"] = holders(request.user)
        kwargs["initial"] = request.user.pk
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def holders(who: Any) -> QuerySet[User]:
    """Return whose keys somebody may see and make: their own; superusers, everybody's."""
    return User.objects.all() if who.is_superuser else User.objects.filter(pk=who.pk)
