"""Which sites somebody works for: what they see and change is of these alone."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from shortener.models import Link, Site

EVERY_SITE = "shortener.every_site"
"""The permission of those who work for all sites, also those that are yet to come."""

User = AbstractBaseUser | AnonymousUser


def sites_of(user: User) -> QuerySet[Site]:
    """Return the sites that a user works for: all, or those whose member they are."""
    who: Any = user
    if who.has_perm(EVERY_SITE):
        return Site.objects.all()
    # Nobody's primary key is None, and no member at all is what Django would look for.
    return Site.objects.filter(members=who.pk) if who.pk else Site.objects.none()


def works_for(user: User, site: Site) -> bool:
    """Say whether a user works for a site."""
    return sites_of(user).filter(pk=site.pk).exists()


def links_of(user: User) -> QuerySet[Link]:
    """Return the links of the sites that a user works for."""
    return Link.objects.filter(site__in=sites_of(user))
