"""The REST API's reports, each at an address of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.core.exceptions import ValidationError as DjangoValidationError
from django.http.response import HttpResponseBase
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.exports.dialects import DIALECTS, Dialect
from analytics.exports.recipe import Recipe, dialect
from analytics.models import DailyContent
from analytics.reports.catalog import REPORTS, Report
from analytics.reports.params import PARAMETERS
from analytics.reports.question import Question
from analytics.serializers import answer_json, serializer_of
from shortener.access import sites_of
from shortener.api import ModelPermissions

TYPES = {
    "from": OpenApiTypes.DATE,
    "to": OpenApiTypes.DATE,
    "compare_from": OpenApiTypes.DATE,
    "compare_to": OpenApiTypes.DATE,
    "top": OpenApiTypes.INT,
    "page": OpenApiTypes.INT,
}
CSV = "csv"
DIALECT = f"Of files: one of {', '.join(DIALECTS)}; the first, if not given."


class CSVRenderer(BaseRenderer):
    """Lets CSV be asked for, by ``format=csv`` or by the header; the view writes the file."""

    media_type = "text/csv"
    format = CSV

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Write what is wrong with a request, a line each."""
        problems = data.values() if isinstance(data, Mapping) else [data]
        return "\n".join(str(p[0] if isinstance(p, list) else p) for p in problems).encode()


class ReportView(generics.GenericAPIView):
    """Answers the questions for one report."""

    queryset = DailyContent.objects.none()
    permission_classes = [ModelPermissions]
    renderer_classes = [JSONRenderer, CSVRenderer]
    pagination_class = None
    name = ""

    @property
    def report(self) -> Report:
        return REPORTS[self.name]

    def get(self, request: Request) -> HttpResponseBase:
        if not self.report.is_for(request.user):
            self.permission_denied(request, message="This report is of all sites together.")
        in_full = request.user.has_perm("analytics.view_hit")
        try:
            question = Question.from_params(
                request.query_params, sites_of(request.user), in_full=in_full
            )
        except DjangoValidationError as error:
            raise ValidationError(error.message_dict) from error
        if cast(Any, request).accepted_renderer.format == CSV:
            return Recipe(self.name, question, _dialect(request)).response()
        return Response(answer_json(self.report, question, self.report.answer(question)))


def _dialect(request: Request) -> Dialect:
    try:
        return dialect(request.query_params)
    except DjangoValidationError as error:
        raise ValidationError(error.message_dict) from error


def view_of(name: str, report: Report) -> type[ReportView]:
    """Return the view of a report, with its description."""
    view = type(f"{report.answer.__name__}_view", (ReportView,), {"name": name})
    parameters = [
        OpenApiParameter(parameter, TYPES.get(parameter, OpenApiTypes.STR), description=sentence)
        for parameter, sentence in (PARAMETERS | {"dialect": DIALECT}).items()
    ]
    description = extend_schema(
        operation_id=f"reports_{name.replace('-', '_')}",
        summary=report.title,
        description=report.sentence,
        parameters=parameters,
        responses={
            (200, "application/json"): serializer_of(report),
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    return extend_schema_view(get=description)(view)


urlpatterns = [
    path(name, view_of(name, report).as_view(), name=f"api-{name}")
    for name, report in REPORTS.items()
]
