"""Every address of the product. Short links come last: they match whatever is left."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from config.accounts import settings as accounts

ENTRANCE = "config.accounts.entrance_urls"

urlpatterns = [
    path("admin/shortener/site/<int:pk>/", include("analytics.installation")),
    path("admin/reports/", include("analytics.dashboard.urls")),
    path("admin/shortener/link/<int:pk>/labels/", include("analytics.dashboard.labels")),
    path("admin/exports/", include("analytics.exports.urls")),
    path("admin/schedules/", include("analytics.schedules.urls")),
    path("admin/new-links/", include("shortener.admin.new_links")),
    path("admin/duplicates/", include("shortener.admin.duplicates")),
    path("admin/alerts/", include("analytics.alerts.urls")),
    path("admin/imports/", include("analytics.imports.urls")),
    path("admin/language/", set_language, name="set_language"),
    *([path("admin/account/", include(ENTRANCE))] if accounts.HAS_ENTRANCE else []),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
    path("", include("config.health")),
    path("", include("shortener.urls")),
]
