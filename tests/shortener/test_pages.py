"""Pages become links by themselves: once, only those of the site, and not without end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from shortener import pages
from shortener.edge import edge
from shortener.models import Link
from shortener.pages import is_web_address, one_line
from tests.factories import make_link, make_site
from tests.shortener.journaled import recorded
from tests.shortener.requests import numbers

pytestmark = pytest.mark.django_db

PAGE = "https://example.com/article"


@pytest.fixture
def site():
    return make_site(key="s")


@pytest.fixture
def offered(client):
    """Ask for a page's codes; return the answer."""

    def offered(url=PAGE, **values):
        return client.get("/offer", {"site": "s", "url": url, **values})

    return offered


def link_of(response):
    assert response.status_code == 200, response.content
    return numbers(response.json()["codes"]["whatsapp"])[0]


def test_a_page_becomes_a_link_at_its_first_offer(site, offered):
    response = offered(title="An article", image="https://cdn.example/a.png")
    link = site.links.get()
    assert link_of(response) == link.pk
    assert (link.destination, link.page) == (PAGE, PAGE)
    assert (link.title, link.image) == ("An article", "https://cdn.example/a.png")
    assert (link.registered, link.active, link.created_by) == (True, True, None)
    assert [fact["kind"] for fact in recorded()] == ["offer"]


def test_a_page_stays_one_link_however_it_is_written(site, offered):
    urls = (
        f"{PAGE}?id=1",
        "HTTPS://EXAMPLE.com:443/article?id=1",
        f"{PAGE}?utm_source=x&id=1&fbclid=y",
        f"{PAGE}?id=1&gv=Ab3dE9#top",
        "https://example.com/%61rticle?i%64=1",
    )
    assert len({link_of(offered(url)) for url in urls}) == 1
    assert site.links.get().destination == f"{PAGE}?id=1"


def test_a_sites_own_tag_parameter_is_no_part_of_a_page(offered):
    make_site(key="s", tag_parameter="via")
    assert link_of(offered(f"{PAGE}?via=Ab3dE9")) == link_of(offered())
    assert link_of(offered(f"{PAGE}?gv=1")) != link_of(offered())


def test_a_page_without_a_title_is_called_by_its_path(site, offered):
    offered("https://example.com/caf%C3%A9/plums", title=" \n ")
    assert site.links.get().title == "/café/plums"


def test_a_page_that_a_marketer_made_a_link_of_gets_no_other(site, offered):
    link = make_link(site=site, destination=PAGE)
    assert link_of(offered()) == link.pk
    assert Link.objects.count() == 1


def test_the_page_of_another_site_is_another_page(site, offered):
    make_link(destination=PAGE)
    assert link_of(offered()) == site.links.get().pk


# What has ended


def test_a_page_that_was_switched_off_makes_no_new_link(site, offered):
    link_of(offered())
    site.links.update(active=False)
    edge().catalog.follow()
    response = offered(f"{PAGE}?utm_source=x")
    assert response.status_code == 410
    assert response.json()["error"] == "The link is no longer shared."
    assert Link.objects.count() == 1


def test_a_marketers_expired_link_does_not_stop_a_page(site, offered):
    expired = make_link(site=site, destination=PAGE, expires=timezone.now() - timedelta(days=1))
    link = link_of(offered())
    assert link != expired.pk
    assert link_of(offered(f"{PAGE}#again")) == link
    assert Link.objects.get(pk=link).registered


def test_a_live_link_counts_more_than_one_that_was_switched_off(site, offered):
    make_link(site=site, destination=PAGE, active=False)
    live = make_link(site=site, destination=PAGE)
    assert link_of(offered()) == live.pk


def test_a_page_that_was_merged_hands_out_the_codes_of_its_link(site, offered):
    target = make_link(site=site, destination="https://example.com/other")
    make_link(site=site, destination=PAGE, merged_into=target)
    assert link_of(offered()) == target.pk


def test_a_page_that_was_merged_into_what_is_switched_off_is_not_shared(site, offered):
    target = make_link(site=site, destination="https://example.com/other", active=False)
    make_link(site=site, destination=PAGE, merged_into=target)
    assert offered().status_code == 410


def test_a_page_merged_into_an_expired_link_becomes_one_new_link(site, offered):
    past = timezone.now() - timedelta(days=1)
    target = make_link(site=site, destination="https://example.com/other", expires=past)
    make_link(site=site, destination=PAGE, merged_into=target)
    assert link_of(offered()) == link_of(offered(f"{PAGE}#again"))
    assert site.links.count() == 3


# Foreign and odd addresses


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://evil.test/", "'evil.test' is not a host of the site s."),
        ("https://example.com.evil.test/", "is not a host of the site s."),
        ("javascript:alert(1)//example.com", "is not a host of the site s."),
        ("data:text/html,example.com", "is not a host of the site s."),
        ("//example.com/", "is not a host of the site s."),
        ("http://localhost/Ab3dE9", "our own short domain"),
        ("https://go.example.org/Ab3dE9", "our own short domain"),
    ],
)
def test_no_link_is_made_of_a_page_elsewhere(offered, url, error):
    make_site(key="s", domain="go.example.org")
    response = offered(url)
    assert response.status_code == 403
    assert error in response.json()["error"]
    assert not Link.objects.exists()


@pytest.mark.parametrize("user", ["user:secret", "user", "evil.test\\"])
def test_a_users_name_and_password_are_no_part_of_a_page(site, offered, user):
    assert link_of(offered(f"https://{user}@example.com/article")) == link_of(offered())
    assert site.links.get().destination == PAGE


def test_an_address_that_grows_too_long_by_encoding_it_is_refused(site, offered):
    response = offered(f"https://example.com/{'é' * 1_000}")
    assert response.status_code == 400
    assert "at most 2000 characters" in response.json()["error"]
    assert link_of(offered(f"https://example.com/{'é' * 300}"))


def test_a_marketers_long_destination_is_kept(site):
    link = make_link(site=site, destination=f"https://example.com/{'é' * 1_000}")
    link.refresh_from_db()
    assert len(link.page) == 2_000


# What pages say of themselves


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("An\x00 art\x1bicle", "An article"),
        (" two \r\n lines\t", "two lines"),
        ("Prix\u00a0: 5\u202f€", "Prix : 5 €"),
        ("日本\u3000語", "日本 語"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("می\u200cخواهم 👩\u200d👧", "می\u200cخواهم 👩\u200d👧"),
        ("<b>bold</b> & 'co'", "<b>bold</b> & 'co'"),
        ("x" * 10_000, "x" * 200),
        ("\x00" * 10_000 + "x", "x"),
        ("", ""),
    ],
)
def test_a_title_becomes_one_line_of_what_shows(title, kept):
    assert one_line(title) == kept


def test_a_title_of_ten_thousand_characters_is_cut(site, offered):
    assert offered(title="x" * 10_000).status_code == 200
    assert site.links.get().title == "x" * 200


@pytest.mark.parametrize(
    ("url", "is_kept"),
    [
        ("https://cdn.example/a.png", True),
        ("http://cdn.example/a.png?w=1", True),
        ("javascript:alert(1)", False),
        ("data:image/svg+xml,<svg onload=alert(1)>", False),
        ("//cdn.example/a.png", False),
        ("/a.png", False),
        ("https:///a.png", False),
        ("https://[::1/a.png", False),
        ("https://cdn.example/\n", False),
        (f"https://cdn.example/{'a' * 2000}", False),
        ("", False),
    ],
)
def test_only_an_address_of_the_web_is_kept_as_a_picture(url, is_kept):
    assert is_web_address(url) is is_kept


def test_a_hostile_picture_is_left_out(site, offered):
    assert offered(image="javascript:alert(1)").status_code == 200
    assert site.links.get().image == ""


@pytest.mark.parametrize("path", ["link/", "page/", "link/{}/change/", "page/{}/change/"])
def test_the_admin_shows_a_hostile_title_as_text(site, offered, admin_client, path):
    offered(f"{PAGE}?<script>alert(1)</script>", title="<script>alert(1)</script>")
    html = admin_client.get(f"/admin/shortener/{path.format(site.links.get().pk)}").content
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert b"<script>alert" not in html


# How many


def test_no_more_than_so_many_pages_become_links_within_an_hour(settings, site, offered):
    settings.PAGES_PER_HOUR = 2
    first = link_of(offered(f"{PAGE}/1"))
    link_of(offered(f"{PAGE}/2"))
    response = offered(f"{PAGE}/3")
    assert response.status_code == 429
    assert response.json()["error"].startswith("2 pages of this site became links within an hour")
    assert 3590 <= int(response["Retry-After"]) <= 3600
    assert link_of(offered(f"{PAGE}/1#known")) == first
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    Link.objects.filter(pk=first).update(created=hour_ago + timedelta(seconds=100))
    assert 90 <= int(offered(f"{PAGE}/3")["Retry-After"]) <= 100
    Link.objects.filter(pk=first).update(created=hour_ago)
    assert link_of(offered(f"{PAGE}/3"))


def test_links_of_marketers_and_of_other_sites_do_not_count(settings, site, offered):
    settings.PAGES_PER_HOUR = 1
    make_link(site=site, destination=f"{PAGE}/by-hand")
    make_link(registered=True)
    assert link_of(offered())


def test_pages_can_be_kept_from_becoming_links(settings, site, offered):
    settings.PAGES_PER_HOUR = 0
    response = offered()
    assert response.status_code == 404
    assert response.json()["error"].startswith("No link leads to this page")
    make_link(site=site, destination=PAGE)
    edge().catalog.follow()
    assert link_of(offered())


# At the same time


needs_rows_to_lock = pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite's database of the tests is one connection's; tests/end_to_end has its own",
)


def at_once(count, work):
    """Do the work so many times at the same time; return what came of it."""
    together = Barrier(count)

    def one(number):
        try:
            together.wait(10)
            return work(number)
        except pages.PageError as error:
            return error.status
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return [*pool.map(one, range(count))]


@needs_rows_to_lock
@pytest.mark.django_db(transaction=True)
def test_first_shares_at_the_same_time_make_one_link(site):
    found = at_once(8, lambda n: pages.register(site.pk, f"{PAGE}?utm_source={n}", "A", ""))
    assert set(found) == {site.links.get().pk}


@needs_rows_to_lock
@pytest.mark.django_db(transaction=True)
def test_first_shares_at_the_same_time_make_no_more_links_than_allowed(settings, site):
    settings.PAGES_PER_HOUR = 2
    found = at_once(8, lambda number: pages.register(site.pk, f"{PAGE}/{number}", "A", ""))
    assert found.count(429) == 6
    assert site.links.count() == 2


@needs_rows_to_lock
@pytest.mark.django_db(transaction=True)
def test_first_shares_and_edits_of_the_site_do_not_wait_in_a_circle(site):
    def work(which):
        for number in range(40):
            if which:
                site.save()
            else:
                pages.register(site.pk, f"{PAGE}/{number}", "A", "")

    at_once(2, work)
    assert site.links.count() == 40
