"""What django-allauth answers here: logging in, second factors, single sign-on.

Its pages about mail addresses and passwords are left out: administrators look after those.
"""

from __future__ import annotations

from allauth.account import views
from allauth.urls import build_provider_urlpatterns
from django.urls import URLPattern, URLResolver, include, path

from config.accounts.settings import MFA, SSO

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
]
if MFA:
    urlpatterns.append(path("2fa/", include("allauth.mfa.urls")))
if SSO:
    urlpatterns.append(path("sso/", include("allauth.socialaccount.urls")))
    urlpatterns += build_provider_urlpatterns()
