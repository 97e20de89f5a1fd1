"""The way in by django-allauth: second factors, and single sign-on.

Imported only where the settings ask for one of them; allauth may not be installed otherwise.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.decorators import secure_admin_login
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import admin
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from config.accounts.guessing import network_of

__all__ = ["AccountAdapter", "SocialAccountAdapter", "frame", "secure_admin_login"]

VIEWS = ("account_", "mfa_", "socialaccount_", "openid_connect_")
"""How the names of allauth's views begin."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by administrators, or by the first login through single sign-on."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return network_of(request)

    def is_safe_url(self, url: str | None) -> bool:
        # Any other page of ours could be a short link, which leads anywhere.
        is_admin = bool(url) and str(url).startswith("/admin/")
        return is_admin and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Whoever comes by single sign-on gets in, and finds out that they have no rights yet."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True

    def new_user(self, request: HttpRequest, sociallogin: Any) -> Any:
        user = super().new_user(request, sociallogin)
        user.is_staff = True
        return user


def frame(request: HttpRequest) -> dict[str, Any]:
    """Put allauth's pages into the admin's frame, as a context processor."""
    match = request.resolver_match
    if match is None or not (match.url_name or "").startswith(VIEWS):
        return {}
    return admin.site.each_context(request)
