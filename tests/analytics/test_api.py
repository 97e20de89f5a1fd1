"""The report by the REST API."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from tests.factories import make_link, make_site
from tests.facts import conversion, hit, press, share_of, store, visit

pytestmark = pytest.mark.django_db

NOON = int(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp() * 1000)
REPORT = "/api/v1/reports/content"


@pytest.fixture
def link():
    return make_link(site=make_site(key="demo", time_zone="Europe/Berlin"))


@pytest.fixture
def api():
    user = User.objects.create_user("cleo")
    user.user_permissions.set(Permission.objects.filter(codename="view_dailycontent"))
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
    with django_assert_num_queries(6):  # Two for the permissions, one for the site.
        api.get(REPORT, {"site": "demo", "from": "2026-03-01", "to": "2026-03-05"})


@pytest.mark.usefixtures("link")
def test_a_wrong_question_is_answered_by_field(api):
    response = api.get(REPORT, {"site": "nope", "from": "soon"})
    assert response.status_code == 400
    assert response.json() == {
        "site": ["There is no site with the key 'nope'. Known are: demo."],
        "from": ["'soon' is not a date. Write it like 2026-11-01."],
    }


def test_the_report_needs_the_permission_to_view_it():
    client = APIClient()
    assert client.get(REPORT).status_code == 401
    client.force_authenticate(User.objects.create_user("ben"))
    assert client.get(REPORT).status_code == 403
