"""Mails to people who use the admin: one frame for all, in the recipient's language.

A mail is rendered from ``templates/mail/<name>.txt`` and ``.html``, within ``spoken_to``. Whoever
sends it sees to it that it is sent once, and again after a failure (``FAILURES``).
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.mime.image import MIMEImage
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

FAILURES = (SMTPException, OSError)
"""What a mail server, or the way to it, raises: it may work later."""


class Mail(EmailMultiAlternatives):
    """A mail whose pictures are shown within its text."""

    mixed_subtype = "related"


def is_possible() -> bool:
    """Tell whether there is a mail server to hand mails over to."""
    return bool(settings.EMAIL_HOST)


@contextmanager
def spoken_to(language: str, zone: str) -> Iterator[None]:
    """Speak a language, and tell moments in a time zone; unknown ones are the installation's."""
    known = translation.check_for_language(language)
    try:
        tzinfo = zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        tzinfo = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    with (
        translation.override(language if known else settings.LANGUAGE_CODE),
        timezone.override(tzinfo),
    ):
        yield


def compose(
    to: str,
    subject: str,
    name: str,
    context: Mapping[str, Any],
    *,
    key: str,
    pictures: Mapping[str, bytes] | None = None,
    files: Mapping[str, bytes] | None = None,
    unsubscribe: str = "",
) -> Mail:
    """Return a mail made from the templates of a name.

    ``key`` is the same whenever the same mail is made, so that mail programs can tell one that
    came twice. ``pictures`` are PNG, each shown by ``cid:<its name>``. ``files`` are
    attached by their names, to mails without pictures. ``unsubscribe`` is the
    address that ends such mails when something is posted to it (RFC 8058).
    """
    said = {
        **context,
        "subject": subject,
        "unsubscribe": unsubscribe,
        "home": admin_url("/admin/"),
    }
    headers = {
        "Message-ID": f"<{key}@{settings.PUBLIC_HOST}>",
        "Auto-Submitted": "auto-generated",
    }
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = Mail(
        # A title of several lines would end the header.
        subject=" ".join(subject.split()),
        body=render_to_string(f"mail/{name}.txt", said).strip() + "\n",
        to=[to],
        headers=headers,
    )
    mail.attach_alternative(render_to_string(f"mail/{name}.html", said), "text/html")
    for picture, content in (pictures or {}).items():
        part = MIMEImage(content, "png")
        part.add_header("Content-ID", f"<{picture}>")
        part.add_header("Content-Disposition", "inline", filename=f"{picture}.png")
        mail.attach(part)
    if files:
        mail.mixed_subtype = "mixed"
    for filename, content in (files or {}).items():
        mail.attach(filename, content, "application/octet-stream")
    return mail


def admin_url(path: str) -> str:
    """Return the whole address of a page of the admin, for whoever is not on one."""
    base = settings.PUBLIC_URL
    if settings.ADMIN_HOSTS:
        parts = urlsplit(base)
        port = f":{parts.port}" if parts.port else ""
        base = f"{parts.scheme}://{settings.ADMIN_HOSTS[0]}{port}"
    return f"{base}{path}"
