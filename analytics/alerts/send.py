"""Sending what is due: each mail once, and again after a failure.

Whoever sends a mail first puts off when it is due, which only one can do. Killed meanwhile, it is
due again later. Only where that happens in the moment between the mail server's word and the
database's is it sent twice, with the same Message-ID.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from analytics import mail
from analytics.alerts import picture, words
from analytics.alerts.course import Course
from analytics.alerts.subscriptions import of_link, token
from analytics.models import AlertMail, AlertSubscription
from shortener.access import works_for

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""For whoever sends one: by far longer than a mail server may take."""
WAITS = (1, 2, 5, 10, 30)
"""Minutes after a failure, the last ones again and again."""
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
    for pk, due in AlertMail.objects.filter(due__lte=now).values_list("pk", "due")[:MOST]:
        if due and claim(pk, due, now):
            send(_read(pk), now)


def claim(pk: int, due: datetime, now: datetime) -> bool:
    """Take a mail that is due, unless somebody else has."""
    rows = AlertMail.objects.filter(pk=pk, due=due)
    return bool(rows.update(due=now + LEASE, tries=F("tries") + 1))


def send(row: AlertMail, now: datetime) -> None:
    """Send a mail that was taken, and keep what came of it."""
    subscription = of_link(row.user, row.rise.link)
    if subscription is None or subscription.sensitivity < row.rise.reach:
        row.due, row.problem = None, "It is not wanted any more."
    elif problem := _why_not(row):
        row.due, row.problem = None, problem
    else:
        try:
            compose(row, subscription).send()
        except mail.FAILURES as error:
            wait = WAITS[min(row.tries, len(WAITS)) - 1]
            row.due, row.problem = now + timedelta(minutes=wait), f"{error}"[:200]
            logger.warning("An alert could not be sent and will be tried again: %s", error)
        else:
            row.due, row.sent, row.problem = None, timezone.now(), ""
    row.save(update_fields=["due", "sent", "problem"])


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


def _read(pk: int) -> AlertMail:
    related = ("user", "rise__site", "rise__link")
    return AlertMail.objects.select_related(*related).get(pk=pk)


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
