"""The REST API's reports."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.models import DailyContent
from analytics.reports.content import Content, content
from analytics.reports.question import Question
from shortener.api import ModelPermissions


class TotalsSerializer(serializers.Serializer):
    presses = serializers.IntegerField()
    previews = serializers.IntegerField()
    clicks = serializers.IntegerField()
    daily_visitors = serializers.IntegerField(source="visitors")
    visits = serializers.IntegerField()
    conversions = serializers.IntegerField()


class ReachSerializer(serializers.Serializer):
    all = TotalsSerializer()
    private = TotalsSerializer()
    public = TotalsSerializer()
    direct = TotalsSerializer()
    private_percent = serializers.FloatField(
        allow_null=True,
        help_text="The private part of the clicks on shares; null where there are none.",
    )


class ChannelContentSerializer(serializers.Serializer):
    channel = serializers.CharField(source="channel.name")
    channel_label = serializers.CharField(source="channel.label")
    private = serializers.BooleanField()
    presses = serializers.IntegerField()
    previews = serializers.IntegerField(
        allow_null=True, help_text="null: not observable, the channel's apps show no previews."
    )
    clicks = serializers.IntegerField()
    daily_visitors = serializers.IntegerField(source="visitors")
    visits = serializers.IntegerField()
    conversions = serializers.IntegerField()


class LinkContentSerializer(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    destination = serializers.CharField()
    totals = ReachSerializer(source="reach")
    channels = ChannelContentSerializer(many=True)


class ContentSerializer(serializers.Serializer[Content]):
    """Content by channel, the most clicked link first."""

    site = serializers.CharField(source="question.site.key")
    time_zone = serializers.CharField(source="question.site.time_zone")
    start = serializers.DateField(source="question.start")
    end = serializers.DateField(source="question.end")
    totals = ReachSerializer(source="reach")
    links = LinkContentSerializer(many=True)


class ContentReport(generics.GenericAPIView):
    """How far each link travelled, and through which channels."""

    queryset = DailyContent.objects.none()
    serializer_class = ContentSerializer
    permission_classes = [ModelPermissions]
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter("site", description="The site's key. Needed if there are several."),
            OpenApiParameter("from", date, description="The first day, like 2026-11-01."),
            OpenApiParameter("to", date, description="The last day; today, if not given."),
        ]
    )
    def get(self, request: Request) -> Response:
        try:
            question = Question.from_params(request.query_params)
        except DjangoValidationError as error:
            raise ValidationError(error.message_dict) from error
        return Response(self.get_serializer(content(question)).data)
