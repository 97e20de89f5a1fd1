"""Sites, campaigns and links, and the versions of the script that pages hold on to."""

from __future__ import annotations

import secrets
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shortener import codes, destinations
from shortener.answered import IdempotentAnswer
from shortener.channels import DEFAULT_BUTTONS
from shortener.imports.models import Import, ImportLine
from shortener.labelled import LabelledShare
from shortener.logos import SiteLogo
from shortener.own_previews import OwnPreview
from shortener.qr import BLACK
from shortener.serials import SerialCounter
from shortener.slugs import validate_slug
from shortener.tag_templates import TagTemplate
from shortener.validators import (
    validate_brand_color,
    validate_channels,
    validate_hosts,
    validate_tag_parameter,
    validate_tags,
    validate_time_zone,
)
from shortener.versions import CatalogVersion, Versioned, VersionedQuerySet
from shortener.visitors import DaySalt

__all__ = [
    "Campaign",
    "CatalogVersion",
    "DaySalt",
    "IdempotentAnswer",
    "Import",
    "ImportLine",
    "LabelledShare",
    "Link",
    "OwnPreview",
    "Script",
    "SerialCounter",
    "Site",
    "SiteLogo",
    "TagTemplate",
]


def new_key() -> str:
    return secrets.token_hex(8)


def default_channels() -> list[str]:
    return list(DEFAULT_BUTTONS)


class Site(Versioned):
    """A property of the brand: its pages, their hosts, and what its links have in common."""

    name = models.CharField(_("name"), max_length=100)
    key = models.SlugField(
        _("key"),
        max_length=40,
        unique=True,
        default=new_key,
        help_text=_("Public: it stands in the site's pages."),
    )
    hosts = models.JSONField(
        _("hosts"),
        default=list,
        blank=True,
        validators=[validate_hosts],
        help_text=_("Hosts of the site's pages, one a line; .example.com allows all subdomains."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_("Reports count days in this time zone, for example Europe/Berlin."),
    )
    domain = models.CharField(
        _("short domain"),
        max_length=253,
        blank=True,
        help_text=_("A short domain of its own, if the site has one: go.example.com."),
    )
    channels = models.JSONField(
        _("channels"),
        default=default_channels,
        validators=[validate_channels],
        help_text=_("The share buttons, in their order."),
    )
    tags = models.JSONField(
        _("tags"),
        default=dict,
        blank=True,
        validators=[validate_tags],
        help_text=_("Added to every destination, one name=value a line."),
    )
    tag_parameter = models.CharField(
        _("tag parameter"),
        max_length=16,
        default="gv",
        blank=True,
        validators=[validate_tag_parameter],
        help_text=_("The parameter that tells the landing page which share led to it."),
    )
    brand_color = models.CharField(
        _("colour"),
        max_length=7,
        blank=True,
        default=BLACK,
        db_default=BLACK,
        validators=[validate_brand_color],
        help_text=_("Of the site's QR codes. Dark enough for cameras to tell it from white."),
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="sites",
        help_text=_("Who works for this site, besides those who work for every site."),
        verbose_name=_("members"),
    )

    objects = VersionedQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name"]
        permissions = [("every_site", "Works for every site")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.domain:
            self.domain = self.domain.lower().strip()
            validate_hosts([self.domain])

    @property
    def short_base(self) -> str:
        """The address in front of every code of the site, with a slash at its end."""
        scheme = urlsplit(settings.PUBLIC_URL).scheme
        return f"{scheme}://{self.domain}/" if self.domain else f"{settings.PUBLIC_URL}/"

    @property
    def own_hosts(self) -> set[str]:
        """The hosts that answer short links, to which none of the site's may lead."""
        return destinations.own_hosts() | ({self.domain} - {""})

    def page_key(self, url: str) -> str:
        """Return what a link to this address is found by. Raises ValueError."""
        key = destinations.page_key(url, without=self.tag_parameter)
        return key[:2000]  # Percent-encoded, it may be longer than what it is made of.


class Campaign(Versioned):
    """A named group of links."""

    site = models.ForeignKey(
        Site, models.CASCADE, related_name="campaigns", verbose_name=_("site")
    )
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(
        _("slug"), max_length=60, help_text=_("What {campaign} in a tag becomes: summer-sale.")
    )
    starts = models.DateField(_("starts"), null=True, blank=True)
    ends = models.DateField(_("ends"), null=True, blank=True)
    tags = models.JSONField(
        _("tags"),
        default=dict,
        blank=True,
        validators=[validate_tags],
        help_text=_("Added to the campaign's destinations, one name=value a line."),
    )

    objects = VersionedQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["site", "slug"], name="one_campaign_per_slug")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.starts and self.ends and self.ends < self.starts:
            raise ValidationError({"ends": _("The campaign ends before it starts.")})


class LinkQuerySet(VersionedQuerySet):
    """Links, with what is asked of them more than once."""

    def live(self) -> Self:
        """Return the links that redirect now."""
        # Now() runs in the database, so the queryset can be kept on a class.
        return self.filter(models.Q(expires=None) | models.Q(expires__gt=Now()), active=True)


class Link(Versioned):
    """One piece of content that can be shared."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="links", verbose_name=_("site"))
    campaign = models.ForeignKey(
        Campaign,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="links",
        verbose_name=_("campaign"),
    )
    destination = models.CharField(_("destination"), max_length=2000)
    # Filled in from the destination: the key under which an offer for a page finds its link.
    page = models.CharField(_("page"), max_length=2000, editable=False, default="")
    title = models.CharField(_("title"), max_length=200)
    slug = models.CharField(
        _("slug"),
        max_length=60,
        null=True,
        blank=True,
        unique=True,
        validators=[validate_slug],
        help_text=_("A readable short link, such as summer. Left empty, the code alone is used."),
    )
    tags = models.JSONField(
        _("tags"),
        default=dict,
        blank=True,
        validators=[validate_tags],
        help_text=(
            _(
                "Added to the destination, one name=value a line. Placeholders: {channel}, "
                "{campaign}, {placement}, {share}."
            )
        ),
    )
    active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Switch a link off instead of deleting it: its numbers stay."),
    )
    expires = models.DateTimeField(_("expires"), null=True, blank=True)
    fallback_url = models.CharField(
        _("fallback address"),
        max_length=2000,
        blank=True,
        help_text=_("Where visitors go once the link is expired or switched off."),
    )
    forward_query = models.BooleanField(
        _("pass parameters on"),
        default=True,
        help_text=_("Pass parameters of the short link on to the destination."),
    )
    registered = models.BooleanField(
        _("made by itself"),
        default=False,
        editable=False,
        help_text=_("Made when the page's share buttons were first used, not by a person."),
    )
    # What the page says is its picture; never fetched from here.
    image = models.CharField(_("image"), max_length=2000, blank=True, default="", editable=False)
    merged_into = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        help_text=_("The link that this page's buttons hand out, and its numbers are part of."),
        verbose_name=_("merged into"),
    )
    created = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )

    # Set by the forms of editors who may link to hosts outside the site.
    anywhere = False

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["site", "page"], name="link_by_page"),
            models.Index(
                fields=["site", "page"],
                name="duplicate_by_page",
                condition=models.Q(active=True, merged_into=None),
            ),
            models.Index(
                fields=["site", "created"],
                name="registered_by_age",
                condition=models.Q(registered=True),
            ),
        ]
        permissions = [
            ("link_anywhere", "Can link to hosts outside the site"),
            ("report_conversions", "Can report conversions through the API"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.slug or None
        self.page = self.site.page_key(self.destination)
        if "destination" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "page"}
        super().save(*args, **kwargs)

    @property
    def is_live(self) -> bool:
        """Whether the link redirects now."""
        return self.active and (self.expires is None or self.expires > timezone.now())

    def get_absolute_url(self) -> str:
        return reverse("redirect", args=[self.slug or self.code])

    def clean(self) -> None:
        self.check_destinations(anywhere=self.anywhere)

    def check_destinations(self, *, anywhere: bool) -> None:
        """Raise ValidationError unless the link may lead where it leads."""
        if not hasattr(self, "site"):
            return
        hosts = None if anywhere else self.site.hosts
        own = self.site.own_hosts
        errors = {}
        for field in ("destination", "fallback_url"):
            url = getattr(self, field)
            if url and (why := destinations.problem(url, own_hosts=own, allowed_hosts=hosts)):
                errors[field] = why
        if self.campaign and self.campaign.site_id != self.site_id:
            sentence = _("“%(campaign)s” is a campaign of another site.")
            errors["campaign"] = sentence % {"campaign": self.campaign}
        if errors:
            raise ValidationError(errors)

    @property
    def code(self) -> str:
        return codes.encode(self.pk)

    @property
    def short_url(self) -> str:
        """The link as marketers hand it out."""
        return f"{self.site.short_base}{self.slug or self.code}"


class Script(models.Model):
    """A version of ``share.js`` that was handed out under its hash.

    Pages that pin it go on getting what they pinned, after an upgrade too.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    content = models.TextField()

    def __str__(self) -> str:
        return self.digest[:12]
