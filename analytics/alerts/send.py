"""The mails about links that travel: each is sent once, while somebody still wants it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from analytics import mail, outbox
from analytics.alerts import picture, words
from analytics.alerts.course import Course
from analytics.alerts.subscriptions import of_link, token
from analytics.models import AlertMail, AlertSubscription
from shortener.access import works_for

STALE = timedelta(hours=24)
"""After which it would be told too late."""
MOST = 100
"""Mails that are sent at once."""
HOURS = 12
"""In the table of a mail."""


def send_due(now: datetime | None = None) -> None:
    """Send the mails that are due; without a mail server they stay so until they are stale."""
    now = now or timezone.now()
    AlertMail.objects.filter(due__lte=now, created__lt=now - STALE).update(
        due=None, problem="It was too late."
    )
    if not mail.is_possible():
        return
    # Whom and what each is about is read only when its turn has come.
    for row in AlertMail.objects.filter(due__lte=now)[:MOST]:
        if outbox.claim(row, now):
            send(row, now)


def send(row: AlertMail, now: datetime) -> None:
    """Send a mail that was taken, and keep what came of it."""
    subscription = of_link(row.user, row.rise.link)
    if subscription is None or subscription.sensitivity < row.rise.reach:
        outbox.give_up(row, "It is not wanted any more.")
    elif problem := _why_not(row):
        outbox.give_up(row, problem)
    else:
        outbox.attempt(row, now, compose(row, subscription).send, mail.FAILURES)


def compose(row: AlertMail, subscription: AlertSubscription) -> mail.Mail:
    """Return the mail, in the language and time zone of its recipient."""
    rise = row.rise
    course = Course.from_json(rise.course)
    with mail.spoken_to(subscription.language, subscription.time_zone):
        query = f"?site={rise.site.key}"
        return mail.compose(
            row.user.email,
            words.subject(rise),
            "alert",
            {
                "site": rise.site,
                "sentence": words.sentence(rise),
                "description": words.described(course),
                "hours": course.hours[: -HOURS - 1 : -1],
                "zone": timezone.get_current_timezone_name(),
                "page": mail.admin_url(reverse("reports:link", args=[rise.link_id])) + query,
                "preferences": mail.admin_url(reverse("alerts:preferences")),
            },
            key=f"alert-{rise.pk}-{row.user_id}",
            pictures={"rise": picture.draw(course)},
            unsubscribe=mail.admin_url(reverse("alerts:stop", args=[token(subscription)])),
        )


def _why_not(row: AlertMail) -> str:
    """Say why a mail is not to be sent any more; empty where it is."""
    user = row.user
    if not (user.is_active and user.is_staff and user.has_perm("analytics.view_dailycontent")):
        return "The user may not read reports."
    if not works_for(user, row.rise.site):
        return "The user does not work for the site."
    if not user.email:
        return "The user has no mail address."
    return ""
