"""The REST API's links: made, changed and switched off, never deleted."""

from __future__ import annotations

from copy import copy
from typing import Any, cast

from django.db.models import Q, QuerySet
from django.urls import register_converter
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, permissions, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from shortener import codes
from shortener.access import links_of, rows_of, sites_of
from shortener.idempotency import PARAMETER, idempotent
from shortener.models import Campaign, Link, Site
from shortener.validators import validate_tags

TRUTHS = {"true": True, "false": False}


class CodeConverter:
    """Read the code in an address as the id of its link."""

    regex = f"[0-9A-Za-z]{{{codes.MIN_LENGTH},{codes.MAX_LENGTH}}}"

    def to_python(self, code: str) -> int:
        link_id, share_id = codes.decode(code) or (0, 0)
        if not link_id or share_id:
            raise ValueError(code)  # Django answers 404.
        return link_id

    def to_url(self, link_id: int) -> str:
        return codes.encode(link_id)


register_converter(CodeConverter, "code")


class ModelPermissions(permissions.DjangoModelPermissions):
    """The admin's permissions; looking takes the permission to view."""

    perms_map = {
        **permissions.DjangoModelPermissions.perms_map,
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
    }


class ChangePermissions(ModelPermissions):
    """For a POST that changes what is there."""

    perms_map = {**ModelPermissions.perms_map, "POST": ["%(app_label)s.change_%(model_name)s"]}


class SiteField(serializers.SlugRelatedField):
    """A site by its key, among those that the user works for."""

    def get_queryset(self) -> QuerySet[Site]:
        return sites_of(self.context["request"].user)


class CampaignField(serializers.SlugRelatedField):
    """A campaign by its slug, among those of the link's site."""

    def get_queryset(self) -> QuerySet[Campaign]:
        serializer = cast(LinkSerializer, self.parent)
        campaigns = Campaign.objects.filter(site__key=serializer.site_key)
        return rows_of(self.context["request"].user, campaigns, "site")


class LinkSerializer(serializers.ModelSerializer[Link]):
    site = SiteField(slug_field="key", queryset=Site.objects.none())
    campaign = CampaignField(
        slug_field="slug",
        queryset=Campaign.objects.none(),
        allow_null=True,
        required=False,
        help_text="The slug of one of the site's campaigns.",
    )
    tags = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        validators=[validate_tags],
        help_text=(
            "Added to the destination. Placeholders: {channel}, {campaign}, {placement}, {share}."
        ),
    )
    code = serializers.CharField(read_only=True)
    short_url = serializers.CharField(read_only=True)

    class Meta:
        model = Link
        fields = [
            "code",
            "short_url",
            "site",
            "campaign",
            "destination",
            "title",
            "slug",
            "tags",
            "expires",
            "fallback_url",
            "forward_query",
            "active",
            "created",
        ]

    @property
    def site_key(self) -> str:
        """The key of the site that the link will have."""
        sent = self.initial_data.get("site")
        return sent if isinstance(sent, str) else self.instance.site.key if self.instance else ""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        link = copy(self.instance) if self.instance else Link()
        for name, value in attrs.items():
            setattr(link, name, value)
        user = self.context["request"].user
        link.check_destinations(anywhere=user.has_perm("shortener.link_anywhere"))
        return attrs


class NewestFirst(CursorPagination):
    ordering = "-pk"
    page_size_query_param = "page_size"
    max_page_size = 1000


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("site", description="Links of the site with this key."),
            OpenApiParameter("campaign", description="Links of campaigns with this slug."),
            OpenApiParameter("active", bool, description="Links that are switched on, or off."),
            OpenApiParameter("search", description="A part of the title, address or slug."),
        ]
    )
)
class LinkViewSet(
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet[Link],
):
    """Short links. An address names a link by its code."""

    queryset = Link.objects.none()
    serializer_class = LinkSerializer
    permission_classes = [ModelPermissions]
    pagination_class = NewestFirst
    lookup_field = "pk"
    lookup_url_kwarg = "code"
    lookup_value_converter = "code"

    def get_queryset(self) -> QuerySet[Link, Any]:
        return links_of(self.request.user).select_related("site", "campaign")

    def filter_queryset(self, queryset: QuerySet[Link, Any]) -> QuerySet[Link, Any]:
        params = self.request.query_params
        if site := params.get("site"):
            queryset = queryset.filter(site__key=site)
        if campaign := params.get("campaign"):
            queryset = queryset.filter(campaign__slug=campaign)
        if active := params.get("active"):
            queryset = queryset.filter(active=truth("active", active))
        if search := params.get("search"):
            queryset = queryset.filter(
                Q(title__icontains=search)
                | Q(destination__icontains=search)
                | Q(slug__icontains=search)
            )
        return queryset

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().create(request, *args, **kwargs)

    def perform_create(self, serializer: serializers.BaseSerializer[Link]) -> None:
        serializer.save(created_by=self.request.user)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], permission_classes=[ChangePermissions])
    def switch_off(self, request: Request, code: int) -> Response:
        """Stop a link from redirecting. Its numbers stay."""
        return self._switch(on=False)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], permission_classes=[ChangePermissions])
    def switch_on(self, request: Request, code: int) -> Response:
        """Let a link redirect again."""
        return self._switch(on=True)

    def _switch(self, *, on: bool) -> Response:
        link = self.get_object()
        link.active = on
        link.save(update_fields=["active"])
        return Response(self.get_serializer(link).data)


def truth(name: str, value: str) -> bool:
    """Read a parameter that says true or false."""
    if value not in TRUTHS:
        raise ValidationError({name: f"{value[:20]!r} should be true or false."})
    return TRUTHS[value]


router = SimpleRouter(use_regex_path=False)
router.register("links", LinkViewSet)
