"""Mails about links that travel: what is in them, and that each is sent once."""

import io
import re
import socket
from datetime import timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from PIL import Image

from analytics import tasks
from analytics.alerts.course import Course
from analytics.alerts.picture import _step, draw
from analytics.alerts.rules import Measure, Sensitivity
from analytics.alerts.send import STALE, compose, send_due
from analytics.alerts.watch import look
from analytics.models import AlertMail, AlertSubscription
from analytics.outbox import WAITS, claim
from tests.analytics.rising import NOW, make_old_link, travel
from tests.factories import make_site

pytestmark = pytest.mark.django_db


class Letterbox:
    """A mail server's handler that keeps what comes, and refuses it while it is told to."""

    def __init__(self):
        self.messages = []
        self.answer = "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            self.messages.append((envelope.rcpt_tos, message))
        return self.answer


@pytest.fixture
def letterbox(settings):
    """A real mail server."""
    box = Letterbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield box
    controller.stop()


@pytest.fixture
def link():
    return make_old_link(title="Plums & <pears>")


@pytest.fixture
def ben(link):
    user = User.objects.create_user("ben", "ben@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_dailycontent"))
    link.site.members.add(user)
    return user


@pytest.fixture
def subscription(ben, link):
    return AlertSubscription.objects.create(
        user=ben, site=link.site, sensitivity=2, language="en", time_zone="Asia/Kolkata"
    )


@pytest.fixture
def row(subscription, link):
    """The mail that is to be sent, due since ``NOW``."""
    travel(link, 40)
    look(link.site, NOW)
    AlertMail.objects.update(created=NOW)
    return AlertMail.objects.get()


def composed(row):
    return compose(AlertMail.objects.get(pk=row.pk), AlertSubscription.objects.get())


def parts(message):
    return {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}


def test_one_mail_for_each_rise(row, link, letterbox):
    send_due(NOW)
    look(link.site, NOW + timedelta(minutes=3))
    send_due(NOW + timedelta(minutes=3))

    [(to, message)] = letterbox.messages
    assert to == ["ben@example.com"]
    assert message["Subject"] == "“Plums & <pears>” begins to travel"
    row.refresh_from_db()
    assert row.sent
    assert row.due is None


def test_it_has_the_picture_the_table_and_the_ways_on(row, link, letterbox, settings):
    send_due(NOW)
    [(_to, message)] = letterbox.messages
    found = parts(message)
    html, text = (found[f"text/{kind}"].get_content() for kind in ("html", "plain"))

    assert "40 clicks on its shares within an hour" in html
    assert "40 clicks on its shares within an hour" in text
    assert "Plums &amp; &lt;pears&gt;" in html
    assert "“Plums & <pears>”" in text
    assert f"{settings.PUBLIC_URL}/admin/reports/links/{link.pk}/?site={link.site.key}" in text
    [alternative] = re.findall(r'<img src="cid:rise"[^>]* alt="([^"]+)"', html)
    assert alternative.startswith("Clicks by the hour within the last 48 hours: 40 in the hour")
    assert html.count('<th scope="row">') == 12

    picture = found["image/png"]
    assert picture["Content-ID"] == "<rise>"
    assert Image.open(io.BytesIO(picture.get_content())).format == "PNG"


def test_moments_and_words_are_the_recipients(row, letterbox):
    # From half past five in the evening on in Delhi, since the site counts in UTC.
    AlertSubscription.objects.update(language="de")
    send_due(NOW)
    [(_to, message)] = letterbox.messages
    html = parts(message)["text/html"].get_content()
    assert '<html lang="de"' in html
    assert "05.03.2026 17:30" in html
    assert "Asia/Kolkata" in html


@pytest.mark.parametrize("values", [{"language": "xx"}, {"time_zone": "Mars/Base"}])
def test_what_is_not_known_any_more_is_the_installations(row, values):
    AlertSubscription.objects.update(**values)
    assert composed(row).subject.endswith("begins to travel")


def test_a_mail_program_can_end_them(row, subscription, letterbox, settings):
    send_due(NOW)
    [(_to, message)] = letterbox.messages
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = message["List-Unsubscribe"].strip(" <>")
    assert address.startswith(settings.PUBLIC_URL)

    anybody = Client(enforce_csrf_checks=True)
    path = address.removeprefix(settings.PUBLIC_URL)
    anybody.post(path, {"List-Unsubscribe": "One-Click"})
    subscription.refresh_from_db()
    assert subscription.sensitivity == Sensitivity.OFF
    assert path in parts(message)["text/html"].get_content()


def test_links_lead_where_the_admin_answers(row, settings):
    settings.PUBLIC_URL = "https://go.example.com"
    settings.ADMIN_HOSTS = ["admin.example.com"]
    assert "https://admin.example.com/admin/alerts/stop/" in composed(row).body


def test_the_same_mail_has_the_same_id(row):
    first, second = (composed(row).message()["Message-ID"] for _ in range(2))
    assert first == second


def test_a_title_of_several_lines_stays_one_header(row, link):
    link.title = "Plums\r\nBcc: eva@example.com"
    link.save()
    message = composed(row).message()
    assert str(make_header(decode_header(message["Subject"]))).startswith("“Plums Bcc: eva@")
    assert message["Bcc"] is None


def test_while_the_mail_server_is_down_it_is_tried_again(row, letterbox, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    now = NOW
    for wait in (*WAITS, WAITS[-1]):
        send_due(now)
        row.refresh_from_db()
        assert row.sent is None
        assert row.due == now + timedelta(minutes=wait)
        assert "refused" in row.problem
        now = row.due
    settings.EMAIL_PORT = port
    send_due(now - timedelta(seconds=1))
    assert not letterbox.messages
    send_due(now)
    assert len(letterbox.messages) == 1


@pytest.mark.parametrize("answer", ["451 Later", "550 Never heard of him"])
def test_what_the_mail_server_refuses_is_tried_again(row, letterbox, answer):
    letterbox.answer = answer
    send_due(NOW)
    row.refresh_from_db()
    assert answer[4:] in row.problem
    letterbox.answer = "250 OK"
    send_due(row.due)
    assert len(letterbox.messages) == 1


def test_a_day_later_it_is_not_told_any_more(row, letterbox):
    send_due(NOW + STALE + timedelta(minutes=1))
    row.refresh_from_db()
    assert (row.due, row.sent, row.problem) == (None, None, "It was too late.")
    assert not letterbox.messages


def test_without_a_mail_server_it_waits(row, settings, mailoutbox):
    settings.EMAIL_HOST = ""
    send_due(NOW)
    row.refresh_from_db()
    assert (row.due, row.tries) == (NOW, 0)


def test_only_one_takes_a_mail(row):
    other = AlertMail.objects.get()
    assert claim(row, NOW)
    assert not claim(other, NOW)


def test_who_was_killed_while_sending_is_taken_over_from(row, letterbox):
    """The lease of the one that was killed ends, and another sends it, once."""
    claim(row, NOW)
    send_due(NOW + timedelta(minutes=1))
    assert not letterbox.messages
    for minutes in (6, 7, 20):
        send_due(NOW + timedelta(minutes=minutes))
    assert len(letterbox.messages) == 1


def lose(**values):
    def change(user, link):
        User.objects.filter(pk=user.pk).update(**values)

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lose(is_active=False), "may not read reports"),
        (lose(is_staff=False), "may not read reports"),
        (lambda user, link: user.user_permissions.clear(), "may not read reports"),
        (lambda user, link: link.site.members.clear(), "does not work for the site"),
        (lose(email=""), "no mail address"),
        (lambda user, link: AlertSubscription.objects.update(sensitivity=0), "not wanted"),
        (lambda user, link: AlertSubscription.objects.update(sensitivity=1), "not wanted"),
    ],
)
def test_rights_and_wishes_hold_when_it_is_sent(row, link, letterbox, change, problem):
    change(row.user, link)
    send_due(NOW)
    row.refresh_from_db()
    assert problem in row.problem
    assert row.due is None
    assert not letterbox.messages


def test_from_the_beat_to_the_mailbox(subscription, link, mailoutbox, settings):
    settings.EMAIL_HOST = "mail.example.com"
    now = timezone.now()
    # In the middle of an hour, so that what happened lies within it or the one before.
    travel(link, 40, now=now)
    for _ in range(2):
        tasks.watch_links()
        tasks.send_alerts()
    assert [message.to for message in mailoutbox] == [["ben@example.com"]]


def test_the_picture_has_a_bar_for_each_hour_and_a_line():
    course = Course(NOW - timedelta(hours=47), [0] * 47 + [40], [10.0] * 48)
    with timezone.override(ZoneInfo("Asia/Kolkata")):
        image = Image.open(io.BytesIO(draw(course))).convert("RGB")
    assert image.size == (1200, 480)
    colors = {color: number for number, color in image.getcolors(100_000) or []}
    assert colors[(93, 46, 140)] > 1_000
    assert colors[(138, 90, 0)] > 1_000


@pytest.mark.parametrize("most", [0, 1, 3, 4, 5, 9, 41, 99, 100, 1001, 123_456])
def test_any_number_fits_into_the_picture(most):
    assert _step(max(most, 4)) * 4 >= most
    draw(Course(NOW, [most] * 48, [0.0] * 48))


def test_k_is_told_in_its_own_words(row):
    row.rise.measure, row.rise.shares, row.rise.count = Measure.K, 40, 20
    row.rise.save()
    assert "20 shares came of the latest 40" in composed(row).body


def test_who_was_told_for_a_link_is_not_told_again_for_its_site(row, ben, link, letterbox):
    of_link = AlertSubscription.objects.create(
        user=ben, link=link, sensitivity=3, language="en", time_zone="UTC"
    )
    send_due(NOW)
    of_link.delete()
    look(link.site, NOW + timedelta(minutes=3))
    send_due(NOW + timedelta(minutes=3))
    assert len(letterbox.messages) == 1


def test_a_subscription_to_another_site_is_another_matter(row, ben, letterbox):
    AlertSubscription.objects.create(
        user=ben, site=make_site(), sensitivity=0, language="en", time_zone="UTC"
    )
    send_due(NOW)
    assert len(letterbox.messages) == 1
