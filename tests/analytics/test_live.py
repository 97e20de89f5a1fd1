"""The live strip: the last half hour of a site, from its newest hits."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics import live
from analytics.dashboard.strip import HEIGHT, strip
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP, hit, press, share_of, store

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 5, 12, 0, 30, tzinfo=UTC)
PART = "/admin/reports/parts/live/"


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


def ago(**time):
    return int((NOW - timedelta(**time)).timestamp() * 1000)


@pytest.fixture
def link():
    return make_link(title="Plums & pears")


def minute(found, **time):
    moment = (NOW - timedelta(**time)).replace(second=0)
    [row] = [row for row in found.minutes if row.at == moment]
    return row.clicks, row.presses, row.previews


def test_each_minute_has_its_clicks_presses_and_previews(link):
    share = share_of("whatsapp")
    store(
        press(link, share=share, time=ago(minutes=3)),
        hit(link, share=share, agent=WHATSAPP, visitor=None, time=ago(minutes=3)),
        hit(link, share=share, visitor=1, time=ago(minutes=2)),
        hit(link, share=share, visitor=2, time=ago(minutes=2, seconds=10)),
        hit(link, visitor=3, time=ago(minutes=0)),
    )
    found = live.look(link.site, NOW)

    assert len(found.minutes) == live.MINUTES
    assert minute(found, minutes=3) == (0, 1, 1)
    assert minute(found, minutes=2) == (2, 0, 0)
    assert minute(found, minutes=0) == (1, 0, 0)
    assert found.links == (live.ActiveLink(link.pk, "Plums & pears", 3, 1),)
    assert not found.is_cut


def test_what_is_older_or_of_another_site_or_no_person_is_left_out(link):
    other = make_link()
    store(
        hit(link, time=ago(minutes=31)),
        hit(link, time=ago(minutes=-1)),
        hit(link, agent="curl/8", time=ago(minutes=1)),
        hit(other, time=ago(minutes=1)),
        press(other, time=ago(minutes=1)),
    )
    found = live.look(link.site, NOW)

    assert {(row.clicks, row.presses, row.previews) for row in found.minutes} == {(0, 0, 0)}
    assert found.links == ()


def test_a_merged_page_counts_for_the_link_it_was_merged_into(link):
    part = make_link(site=link.site, merged_into=link)
    store(hit(part, time=ago(minutes=1)))
    assert [row.link_id for row in live.look(link.site, NOW).links] == [link.pk]


def test_only_so_many_hits_are_looked_at(link, monkeypatch):
    monkeypatch.setattr(live, "MOST", 5)
    store(*(hit(link, time=ago(minutes=n), visitor=n) for n in range(10)))
    found = live.look(link.site, NOW)

    assert found.is_cut
    assert len(found.minutes) == 5
    assert sum(row.clicks for row in found.minutes) == 5


def test_the_most_opened_links_are_named(link):
    links = [make_link(site=link.site, title=f"Link {n}") for n in range(7)]
    store(*(hit(each, time=ago(minutes=1)) for n, each in enumerate(links) for _ in range(n)))
    titles = [row.title for row in live.look(link.site, NOW).links]
    assert titles == ["Link 6", "Link 5", "Link 4", "Link 3", "Link 2"]


def test_the_cost_does_not_grow_with_links_and_minutes(link):
    def queries():
        with CaptureQueriesContext(connection) as context:
            live.look(link.site, NOW)
        return len(context)

    store(hit(link, time=ago(minutes=1)))
    before = queries()
    store(*(hit(make_link(site=link.site), time=ago(minutes=n)) for n in range(20)))
    assert queries() == before == 4


@time_machine.travel(NOW, tick=False)
def test_bars_are_as_high_as_their_numbers(link):
    store(
        *(hit(link, time=ago(minutes=1), visitor=n) for n in range(4)),
        *(hit(link, time=ago(minutes=2), visitor=n) for n in range(2)),
    )
    clicks, presses, previews = strip(link.site)["rows"]

    assert [bar.height for bar in clicks.bars] == [HEIGHT // 2, HEIGHT]
    assert (clicks.total, clicks.most) == ("6", "4")
    assert not presses.bars
    assert not previews.bars


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_overview_fetches_the_strip(admin_client, link):
    text = text_of(admin_client.get("/admin/", {"site": link.site.key}))
    assert f'data-part="{PART}?site={link.site.key}' in text


def test_the_strip_has_a_picture_and_its_table(admin_client, link):
    store(hit(link))
    text = text_of(admin_client.get(PART, {"site": link.site.key}))

    assert f"The last 30 minutes of {link.site}" in text
    assert 'data-live-strip="/admin/reports/parts/live/?site=' in text
    assert "Plums &amp; pears" in text
    assert text.count('<th scope="row"><time') == live.MINUTES


def test_the_part_follows_what_happens(admin_client, link):
    assert "Nothing was opened" in text_of(admin_client.get(PART, {"site": link.site.key}))
    store(hit(link))
    cache.clear()
    text = text_of(admin_client.get(PART, {"site": link.site.key}))
    assert "Nothing was opened" not in text
    assert "1 click" in text


def test_an_answer_serves_everybody_for_a_moment(link, django_assert_num_queries):
    live.live(link.site)
    with django_assert_num_queries(0):
        live.live(link.site)


def test_nobody_sees_a_site_that_they_do_not_work_for(client, link):
    mine = make_site(name="Mine")
    user = User.objects.create_user("ben", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_dailycontent"))
    mine.members.add(user)
    client.force_login(user)
    store(hit(link))

    assert client.get(PART, {"site": link.site.key}).status_code == 404
    assert "Plums" not in text_of(client.get(PART))
    assert client.get("/admin/").status_code == 200
