"""The visitors' addresses. ``slugs.RESERVED`` names the first part of each."""

from django.urls import include, path, re_path

from shortener import buttons, preview_pages, script, views
from shortener.own_previews import FOLDER, NAME

urlpatterns = [
    path("", views.home, name="home"),
    path("robots.txt", views.robots, name="robots"),
    path("demo/", include("shortener.magazine")),
    path("share.js", script.current, name="script"),
    path("share.json", script.data, name="script-data"),
    re_path(r"^share\.(?P<wanted>[0-9a-f]{64})\.js$", script.pinned, name="pinned-script"),
    re_path(rf"^{FOLDER}(?P<name>{NAME})$", preview_pages.picture, name="preview-picture"),
    path("qr/<code>.svg", buttons.qr, name="qr"),
    path("offer", buttons.offer, name="offer"),
    path("events", buttons.events, name="events"),
    path("share/<channel>", buttons.share, name="share"),
    path("<name>", views.redirect, name="redirect"),
]
