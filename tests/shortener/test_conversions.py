"""Conversions that a site's own server reports."""

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from shortener import codes
from shortener.channels import BY_NAME
from tests.factories import make_link
from tests.shortener.journaled import recorded

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/conversions/"
SHARE = codes.share_id(5_000, BY_NAME["whatsapp"].number)


@pytest.fixture
def link():
    return make_link()


@pytest.fixture
def user():
    return User.objects.create_user("server")


@pytest.fixture
def api(user):
    """A server with a token that may report conversions."""
    permissions = ("report_conversions", "every_site")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return APIClient(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=user).key}")


def report(api, link, **values):
    share = {"code": codes.encode(link.pk, SHARE), "name": "purchase", "visit": "order-1"}
    data = {name: value for name, value in {**share, **values}.items() if value is not ...}
    return api.post(ADDRESS, data, format="json")


def test_the_tag_of_an_address_bar_will_do(api, link):
    code = codes.encode(link.pk, SHARE)
    assert report(api, link, code=f"{code}.{code}").status_code == 202
    assert recorded()[0]["share"] == SHARE


def test_a_conversion_is_recorded(api, link):
    response = report(api, link, value=19.9, currency="eur")
    assert (response.status_code, response.content) == (202, b"")
    (fact,) = recorded()
    assert fact.pop("time") > 0
    assert fact == {
        "version": 1,
        "kind": "conversion",
        "link": link.pk,
        "share": SHARE,
        "visit": "order-1",
        "name": "purchase",
        "value": 19.9,
        "currency": "EUR",
        "automated": False,
        "server": True,
        "agent": "",
        "signals": "",
    }


def test_a_conversion_of_the_link_itself_is_of_no_share(api, link):
    assert report(api, link, code=link.code).status_code == 202
    (fact,) = recorded()
    assert (fact["share"], fact["value"], fact["currency"]) == (0, None, "")


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("code", ..., "This field is required."),
        ("code", "", "This field may not be blank."),
        ("code", "Nonsense", "'Nonsense' is not a code."),
        ("code", codes.encode(999, SHARE), "is not the code of a link."),
        ("code", ["a"], "Not a valid string."),
        ("name", ..., "This field is required."),
        ("name", "n" * 41, "Ensure this field has no more than 40 characters."),
        ("name", "\u202e", "Its name is missing."),
        ("visit", ..., "This field is required."),
        ("visit", "", "This field may not be blank."),
        ("visit", "v" * 41, "Ensure this field has no more than 40 characters."),
        ("visit", "a\0b", "Null characters are not allowed."),
        ("value", "much", "A valid number is required."),
        ("value", "nan", "A valid number is required."),
        ("value", 1e13, "Its value is out of range."),
        ("currency", "euro", "Its currency should be a code of three letters, such as EUR."),
    ],
)
def test_what_is_wrong_is_named_by_its_field(api, link, field, value, error):
    response = report(api, link, **{field: value})
    assert response.status_code == 400
    assert list(response.json()) == [field]
    assert error in response.json()[field][0]
    assert recorded() == []


@pytest.mark.parametrize("body", ["[]", "3", "null", "{", ""])
def test_a_body_that_is_no_object_is_refused(api, body):
    assert api.post(ADDRESS, body, content_type="application/json").status_code == 400


def test_without_a_token_nothing_can_be_reported(link):
    assert report(APIClient(), link).status_code == 401
    assert report(APIClient(HTTP_AUTHORIZATION="Token nope"), link).status_code == 401
    assert recorded() == []


def test_reporting_needs_its_permission(user, link):
    api = APIClient()
    api.force_authenticate(user)
    assert report(api, link).status_code == 403
    assert recorded() == []


def test_conversions_can_only_be_posted(api):
    for method in (api.get, api.put, api.delete):
        assert method(ADDRESS).status_code == 405
