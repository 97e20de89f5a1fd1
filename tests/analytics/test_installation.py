"""The self-test of an installation, in the admin: what has arrived from a page, and when."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from analytics import evidence
from shortener.models import Link
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP, hit, offer, press, share_of, store, visit

pytestmark = pytest.mark.django_db
URL = "https://example.com/article"
STEPS = ("script", "offer", "press", "preview", "click")


@pytest.fixture
def site():
    return make_site(name="The Bench", hosts=["example.com"])


@pytest.fixture
def link(site):
    return make_link(site=site, destination=URL)


def address(site):
    return reverse("installation", args=[site.pk])


def begin(client, site, url=URL):
    """Start a check; return the address it can be looked at again under."""
    response = client.get(address(site), {"url": url})
    assert response.status_code == 302
    return address(site) + response["Location"]


def steps(client, check):
    """Return the state of each step: the text behind its title."""
    html = client.get(check).content.decode()
    found = re.findall(r'<li id="step-(\w+)".*?</h2>(.*?)</li>', html, re.S)
    return {name: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for name, text in found}


def seen(client, check):
    return [name for name, text in steps(client, check).items() if text.startswith("seen at")]


# The form


def test_the_page_to_look_at_is_asked_for(admin_client, site):
    html = admin_client.get(address(site)).content.decode()

    assert "Address of a page with share buttons" in html
    assert "What may be wrong" in html
    assert "data-live" not in html


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "Which page is it? Paste its address."),
        ("example.com/a", "The address must start with https:// or http://."),
        (
            "https://elsewhere.example/",
            "elsewhere.example is not a host of this site. Its hosts are: example.com.",
        ),
        ("https://[", "This is not a valid address"),
        ("javascript:alert(1)", "The address must start with https:// or http://."),
        ("https://example.com/" + "x" * 2000, "at most 2000 characters"),
    ],
)
def test_an_address_that_cannot_be_checked_is_refused_in_words(admin_client, site, url, sentence):
    response = admin_client.get(address(site), {"url": url})
    html = response.content.decode()

    assert response.status_code == 200
    assert sentence in html
    assert f'href="{reverse("admin:shortener_site_change", args=[site.pk])}">its page' in html


def test_what_is_typed_is_text(admin_client, site):
    html = admin_client.get(address(site), {"url": "https://<script>"}).content.decode()

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


# The check


def test_a_check_begins_now_and_its_moment_stands_in_the_address(admin_client, site, link):
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        query = parse_qs(urlsplit(begin(admin_client, site)).query)

    assert query == {"url": [URL], "since": ["1795435200000"]}


def test_everything_is_waited_for_with_a_sentence_what_to_do(admin_client, site, link):
    state = steps(admin_client, begin(admin_client, site))

    assert tuple(state) == STEPS
    assert state["script"] == "waiting Open the page in another tab."
    assert state["click"] == "waiting Open the link from the chat."


def test_what_came_before_is_not_seen(admin_client, site, link):
    store(offer(link), press(link), hit(link), hit(link, agent=WHATSAPP))

    assert seen(admin_client, begin(admin_client, site)) == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (lambda link: [offer(link)], ["script", "offer"]),
        (lambda link: [visit(link)], ["script"]),
        (lambda link: [press(link)], ["press"]),
        (lambda link: [hit(link, agent=WHATSAPP)], ["preview"]),
        (lambda link: [hit(link)], ["click"]),
        (lambda link: [hit(link, agent="curl/8.0")], []),
    ],
    ids=["offer", "visit", "press", "preview", "click", "bot"],
)
def test_each_fact_is_seen_as_what_it_is(admin_client, site, link, facts, expected):
    store(*facts(link))
    check = begin(admin_client, site)
    assert seen(admin_client, check) == []

    store(*facts(link) if expected != ["press"] else [press(link, share=share_of("sms", 6000))])
    assert seen(admin_client, check) == expected


def test_facts_of_another_page_are_not_seen(admin_client, site, link):
    check = begin(admin_client, site)
    store(offer(make_link(site=site, destination="https://example.com/other")))

    assert seen(admin_client, check) == []


def test_a_press_tells_its_channel_its_place_and_its_parent(admin_client, site, link):
    check = begin(admin_client, site)
    store(press(link, placement="article-end", parent=share_of("sms")))

    detail = steps(admin_client, check)["press"]
    assert detail.endswith("WhatsApp, placement “article-end”, passed on from another share")


def test_a_press_without_a_parent_is_the_first_of_its_chain(admin_client, site, link):
    check = begin(admin_client, site)
    store(press(link))

    assert steps(admin_client, check)["press"].endswith("WhatsApp, the first of its chain")


def test_a_preview_tells_what_fetched_it_beside_what_was_pressed(admin_client, site, link):
    check = begin(admin_client, site)
    store(hit(link, share=share_of("copy"), agent=WHATSAPP))

    assert steps(admin_client, check)["preview"].endswith(
        "link made for Copy link, fetched by WhatsApp"
    )


def test_a_time_is_that_of_the_fact_in_the_time_zone_of_the_site(admin_client, link, site):
    site.time_zone = "Asia/Kolkata"
    site.save()
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False) as clock:
        admin_client.force_login(User.objects.get())
        check = begin(admin_client, site)
        clock.shift(timedelta(seconds=30))
        store(press(link))
        clock.shift(timedelta(seconds=30))
        state = steps(admin_client, check)
        html = admin_client.get(check).content.decode()

    assert state["press"].startswith("seen at 17:30:30")
    assert "Since 17:30:00, in the time zone of Asia/Kolkata." in html


def test_a_step_once_seen_keeps_its_time(admin_client, site, link):
    check = begin(admin_client, site)
    store(offer(link))
    first = steps(admin_client, check)
    store(offer(link))

    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        assert steps(admin_client, check) == first


def test_two_checks_do_not_get_in_each_others_way(admin_client, site, link):
    with time_machine.travel(timezone.now() - timedelta(minutes=1)):
        earlier = begin(admin_client, site)
        store(offer(link))
    later = begin(admin_client, site)

    assert seen(admin_client, earlier) == ["script", "offer"]
    assert seen(admin_client, later) == []


@pytest.mark.parametrize("since", ["", "0", "x", "9" * 400, "-1"])
def test_a_check_that_is_not_known_begins_anew(admin_client, site, link, since):
    response = admin_client.get(address(site), {"url": URL, "since": since})

    assert response.status_code == 302
    assert since not in parse_qs(urlsplit(response["Location"]).query)["since"]


def test_a_check_of_one_page_is_not_that_of_another(admin_client, site, link):
    since = parse_qs(urlsplit(begin(admin_client, site)).query)["since"][0]

    other = {"url": "https://example.com/other", "since": since}
    assert admin_client.get(address(site), other).status_code == 302


def test_a_session_keeps_a_few_checks_only(admin_client, site, link):
    first = begin(admin_client, site)
    for minute in range(1, 6):
        with time_machine.travel(timezone.now() + timedelta(minutes=minute)):
            begin(admin_client, site)

    assert len(admin_client.session["installation checks"]) == 4
    assert admin_client.get(first).status_code == 302


# Pages and their links


def test_a_page_that_is_no_link_yet_is_waited_for(admin_client, site):
    check = begin(admin_client, site)
    assert "The page is no link yet" in admin_client.get(check).content.decode()

    store(offer(make_link(site=site, destination=URL, registered=True)))
    assert seen(admin_client, check) == ["script", "offer"]


def test_whatever_led_to_the_page_it_is_the_same_page(admin_client, site, link):
    check = begin(admin_client, site, f"{URL}?utm_source=x&gv=abc#top")
    store(offer(link))

    assert seen(admin_client, check) == ["script", "offer"]


def test_a_merged_page_is_counted_for_its_link(admin_client, site, link):
    make_link(site=site, destination="https://example.com/print", merged_into=link)
    check = begin(admin_client, site, "https://example.com/print")
    store(offer(link))

    assert seen(admin_client, check) == ["script", "offer"]


def test_a_refused_page_says_why_it_gets_no_codes(admin_client, site, link):
    Link.objects.update(active=False)
    html = admin_client.get(address(site), {"url": URL}).content.decode()

    assert "This page gets no codes" in html
    assert reverse("admin:shortener_link_change", args=[link.pk]) in html


# Previews


def test_previews_are_shown_with_what_fetched_them(admin_client, site, link):
    store(
        *[hit(link, agent=WHATSAPP, signals="GET https\nsec-fetch-mode: no-cors")] * 3,
        hit(link, agent="TelegramBot (like TwitterBot)"),
        hit(link, agent="Iframely/1.3 (+https://iframely.com/docs/about)"),
        hit(link),
    )
    html = admin_client.get(begin(admin_client, site)).content.decode()
    table = html.partition('<table class="fetches">')[2].partition("</table>")[0]
    rows = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in table.split("<tr>")[2:]]

    assert len(rows) == 3
    [row] = [row for row in rows if row.startswith("WhatsApp")]
    assert f"WhatsApp {WHATSAPP} GET https sec-fetch-mode: no-cors" in row
    assert row.endswith(" 3 times")
    assert any(row.startswith("Not known which Iframely") for row in rows)
    assert table.count("<svg") == 2


def test_without_previews_it_says_which_messengers_fetch_none(admin_client, site, link):
    html = admin_client.get(begin(admin_client, site)).content.decode()

    assert "No messenger has fetched one yet." in html
    assert "by nothing in between: Email, Threema, QR code, WeChat." in " ".join(html.split())


def test_a_user_agent_is_text(admin_client, site, link):
    store(hit(link, agent="WhatsApp/2.24 <script>alert(1)</script>"))
    html = admin_client.get(begin(admin_client, site)).content.decode()

    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html


def test_only_the_newest_hits_are_searched_for_previews(admin_client, site, link, monkeypatch):
    store(hit(link, agent=WHATSAPP))
    store(*(hit(link, visitor=n) for n in range(5)))
    assert len(evidence.previews(link)) == 1

    monkeypatch.setattr(evidence, "HITS_SEARCHED", 5)
    assert evidence.previews(link) == []


def test_old_previews_are_not_shown(site, link):
    with time_machine.travel(timezone.now() - timedelta(days=31)):
        store(hit(link, agent=WHATSAPP))
    store(hit(link, agent="TelegramBot (like TwitterBot)"))

    [preview] = evidence.previews(link)
    assert preview.user_agent.startswith("TelegramBot")


# Looking again and again


def test_the_part_that_changes_is_a_page_of_its_own(admin_client, site, link):
    check = begin(admin_client, site)
    page = admin_client.get(check).content.decode()
    part = admin_client.get(f"{check}&part=1").content.decode()

    [named] = re.findall(r'data-live="([^"]*)"', page)
    assert address(site) + named.replace("&amp;", "&") == f"{check}&part=1"
    assert "<html" not in part
    assert re.search(r'data-live="[^"]*"[^>]*>\s*' + re.escape(part.strip()), page)


def test_a_step_that_is_seen_is_news(admin_client, site, link):
    check = begin(admin_client, site)
    assert "data-news" not in admin_client.get(check).content.decode()

    store(press(link))
    [news] = re.findall(r'data-news="([^"]*)"', admin_client.get(check).content.decode())
    assert re.fullmatch(r"A button was pressed: seen at \d\d:\d\d:\d\d\.", news)


def test_a_look_costs_a_few_queries(admin_client, site, link, django_assert_max_num_queries):
    check = begin(admin_client, site)
    store(offer(link), press(link), hit(link), *[hit(link, agent=WHATSAPP)] * 30)
    admin_client.get(check)

    # Session, user, site, link, rollups, the ledger's last row, and three for previews.
    with django_assert_max_num_queries(10):
        admin_client.get(f"{check}&part=1")


def test_without_javascript_the_page_is_loaded_again(admin_client, site, link):
    check = begin(admin_client, site)
    [again] = re.findall(
        r'<a href="([^"]*)">Look again</a>', admin_client.get(check).content.decode()
    )

    assert address(site) + again.replace("&amp;", "&") == check


def test_nothing_in_the_page_is_inline(admin_client, site, link):
    html = admin_client.get(begin(admin_client, site)).content.decode()

    assert " style=" not in html
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)


def test_what_may_be_wrong_names_the_policy_and_the_hosts(admin_client, site):
    html = admin_client.get(address(site)).content.decode()

    assert "connect-src http://localhost:8000;" in html
    assert '<code dir="ltr">example.com</code>' in html


# Who may


@pytest.mark.parametrize(
    ("permissions", "status"),
    [
        (("view_site", "view_hit"), 200),
        (("change_site",), 200),
        (("view_site",), 403),
        (("view_hit",), 403),
        ((), 403),
    ],
)
def test_it_takes_rights_to_see_hits_or_change_sites(client, site, permissions, status):
    user = User.objects.create_user("ben", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=[*permissions, "every_site"]))
    client.force_login(user)

    assert client.get(address(site)).status_code == status


def test_a_visitor_has_to_log_in(client, site):
    assert client.get(address(site))["Location"].startswith("/admin/login/")


def test_there_is_no_check_of_a_site_that_does_not_exist(admin_client, site):
    assert admin_client.get(reverse("installation", args=[site.pk + 1])).status_code == 404
