"""The admin: Django's own, with the overview as its first page and our ways through it."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from analytics.dashboard.overview import overview_page
from config.accounts import settings as accounts
from config.navigation import navigation


class GrapevineAdmin(AdminSite):
    site_header = site_title = "Grapevine"
    index_title = _("Overview")
    index_template = "admin/everything.html"
    site_url = None  # The bare short domain only leads back here.
    enable_nav_sidebar = False  # Ours takes its place.

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **super().each_context(request),
            "navigation": navigation(request),
            "languages": settings.LANGUAGES,
        }

    def get_urls(self) -> list[Any]:
        # Django's short cut to whatever has an address of its own asks nobody for permission.
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if accounts.HAS_ENTRANCE:
            secured = import_string("config.accounts.entrance.secure_admin_login")(super().login)
            return cast(HttpResponse, secured(request, extra_context))
        answer = super().login(request, extra_context)
        # Any other page of ours could be a short link, which leads anywhere.
        leaves = answer.status_code == 302 and not answer["Location"].startswith("/admin/")
        return redirect("admin:index") if leaves else answer

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the overview, or to those who may not read reports, what there is for them."""
        if request.user.has_perm("analytics.view_dailycontent"):
            return overview_page(request, {**self.each_context(request), **(extra_context or {})})
        return super().index(request, {"title": _("Welcome"), **(extra_context or {})})
