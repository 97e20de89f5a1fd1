"""The REST API's addresses: links, reports, and their OpenAPI description."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from shortener.api import router
from shortener.conversions import ConversionView
from shortener.labelled_api import LabelledSharesView, LabelledShareView

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(router.urls)),
    path("v1/links/<code:code>/shares/", LabelledSharesView.as_view(), name="api-shares"),
    path("v1/links/<code:code>/shares/<share>/", LabelledShareView.as_view(), name="api-share"),
    path("v1/conversions/", ConversionView.as_view(), name="api-conversions"),
    path("v1/reports/", include("analytics.api")),
    path("v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "v1/docs/",
        # Split, and in our own frame: the content security policy allows nothing inline.
        SpectacularSwaggerSplitView.as_view(
            url_name="api-schema", template_name="analytics/api_docs.html"
        ),
        name="api-docs",
    ),
]
