"""A share's page in the admin says what is known of it, and by what evidence."""

import pytest
from django.urls import reverse

from analytics.settle import settle
from tests.analytics.counts import NOON
from tests.factories import make_link
from tests.facts import PERSON, hit, press, share_of, store

pytestmark = pytest.mark.django_db


def page(admin_client, share):
    url = reverse("admin:analytics_share_change", args=[share])
    return " ".join(admin_client.get(url).content.decode().split())


def test_what_a_copied_link_turned_out_to_be(admin_client):
    link, copy = make_link(), share_of("copy")
    store(
        press(link, share=copy, time=NOON),
        hit(link, share=copy, time=NOON + 4_000, agent="TelegramBot (like TwitterBot)"),
        hit(link, share=copy, time=NOON + 300_000),
        hit(link, share=copy, time=NOON + 301_000, agent=f"{PERSON} Line/15.0.0"),
    )
    settle()
    text = page(admin_client, copy)

    assert "Telegram: an app fetched a preview, 2026-03-05 12:00:04 (preview:telegram)" in text
    assert "2026-03-05 12:00:04, 4 s after the press" in text
    assert "2026-03-05 12:05:00, 5 minutes after the press" in text
    assert '<div class="readonly">LINE</div>' in text


def test_mail_shows_no_previews(admin_client):
    store(press(make_link(), share=share_of("email"), time=NOON))
    text = page(admin_client, share_of("email"))
    assert "not observable: this channel shows no previews" in text
    assert "nothing observed" in text
