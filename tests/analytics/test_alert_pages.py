"""The pages of alerts: what was found, who is told, and how that is ended."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.alerts import pages
from analytics.alerts.rules import Measure, Sensitivity
from analytics.alerts.subscriptions import save, token
from analytics.models import AlertLook, AlertSubscription, Rise
from tests.factories import make_link, make_site

pytestmark = pytest.mark.django_db

LIST = "/admin/alerts/"
MINE = "/admin/alerts/mine/"


@pytest.fixture
def link():
    return make_link(title="Plums & <pears>")


@pytest.fixture
def ben(client):
    """Somebody who may read reports, and works for no site yet."""
    user = User.objects.create_user("ben", "ben@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_dailycontent"))
    client.force_login(user)
    return user


def make_rise(link, **values):
    now = timezone.now()
    course = {
        "start": (now - timedelta(hours=47)).isoformat(),
        "clicks": [3] * 47 + [40],
        "usual": [2.5] * 48,
    }
    defaults = {
        "measure": Measure.CLICKS,
        "reach": Sensitivity.NORMAL,
        "began": now,
        "found": now,
        "seen": now,
        "count": 40,
        "usual": 2.5,
        "course": course,
    }
    return Rise.objects.create(site=link.site, link=link, **{**defaults, **values})


def text_of(response):
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_list_shows_what_was_found(admin_client, link):
    make_rise(link)
    text = text_of(admin_client.get(LIST))

    assert "Plums &amp; &lt;pears&gt;" in text
    assert "40 clicks on its shares within an hour. About 2 were to be expected." in text
    assert "Travels" in text
    assert text.count("<rect") == 48
    assert "where 2 were usual at this time of day; at most 40." in text
    assert text.count('<th scope="row">') == 24
    assert "style=" not in text


def test_of_k_it_tells_shares(admin_client, link):
    make_rise(link, measure=Measure.K, count=20, shares=40, usual=4, ended=timezone.now())
    text = text_of(admin_client.get(LIST))
    assert "20 shares came of the latest 40 so far. About 4 were to be expected." in text
    assert "Calmed down" in text


def test_nobody_sees_rises_of_sites_that_they_do_not_work_for(client, ben, link):
    make_rise(link)
    mine = make_site(name="Mine")
    mine.members.add(ben)

    assert "Plums" not in text_of(client.get(LIST))
    assert client.get(LIST, {"site": link.site.key}).status_code == 404
    assert client.post(reverse("alerts:tell-me", args=[link.pk])).status_code == 404


def test_it_takes_the_right_to_read_reports(client, link):
    user = User.objects.create_user("eva", is_staff=True)
    client.force_login(user)
    for address in (LIST, MINE):
        assert client.get(address).status_code == 403


def test_without_a_site_it_says_what_to_do(client, ben):
    assert "Ask an administrator" in text_of(client.get(LIST))


def test_the_list_goes_on_from_the_last_one(admin_client, link, monkeypatch):
    monkeypatch.setattr(pages, "SHOWN", 2)
    now = timezone.now()
    links = [make_link(site=link.site, title=f"Link {n}") for n in range(3)]
    for n, each in enumerate(links):
        make_rise(each, found=now - timedelta(minutes=n))
    first = text_of(admin_client.get(LIST))
    assert "Link 1" in first
    assert "Link 2" not in first
    [address] = re.findall(r'href="(\?site=[^"]*before=[^"]*)"', first)

    second = text_of(admin_client.get(LIST + address.replace("&amp;", "&")))
    assert "Link 2" in second
    assert "Link 1" not in second


@pytest.mark.parametrize("before", ["x", "2026-13-01T00:00:00Z", "2026-01-01"])
def test_a_page_that_there_is_none_of_is_not_found(admin_client, link, before):
    assert admin_client.get(LIST, {"before": before}).status_code == 404


def test_the_list_costs_the_same_for_many(
    admin_client, link, django_assert_max_num_queries, django_assert_num_queries
):
    make_rise(link)
    with django_assert_max_num_queries(12) as context:
        admin_client.get(LIST)
    for _ in range(5):
        make_rise(make_link(site=link.site))
    with django_assert_num_queries(len(context)):
        admin_client.get(LIST)


@pytest.mark.parametrize(("ago", "says"), [(None, True), (60, True), (2, False)])
def test_it_says_when_nobody_looks(admin_client, link, ago, says):
    if ago is not None:
        at = timezone.now() - timedelta(minutes=ago)
        AlertLook.objects.create(site=link.site, at=at)
    assert ("Nobody has looked" in text_of(admin_client.get(LIST))) is says


def test_the_overview_says_how_many_began_today(admin_client, link):
    assert "began to travel today" not in text_of(admin_client.get("/admin/"))
    make_rise(link, ended=timezone.now())
    make_rise(link)
    make_rise(make_link(site=link.site))
    make_rise(make_link(site=link.site), found=timezone.now() - timedelta(days=2))
    make_rise(make_link())
    text = text_of(admin_client.get("/admin/", {"site": link.site.key}))
    assert (
        f'<a href="/admin/alerts/?site={link.site.key}">2 links began to travel today</a>' in text
    )


def test_everybody_chooses_for_their_sites(client, ben, link):
    link.site.members.add(ben)
    make_site(name="Another's")
    text = text_of(client.get(MINE))
    assert "ben@example.com" in text
    assert "Another's" not in text

    client.cookies["time_zone"] = "Asia/Kolkata"
    answer = client.post(MINE, {f"site-{link.site.pk}": "3"}, headers={"accept-language": "de"})
    assert answer.status_code == 302
    [kept] = AlertSubscription.objects.all()
    assert (kept.user, kept.site, kept.link) == (ben, link.site, None)
    assert (kept.sensitivity, kept.language, kept.time_zone) == (3, "de", "Asia/Kolkata")


def test_what_is_no_choice_is_refused(client, ben, link):
    link.site.members.add(ben)
    text = text_of(client.post(MINE, {f"site-{link.site.pk}": "7"}))
    assert "7 is not one of the available choices" in text
    assert not AlertSubscription.objects.exists()


def test_a_link_has_a_choice_of_its_own_until_it_is_like_its_site(client, ben, link):
    link.site.members.add(ben)
    save(ben, Sensitivity.QUIET, link=link)
    choices = {f"site-{link.site.pk}": "0", f"link-{link.pk}": "3"}
    client.post(MINE, choices)
    assert AlertSubscription.objects.get(link=link).sensitivity == 3

    client.post(MINE, {**choices, f"link-{link.pk}": ""})
    assert not AlertSubscription.objects.filter(link=link).exists()


def test_without_a_mail_address_it_says_so(client, ben, link):
    User.objects.filter(pk=ben.pk).update(email="")
    assert "no mail address" in text_of(client.get(MINE))


def test_a_links_page_has_a_button(client, ben, link):
    link.site.members.add(ben)
    page = reverse("reports:link", args=[link.pk])
    button = reverse("alerts:tell-me", args=[link.pk])
    assert "Tell me when it travels" in text_of(client.get(page))

    text = text_of(client.post(button, {"wanted": "1"}, follow=True))
    assert "You are told by mail when it begins to travel." in text
    assert AlertSubscription.objects.get().sensitivity == Sensitivity.NORMAL

    text = text_of(client.post(button, follow=True))
    assert "Tell me when it travels" in text
    assert AlertSubscription.objects.get().sensitivity == Sensitivity.OFF


@pytest.fixture
def subscription(ben, link):
    return save(ben, Sensitivity.NORMAL, site=link.site)


def test_a_mails_link_asks_before_it_ends_anything(subscription):
    """Programs follow the links in mails."""
    address = reverse("alerts:stop", args=[token(subscription)])
    anybody = Client(enforce_csrf_checks=True)
    assert "Stop them" in text_of(anybody.get(address))
    subscription.refresh_from_db()
    assert subscription.sensitivity == Sensitivity.NORMAL

    for _ in range(2):
        # What a mail program posts by itself.
        answer = anybody.post(address, {"List-Unsubscribe": "One-Click"})
        assert "You will get no more of these mails" in text_of(answer)
        subscription.refresh_from_db()
        assert subscription.sensitivity == Sensitivity.OFF


def test_a_made_up_token_ends_nothing(client, subscription):
    for text in ("x", token(subscription) + "x", str(subscription.pk)):
        assert client.post(reverse("alerts:stop", args=[text])).status_code == 404
    subscription.refresh_from_db()
    assert subscription.sensitivity == Sensitivity.NORMAL


def test_the_demo_says_why_nothing_is_found(admin_client):
    make_site(key="demo")
    assert "not looked at" in text_of(admin_client.get(LIST, {"site": "demo"}))


def test_alerts_are_in_the_navigation(admin_client, link):
    text = text_of(admin_client.get(LIST))
    assert re.search(r'<a href="/admin/alerts/[^"]*" aria-current="page">', text)
