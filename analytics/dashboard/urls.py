"""Where the reports are found, in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http.response import HttpResponseBase
from django.urls import path

from analytics.dashboard import content, files, links, overview, reports, tree

app_name = "reports"
View = Callable[..., HttpResponseBase]


def shown(view: View, permission: str = "analytics.view_dailycontent") -> Any:
    """Return a view for those who are logged in to the admin and have the permission."""
    return admin.site.admin_view(permission_required(permission, raise_exception=True)(view))


urlpatterns = [
    path("content/", shown(content.page), name="content"),
    path("parts/<name>/", shown(overview.part), name="part"),
    path("cards/<slug:name>/", shown(reports.lone_card), name="card"),
    path("files/<name>.csv", shown(files.file), name="file"),
    path("links/<int:pk>/", shown(links.page), name="link"),
    path("links/<int:pk>/parts/<name>/", shown(links.part), name="link-part"),
    path("links/<int:pk>/tree/", shown(tree.page), name="link-tree"),
    path("links/<int:pk>/tree/table/", shown(tree.shares), name="link-tree-table"),
    path("<slug:name>/", shown(reports.page), name="page"),
]
