"""The REST API for conversions that a site's own server reports."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from shortener.access import sites_of
from shortener.edge import edge
from shortener.events import EventError, read_event
from shortener.places import fact_of, load, place_of


class ConversionSerializer(serializers.Serializer[Any]):
    """Something a visitor did that matters: a subscription, a sale."""

    code = serializers.CharField(
        help_text="The code that the landing page got in its tag parameter, gv."
    )
    name = serializers.CharField(max_length=40, help_text="What it was: signup, purchase.")
    visit = serializers.CharField(
        max_length=40,
        help_text="What makes it count once: an order's number, or the script's grapevine.visit.",
    )
    value = serializers.FloatField(required=False, allow_null=True)
    currency = serializers.CharField(required=False, help_text="Three letters, such as EUR.")

    def validate_code(self, code: str) -> str:
        # In an address bar, the code of the share before it follows a dot.
        return code.partition(".")[0]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            event = read_event({"kind": "conversion", **attrs})
            load(event, edge().catalog)
            site, link, share_id = place_of(event, edge().catalog)
            if not sites_of(self.context["request"].user).filter(pk=site.id).exists():
                # In the words for a code that is nobody's.
                raise EventError(f"{attrs['code']!r} is not the code of a link", "code")
        except EventError as problem:
            raise ValidationError({problem.field: sentence(problem)}) from problem
        if link is None:
            raise ValidationError({"code": "This field is required."})
        return {"fact": fact_of(event, link, share_id)}


def sentence(problem: EventError) -> str:
    text = f"{problem}"
    return f"{text[0].upper()}{text[1:]}."


class ReportPermission(BasePermission):
    """For the users whose tokens the sites' servers hold."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.user.has_perm("shortener.report_conversions")


class ConversionView(APIView):
    """Conversions that the site's own server knows of. No cookie, no pixel."""

    permission_classes = [ReportPermission]

    @extend_schema(request=ConversionSerializer, responses={202: None})
    def post(self, request: Request) -> Response:
        """Report a conversion. It counts once for each visit and name."""
        serializer = ConversionSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        edge().intake.record_from_server(serializer.validated_data["fact"])
        return Response(status=202)
