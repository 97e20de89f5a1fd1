"""The reports by the REST API."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from analytics.models import DailySiteAudience
from analytics.reports.catalog import REPORTS
from analytics.reports.params import PARAMETERS
from analytics.reports.shapes import headings
from tests.factories import make_link, make_site
from tests.facts import conversion, hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db

NOON = int(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp() * 1000)
REPORT = "/api/v1/reports/content"


def body(response):
    return b"".join(response.streaming_content).decode()


@pytest.fixture
def link():
    return make_link(site=make_site(key="demo", time_zone="Europe/Berlin"))


@pytest.fixture
def api():
    user = User.objects.create_user("cleo")
    user.user_permissions.set(
        Permission.objects.filter(codename__in=("view_dailycontent", "every_site"))
    )
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_the_report_has_rows_and_totals(api, link):
    share = share_of("email")
    store(
        press(link, share=share, time=NOON),
        *[hit(link, share=share, time=NOON)] * 3,
        *[visit(link, share=share, time=NOON)] * 2,
        conversion(link, share=share, time=NOON),
    )
    counts = {
        "presses": 1,
        "previews": 0,
        "clicks": 3,
        "daily_visitors": 1,
        "visits": 2,
        "conversions": 1,
    }
    nothing = dict.fromkeys(counts, 0)
    totals = {
        "all": counts,
        "private": counts,
        "public": nothing,
        "direct": nothing,
        "private_percent": 100.0,
    }
    response = api.get(REPORT, {"site": "demo", "from": "2026-03-01", "to": "2026-03-05"})
    assert response.status_code == 200
    assert response.json() == {
        "site": "demo",
        "time_zone": "Europe/Berlin",
        "start": "2026-03-01",
        "end": "2026-03-05",
        "totals": totals,
        "link_count": 1,
        "links": [
            {
                "code": link.code,
                "title": link.title,
                "destination": link.destination,
                "totals": totals,
                "channels": [
                    {
                        "channel": "email",
                        "channel_label": "Email",
                        "private": True,
                        "presses": 1,
                        "previews": None,
                        "clicks": 3,
                        "daily_visitors": 1,
                        "visits": 2,
                        "conversions": 1,
                    }
                ],
            }
        ],
    }


def test_the_cost_does_not_grow_with_links(api, link, django_assert_num_queries):
    for _ in range(5):
        store(hit(make_link(site=link.site), time=NOON))
    with django_assert_num_queries(8):  # Two for the permissions, one for the site.
        api.get(REPORT, {"site": "demo", "from": "2026-03-01", "to": "2026-03-05"})


def test_links_come_page_by_page_and_all_in_a_file(api, link):
    for clicks in range(1, 5):
        store(*[hit(make_link(site=link.site, title=f"{clicks} clicks"), time=NOON)] * clicks)
    asked = {"site": "demo", "from": "2026-03-01", "to": "2026-03-05"}
    page = api.get(REPORT, {**asked, "top": "2", "page": "2"}).json()
    assert [link["title"] for link in page["links"]] == ["2 clicks", "1 clicks"]
    assert page["link_count"] == 4
    for params, lines in (({}, 5), ({"top": "2"}, 3)):
        file = api.get(REPORT, {**asked, "format": "csv", **params})
        assert body(file).count("\r\n") == lines


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.usefixtures("link")
def test_every_report_answers_in_json_and_as_a_file(api, name):
    address = f"/api/v1/reports/{name}"
    answer = api.get(address).json()
    assert answer["site"] == "demo"
    file = api.get(address, {"format": "csv", "dialect": "excel"})
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert file["Content-Disposition"].startswith(f'attachment; filename="grapevine-{name}-demo-')
    head, *rows = csv.reader(io.StringIO(body(file).removeprefix("\ufeff")))
    assert head == list(headings(REPORTS[name].row))
    assert all(len(row) == len(head) for row in rows)
    assert api.get(address, headers={"accept": "text/csv"})["Content-Type"].startswith("text/csv")


def test_what_is_said_of_a_report_is_in_the_schema(admin_client):
    schema = admin_client.get("/api/v1/schema/", headers={"accept": "application/json"}).json()
    for name, report in REPORTS.items():
        operation = schema["paths"][f"/api/v1/reports/{name}"]["get"]
        assert operation["summary"] == report.title
        assert {parameter["name"] for parameter in operation["parameters"]} >= PARAMETERS.keys()
        assert set(operation["responses"]["200"]["content"]) == {"application/json", "text/csv"}


def test_what_few_people_are_behind_is_for_those_who_may_see_hits(api, link):
    DailySiteAudience.objects.create(
        site=link.site, dimension=1, day="2026-03-05", channel=1, value="DE", clicks=2
    )
    asked = {"from": "2026-03-05", "to": "2026-03-05"}
    store(*[hit(link, time=NOON)] * 2)
    values = [row["value"] for row in api.get("/api/v1/reports/countries", asked).json()["rows"]]
    assert values == ["other (few)"]
    permissions = Permission.objects.filter(
        codename__in=("view_dailycontent", "view_hit", "every_site")
    )
    ben = User.objects.create_user("ben")
    ben.user_permissions.set(permissions)
    api.force_authenticate(ben)
    values = [row["value"] for row in api.get("/api/v1/reports/countries", asked).json()["rows"]]
    assert values == ["DE"]


@pytest.mark.usefixtures("link")
def test_a_wrong_question_for_a_file_is_answered_in_words(api):
    response = api.get(REPORT, {"from": "soon", "format": "csv"})
    assert response.status_code == 400
    assert response.content == ("“soon” is not a date. Write it like 2026-11-01.").encode()


@pytest.mark.usefixtures("link")
def test_a_wrong_question_is_answered_by_field(api):
    response = api.get(REPORT, {"site": "nope", "from": "soon"})
    assert response.status_code == 400
    assert response.json() == {
        "site": ["There is no site with the key “nope”. Known are: demo."],
        "from": ["“soon” is not a date. Write it like 2026-11-01."],
    }


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_needs_the_permission_to_view_it(name):
    client, address = APIClient(), f"/api/v1/reports/{name}"
    assert client.get(address).status_code == 401
    client.force_authenticate(User.objects.create_user("ben"))
    assert client.get(address).status_code == 403
    assert client.get(address, {"format": "csv"}).status_code == 403
