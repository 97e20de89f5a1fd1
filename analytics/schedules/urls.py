"""Where schedules are found, in the admin."""

from __future__ import annotations

from django.urls import path

from analytics.dashboard.urls import shown
from analytics.schedules import pages

app_name = "schedules"
urlpatterns = [
    path("", shown(pages.page), name="list"),
    path("new/", shown(pages.edit), name="new"),
    path("<int:pk>/", shown(pages.edit), name="edit"),
    path("<int:pk>/<slug:verb>/", shown(pages.act), name="act"),
    path("runs/<int:pk>/again/", shown(pages.again), name="again"),
    path("runs/<int:pk>/file/", shown(pages.file), name="file"),
    path("stop/<str:token>/", pages.stop, name="stop"),
]
