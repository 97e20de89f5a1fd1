"""What django-allauth answers here: logging in, second factors, single sign-on.

Its pages about mail addresses and passwords are left out: administrators look after those.
"""

from __future__ import annotations

from allauth.account import views
from allauth.urls import build_provider_urlpatterns
from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
]
if settings.ACCOUNTS_MFA:
    urlpatterns.append(path("2fa/", include("allauth.mfa.urls")))
if settings.SSO:
    urlpatterns.append(path("sso/", include("allauth.socialaccount.urls")))
    urlpatterns += build_provider_urlpatterns()
