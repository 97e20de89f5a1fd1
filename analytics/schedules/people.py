"""Who may be sent files, and how somebody says that they want no more of them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core import signing
from django.db.models import QuerySet

from analytics.models import Schedule
from shortener.access import EVERY_SITE, sites_of

SALT = "grapevine.schedules.stop"
BACKEND = "django.contrib.auth.backends.ModelBackend"
"""Whose permissions are looked up; single sign-on gives none of its own."""


def people_of(user: Any) -> QuerySet[User]:
    """Return who works for a site that somebody works for, and can be reached by mail."""
    everywhere = User.objects.with_perm(EVERY_SITE, backend=BACKEND).values("pk")
    members = User.objects.filter(sites__in=sites_of(user)).values("pk")
    known = User.objects.filter(is_active=True, is_staff=True).exclude(email="")
    return (known.filter(pk__in=everywhere) | known.filter(pk__in=members)).order_by("username")


def token(schedule: Schedule, user: Any) -> str:
    """Return what allows whoever has it to end these mails to somebody, and nothing else."""
    return signing.dumps([schedule.pk, user.pk], salt=SALT)


def by_token(text: str) -> tuple[Schedule, int] | None:
    """Return the schedule that a token is for, and the person; None for others."""
    try:
        schedule, user = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    found = Schedule.objects.filter(pk=schedule).select_related("site").first()
    return (found, user) if found else None
