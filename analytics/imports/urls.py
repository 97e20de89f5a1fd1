"""Where imports are found, in the admin."""

from __future__ import annotations

from django.urls import path

from analytics.dashboard.urls import shown
from analytics.imports import pages

app_name = "imports"
MAY_MAKE = "shortener.add_link"

urlpatterns = [
    path("", shown(pages.page, MAY_MAKE), name="list"),
    path("<int:pk>/", shown(pages.one, MAY_MAKE), name="one"),
    path("<int:pk>/progress/", shown(pages.progress, MAY_MAKE), name="progress"),
    path("<int:pk>/report.csv", shown(pages.report, MAY_MAKE), name="report"),
    path("<int:pk>/<slug:verb>/", shown(pages.act, MAY_MAKE), name="act"),
]
