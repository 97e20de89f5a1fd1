"""The visitors' addresses. ``slugs.RESERVED`` names the first part of each."""

from django.urls import path

from shortener import views

urlpatterns = [
    path("", views.home, name="home"),
    path("robots.txt", views.robots, name="robots"),
    path("demo/", views.demo, name="demo"),
    path("offer", views.offer, name="offer"),
    path("events", views.events, name="events"),
    path("share/<channel>", views.share, name="share"),
    path("<name>", views.redirect, name="redirect"),
]
