"""A password alone does not open the door of those who have a second factor."""

from urllib.parse import quote, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import User
from django.core.cache import caches

pytestmark = pytest.mark.django_db
LOGIN = "/admin/account/login/"
CODE = "/admin/account/2fa/authenticate/"
SECRET = "a-cart-of-yellow-plums"
PAGES = [
    "/admin/account/2fa/",
    "/admin/account/2fa/totp/activate/",
    "/admin/account/2fa/recovery-codes/generate/",
    "/admin/account/reauthenticate/",
]


@pytest.fixture(autouse=True)
def _forget():
    for cache in caches.all():
        cache.clear()
    caches["default"].clear()
    caches["guesses"].clear()


@pytest.fixture
def ben():
    return User.objects.create_superuser("ben", "ben@example.com", SECRET)


def log_in(client, password=SECRET, following="/admin/"):
    return client.post(LOGIN, {"login": "ben", "password": password, "next": following})


def code_of(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_the_admins_login_is_this_one(client, ben):
    asked = client.get("/admin/shortener/link/", follow=True)

    assert asked.redirect_chain[-1][0].startswith(LOGIN)
    text = asked.content.decode()
    assert "Log in with Orchard ID" in text
    assert " style=" not in text
    assert client.post("/admin/login/", {"username": "ben", "password": SECRET})[
        "Location"
    ].startswith(LOGIN)


def test_without_a_second_factor_the_password_is_enough(client, ben):
    assert log_in(client, following="/admin/shortener/link/")["Location"] == (
        "/admin/shortener/link/"
    )
    assert client.get("/admin/").status_code == 200


def test_with_one_both_are_needed(client, ben):
    secret = generate_totp_secret()
    TOTP.activate(ben, secret)

    assert log_in(client)["Location"].startswith(CODE)
    assert client.get("/admin/").status_code == 302
    refused = client.post(CODE, {"code": "000000"})
    assert "Incorrect code" in refused.content.decode()
    assert client.get("/admin/").status_code == 302
    assert client.post(CODE, {"code": code_of(secret)}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_recovery_code_opens_once(client, ben):
    TOTP.activate(ben, generate_totp_secret())
    code = RecoveryCodes.activate(ben).get_unused_codes()[0]
    log_in(client)
    assert client.post(CODE, {"code": code}).status_code == 302
    assert client.get("/admin/").status_code == 200

    client.logout()
    log_in(client)
    assert client.post(CODE, {"code": code}).status_code == 200


def test_it_is_set_up_in_the_admins_frame(client, ben):
    log_in(client)
    assert "/admin/account/2fa/" in client.get("/admin/").content.decode()
    again = client.get("/admin/account/2fa/totp/activate/")["Location"]
    assert again.startswith("/admin/account/reauthenticate/")
    page = client.post(again, {"password": SECRET}, follow=True)
    secret = page.context["form"].secret
    text = page.content.decode()

    assert 'id="navigation"' in text
    answer = client.post("/admin/account/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.status_code == 302
    assert Authenticator.objects.filter(user=ben, type="totp").exists()


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_in_our_look(client, ben, address):
    log_in(client)
    text = client.get(address, follow=True).content.decode()

    assert "accounts/entrance.css" in text
    assert " style=" not in text


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/summer", "javascript:alert(1)", "/admin//../x"],
)
def test_a_login_leads_nowhere_else(client, ben, target):
    client.get(f"{LOGIN}?next={quote(target)}")

    assert log_in(client, following=target)["Location"] in ("/admin/", "/admin//../x")


def test_guesses_are_counted_here_as_well(client, ben):
    for number in range(10):
        answer = client.post(LOGIN, {"login": f"ben{number}", "password": "wrong"})

    assert answer.status_code == 429
    log_in(client)
    assert client.get("/admin/").status_code == 302


def test_codes_are_not_to_be_guessed(client, ben):
    secret = generate_totp_secret()
    TOTP.activate(ben, secret)
    log_in(client)
    for _ in range(5):
        client.post(CODE, {"code": "000000"})

    assert (
        "Too many failed login attempts"
        in client.post(CODE, {"code": code_of(secret)}).content.decode()
    )


@pytest.mark.parametrize("path", ["signup/", "email/", "password/reset/"])
def test_nobody_makes_an_account(client, path):
    answer = client.get(f"/admin/account/{path}", follow=True)

    assert urlsplit(answer.redirect_chain[-1][0]).path == LOGIN
