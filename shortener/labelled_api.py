"""The REST API's labelled shares of a link: made, listed, renamed and archived."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, permissions, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from shortener import codes
from shortener.access import links_of
from shortener.api import NewestFirst, truth
from shortener.channels import BY_NAME
from shortener.idempotency import PARAMETER, idempotent
from shortener.labelled import (
    CHANNELS_TO_LABEL,
    MAX_AT_ONCE,
    MAX_LABEL,
    LabelledShare,
    Wanted,
    mint,
)
from shortener.models import Link

CHANNELS = [channel.name for channel in CHANNELS_TO_LABEL]


class MayShare(permissions.BasePermission):
    """Who may see links sees their labelled shares; who may change links makes them."""

    def has_permission(self, request: Request, view: Any) -> bool:
        may = "view" if request.method in permissions.SAFE_METHODS else "change"
        return request.user.has_perm(f"shortener.{may}_link")


class WantedSerializer(serializers.Serializer):
    channel = serializers.ChoiceField(choices=CHANNELS, help_text="The name of the channel.")
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=MAX_LABEL, help_text="Your own word for it."
    )

    def validate_label(self, label: str) -> str:
        return one_line(label)


class WantedSharesSerializer(serializers.Serializer):
    shares = serializers.ListField(
        child=WantedSerializer(), allow_empty=False, max_length=MAX_AT_ONCE
    )


class LabelledShareSerializer(serializers.ModelSerializer[LabelledShare]):
    channel = serializers.CharField(source="way.name", read_only=True)
    code = serializers.CharField(read_only=True)
    short_url = serializers.CharField(read_only=True)
    compose_url = serializers.CharField(
        read_only=True,
        help_text="Opens the channel's app with the message written; empty where none does.",
    )

    class Meta:
        model = LabelledShare
        fields = ["code", "short_url", "channel", "label", "compose_url", "archived", "created"]
        read_only_fields = ["created"]

    def validate_label(self, label: str) -> str:
        label = one_line(label)
        share = cast(LabelledShare, self.instance)
        same = LabelledShare.objects.filter(
            link=share.link_id, channel=share.channel, label=label
        ).exclude(pk=share.pk)
        if same.exists():
            raise ValidationError("There is another share with this label for the same channel.")
        return label


class LabelledSharesSerializer(serializers.Serializer):
    shares = LabelledShareSerializer(many=True)


def one_line(label: str) -> str:
    """Return a label with single blanks. Raises ValidationError where it is no printable line."""
    label = " ".join(label.split())
    if not label.isprintable():
        raise ValidationError("The label holds control characters.")
    return label


class LabelledSharesView(generics.ListAPIView[LabelledShare]):
    """The labelled shares of a link, the newest first."""

    permission_classes = [MayShare]
    serializer_class = LabelledShareSerializer
    pagination_class = NewestFirst
    queryset = LabelledShare.objects.none()

    def link(self) -> Link:
        return get_object_or_404(
            links_of(self.request.user).select_related("site"), pk=self.kwargs["code"]
        )

    def get_queryset(self) -> QuerySet[LabelledShare]:
        shares = LabelledShare.objects.filter(link=self.link()).select_related("link__site")
        params = self.request.query_params
        if archived := params.get("archived"):
            shares = shares.filter(archived=truth("archived", archived))
        if search := params.get("search"):
            shares = shares.filter(label__icontains=search)
        return shares

    @extend_schema(
        parameters=[
            OpenApiParameter("archived", bool, description="Those that are archived, or are not."),
            OpenApiParameter("search", description="A part of the label."),
        ]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        parameters=[PARAMETER],
        request=WantedSharesSerializer,
        responses={201: LabelledSharesSerializer},
    )
    @idempotent
    def post(self, request: Request, code: int) -> Response:
        """Make labelled shares.

        They are answered in the order in which they were asked for. What the link has already
        is not made again.
        """
        link = self.link()
        asked = WantedSharesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = [
            Wanted(BY_NAME[one["channel"]], one["label"]) for one in asked.validated_data["shares"]
        ]
        minted = mint(link, wanted, by=request.user.pk)
        answer = LabelledShareSerializer(minted.shares, many=True)
        return Response({"shares": answer.data}, status.HTTP_201_CREATED)


@extend_schema(
    parameters=[
        OpenApiParameter(
            "share", location=OpenApiParameter.PATH, description="The code of the share."
        )
    ]
)
class LabelledShareView(generics.UpdateAPIView[LabelledShare]):
    """One labelled share of a link, by its code."""

    permission_classes = [MayShare]
    serializer_class = LabelledShareSerializer
    queryset = LabelledShare.objects.select_related("link__site")
    http_method_names = ["patch", "options"]

    def get_object(self) -> LabelledShare:
        numbers = codes.decode(self.kwargs["share"])
        link_id, share_id = numbers or (0, 0)
        shares = self.get_queryset().filter(link__in=links_of(self.request.user))
        wanted = link_id if link_id == self.kwargs["code"] else 0
        return get_object_or_404(shares, pk=share_id, link=wanted)
