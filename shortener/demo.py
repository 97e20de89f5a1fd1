"""What a first start leaves to look at: a demo site with one link, and an administrator."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from shortener.destinations import DEMO_PATH
from shortener.models import Link, Site

SITE_KEY = "demo"
ADMIN = "admin"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that a reader takes for one another."""


@transaction.atomic
def ensure() -> None:
    """Make the demo site and its link, and let them follow ``PUBLIC_URL``."""
    hosts = list(dict.fromkeys([settings.PUBLIC_HOST, "localhost", "127.0.0.1"]))
    site, _ = Site.objects.get_or_create(
        key=SITE_KEY, defaults={"name": "Demo magazine", "hosts": hosts}
    )
    if settings.PUBLIC_HOST not in site.hosts:
        site.hosts = [settings.PUBLIC_HOST, *site.hosts]
        site.save(update_fields=["hosts"])
    destination = settings.PUBLIC_URL + DEMO_PATH
    link = site.links.order_by("pk").first()
    if link is None:
        Link.objects.create(
            site=site,
            destination=destination,
            title="How news travels by word of mouth",
            tags={"utm_source": "{channel}", "utm_medium": "share", "utm_campaign": "demo"},
        )
    # A link that leads elsewhere by now is no longer ours to change.
    elif link.destination != destination and link.destination.endswith(DEMO_PATH):
        link.destination = destination
        link.save(update_fields=["destination"])


def link() -> Link | None:
    """Return the link that was made with the demo site, while it is live."""
    first = Link.objects.filter(site__key=SITE_KEY).order_by("pk")[:1]
    return Link.objects.live().filter(pk__in=first).select_related("site").first()


def ensure_admin(password_file: Path) -> str | None:
    """Make an administrator where there is none; return the password made for them.

    None once they have one that is not of our making.
    """
    users = get_user_model()._default_manager
    if not users.filter(is_superuser=True).exists():
        users.create_superuser(username=ADMIN, password=_password(password_file))
    admin = users.filter(username=ADMIN, is_superuser=True, is_active=True).first()
    if admin is None or not password_file.exists():
        return None
    password = password_file.read_text().strip()
    return password if admin.check_password(password) else None


def _password(file: Path) -> str:
    """Return the password in the file, making it on the first call."""
    if not file.exists():
        groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as new:
            new.write("-".join(groups) + "\n")
    return file.read_text().strip()
