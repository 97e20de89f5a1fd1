"""The admin's first page, its parts, and the pages of reports."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import translation

from analytics.dashboard import charts
from analytics.dashboard.reports import PAGES, SLOW
from analytics.dashboard.tables import table
from analytics.dashboard.words import COLUMNS
from analytics.models import Hit
from analytics.reports.catalog import REPORTS
from analytics.reports.content import ContentRow
from analytics.reports.shapes import columns
from shortener.channels import BY_NAME
from tests.analytics.story import DAY, happen
from tests.factories import make_link, make_site
from tests.facts import hit, press, share_of, store

pytestmark = pytest.mark.django_db

PERIOD = {"from": str(DAY), "to": str(DAY + timedelta(1))}
INDEX = "/admin/"
ADDRESSES = [
    INDEX,
    "/admin/reports/content/",
    "/admin/reports/parts/travelled/",
    "/admin/reports/parts/flow/",
    "/admin/reports/parts/k/",
    *(f"/admin/reports/{name}/" for name in PAGES),
    *(f"/admin/reports/cards/{name}/" for name in SLOW),
]


@pytest.fixture
def links():
    return happen()


@pytest.fixture
def reader(client):
    """Somebody who may read reports, and works for no site yet."""
    user = User.objects.create_user("ben", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_dailycontent"))
    client.force_login(user)
    return user


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_overview_names_its_figures(admin_client, links):
    text = text_of(admin_client.get(INDEX, PERIOD))

    for label in ("Private clicks", "Paste rate", "Daily visitors", "K-factor"):
        assert label in text
    for ratio in ("Measured dark", "Revealed dark", "Estimated dark"):
        assert ratio in text


def test_figures_stand_beside_those_of_the_period_before(admin_client):
    link = make_link()
    day = 86_400_000
    noon = 1_772_712_000_000  # 5 March 2026, 12:00 UTC
    store(*(hit(link, share=share_of("whatsapp"), time=noon, visitor=n) for n in range(3)))
    store(hit(link, share=share_of("whatsapp"), time=noon - day, visitor=9))

    text = text_of(admin_client.get(INDEX, {"from": str(DAY), "to": str(DAY)}))
    alone = text_of(admin_client.get(INDEX, {"from": str(DAY), "to": str(DAY), "compare": "none"}))

    assert "200 %" in text
    assert "compared with 03/04/2026 to 03/04/2026" in text
    assert "200 %" not in alone
    assert "compared with" not in alone


def test_the_picture_shows_what_the_table_says(admin_client, links):
    page = admin_client.get(INDEX, PERIOD).content.decode()
    [data] = re.findall(r'<script id="overview-data" type="application/json">(.*?)</script>', page)
    series = {row["channel"]: row["values"] for row in json.loads(data)["series"]}

    assert series["whatsapp"] == [5, 0]
    assert series["email"] == [0, 1]


def test_what_takes_longer_comes_by_itself(admin_client, links):
    page = text_of(admin_client.get("/admin/reports/virality/", PERIOD))
    card = text_of(admin_client.get("/admin/reports/cards/viral-links/", PERIOD))

    assert "/admin/reports/cards/viral-links/?site=demo" in page
    assert "Plums" not in page
    assert "Plums" in card
    assert "K-factor" in text_of(admin_client.get("/admin/reports/parts/k/", PERIOD))


def test_parts_show_content_and_flows(admin_client, links):
    travelled = text_of(admin_client.get("/admin/reports/parts/travelled/", PERIOD))
    flow = text_of(admin_client.get("/admin/reports/parts/flow/", PERIOD))

    assert "Plums" in travelled
    assert f"/admin/reports/links/{links[0].pk}/" in travelled
    assert 'data-chart="sankey"' in flow


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_inline(admin_client, links, address):
    text = admin_client.get(address, PERIOD).content.decode()

    assert " style=" not in text
    assert "<style" not in text
    assert "<script>" not in text


@pytest.mark.parametrize("address", [*ADDRESSES, "/admin/reports/links/{}/"])
def test_pages_read_no_hits(admin_client, links, address, django_assert_max_num_queries):
    with django_assert_max_num_queries(60) as captured:
        response = admin_client.get(address.format(links[0].pk), PERIOD)

    assert response.status_code == 200
    assert not any(f'"{Hit._meta.db_table}"' in query["sql"] for query in captured)


def test_the_overview_costs_the_same_with_more_content(admin_client, links):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            for address in ADDRESSES[:4]:
                admin_client.get(address, PERIOD)
        return len(captured)

    before = cost()
    for number in range(6):
        link = make_link(site=links[0].site)
        noon = 1_772_712_000_000
        store(
            press(link, share=share_of("telegram", 9_000 + number), time=noon),
            hit(link, share=share_of("telegram", 9_000 + number), time=noon),
        )
    assert cost() == before


@pytest.mark.parametrize("address", ADDRESSES[:2])
def test_an_empty_period_says_what_to_do_next(admin_client, links, address):
    text = text_of(admin_client.get(address, {"from": "2020-01-01", "to": "2020-01-07"}))

    assert "Nothing was passed on in these 7 days" in text
    assert "Make a link" in text


def test_who_works_for_no_site_is_told_whom_to_ask(client, links, reader):
    for address in (INDEX, "/admin/reports/content/", "/admin/reports/journey/"):
        text = text_of(client.get(address))
        assert "Ask an administrator to make you a member of one." in text
        assert links[0].site.name not in text


def test_another_sites_numbers_do_not_exist(client, links, reader):
    make_site(name="Mine", key="mine").members.add(reader)
    asked = {**PERIOD, "site": links[0].site.key}

    for address in (INDEX, "/admin/reports/content/", "/admin/reports/journey/"):
        assert "There is no site with the key “demo”." in text_of(client.get(address, asked))
    assert client.get("/admin/reports/parts/flow/", asked).status_code == 404
    assert client.get("/admin/reports/files/content.csv", asked).status_code == 400
    assert client.get(f"/admin/reports/links/{links[0].pk}/").status_code == 404


def test_members_see_their_site(client, links, reader):
    links[0].site.members.add(reader)

    assert "Private clicks" in text_of(client.get(INDEX, PERIOD))
    assert client.get(f"/admin/reports/links/{links[0].pk}/", PERIOD).status_code == 200


def test_who_may_not_read_reports_finds_what_there_is_for_them(client):
    user = User.objects.create_user("cleo", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_link", "every_site"]))
    client.force_login(user)

    text = text_of(client.get(INDEX))

    assert "/admin/shortener/link/" in text
    assert "/admin/reports/" not in text
    assert client.get("/admin/reports/content/").status_code == 403


def test_the_ways_keep_the_question(admin_client, links):
    text = admin_client.get(INDEX, {**PERIOD, "site": "demo"}).content.decode()

    assert (
        f'href="/admin/reports/journey/?site=demo&amp;from={PERIOD["from"]}'
        f'&amp;to={PERIOD["to"]}"' in text
    )


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_has_a_page(name):
    on_pages = {card for page in PAGES.values() for card in page.cards}
    # These have pages of their own kind.
    assert name in on_pages | {"overview", "content", "trends", "cascade"}


@pytest.mark.parametrize("name", REPORTS)
def test_every_column_has_a_heading(name):
    assert {column.name for column in columns(REPORTS[name].row)} <= COLUMNS.keys()


def test_numbers_and_words_are_the_readers(links):
    row = ContentRow("", "", "", BY_NAME["copy"], "private", 1234, None, 0, 0, 0, 0)
    with translation.override("de"):
        cells = [cell.text for _, cell in table(ContentRow, [row]).rows[0]]

    assert "1.234" in cells


@pytest.mark.parametrize(
    ("granularity", "days"),
    [
        ("day", ["2026-03-05", "2026-03-06"]),
        ("week", ["2026-03-02"]),
        ("month", ["2026-03-01"]),
    ],
)
def test_pictures_have_every_step_of_time(links, granularity, days):
    from analytics.reports.question import Question

    question = Question(links[0].site, DAY, DAY + timedelta(1), granularity=granularity)
    assert [str(day) for day in charts.granules(question)] == days
