"""Where files are found, in the admin."""

from __future__ import annotations

from django.urls import path

from analytics.dashboard.urls import shown
from analytics.exports import pages

app_name = "exports"
urlpatterns = [
    path("", shown(pages.page), name="list"),
    path("rows/", shown(pages.rows), name="rows"),
    path("new/", shown(pages.order), name="new"),
    path("<int:pk>/file/", shown(pages.file), name="file"),
    path("<int:pk>/cancel/", shown(pages.cancel), name="cancel"),
]
