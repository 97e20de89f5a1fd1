"""Where alerts are found, in the admin."""

from __future__ import annotations

from django.urls import path

from analytics.alerts import pages
from analytics.dashboard.urls import shown

app_name = "alerts"
urlpatterns = [
    path("", shown(pages.page), name="list"),
    path("mine/", shown(pages.preferences), name="preferences"),
    path("links/<int:pk>/", shown(pages.tell_me), name="tell-me"),
    path("stop/<str:token>/", pages.stop, name="stop"),
]
