"""Which sites somebody works for: what they see and change is of these alone."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, QuerySet

from shortener.models import Link, Site

EVERY_SITE = "shortener.every_site"
"""The permission of those who work for all sites, also those that are yet to come."""

User = AbstractBaseUser | AnonymousUser
Row = TypeVar("Row", bound=Model)


def works_for_all(user: User) -> bool:
    """Say whether a user works for every site."""
    who: Any = user
    return bool(who.has_perm(EVERY_SITE))


def sites_of(user: User) -> QuerySet[Site]:
    """Return the sites that a user works for: all, or those whose member they are."""
    if works_for_all(user):
        return Site.objects.all()
    # Nobody's primary key is None, and no member at all is what Django would look for.
    return Site.objects.filter(members=user.pk) if user.pk else Site.objects.none()


def works_for(user: User, site: Site) -> bool:
    """Say whether a user works for a site."""
    return sites_of(user).filter(pk=site.pk).exists()


def rows_of(user: User, rows: QuerySet[Row], path: str) -> QuerySet[Row]:
    """Return those of the rows that are of the sites that a user works for.

    ``path`` leads from a row to its site, as in a filter: ``link__site``; ``pk`` is that of
    sites themselves.
    """
    # Whoever works for every site need not pay for a join.
    return rows if works_for_all(user) else rows.filter(**{f"{path}__in": sites_of(user)})


def links_of(user: User) -> QuerySet[Link]:
    """Return the links of the sites that a user works for."""
    return rows_of(user, Link.objects.all(), "site")
