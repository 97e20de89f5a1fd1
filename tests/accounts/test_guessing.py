"""Passwords are not to be guessed, and nobody's address is kept for that."""

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.models import User
from django.core.cache import caches

from config.accounts.settings import AXES

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
LIMIT: int = AXES["AXES_FAILURE_LIMIT"]
SECRET = "a-cart-of-yellow-plums"


@pytest.fixture(autouse=True)
def _no_guesses_of_another_test():
    caches["guesses"].clear()
    yield
    caches["guesses"].clear()


@pytest.fixture
def ben():
    return User.objects.create_user("ben", password=SECRET, is_staff=True)


def guess(client, password="wrong", name="ben", **headers):
    return client.post(LOGIN, {"username": name, "password": password}, headers=headers)


def lock(client, **headers):
    for _ in range(LIMIT):
        answer = guess(client, **headers)
    return answer


def test_who_knows_the_password_gets_in_despite_a_few_mistakes(client, ben):
    for _ in range(LIMIT - 1):
        assert guess(client).status_code == 200

    assert guess(client, SECRET).status_code == 302


def test_too_many_guesses_end_in_a_sentence_with_the_time_to_wait(client, ben):
    answer = lock(client)
    text = answer.content.decode()

    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert "For up to 15 minutes, nobody can log in from there." in text
    assert " style=" not in text
    assert guess(client, SECRET).status_code == 429


def test_another_name_does_not_help(client, ben):
    User.objects.create_user("cleo", password=SECRET, is_staff=True)
    lock(client)

    assert guess(client, SECRET, name="cleo").status_code == 429


def test_other_networks_are_not_concerned(client, ben, settings):
    settings.TRUSTED_PROXIES = 1
    lock(client, X_Forwarded_For="203.0.113.7")

    assert guess(client, SECRET, X_Forwarded_For="203.0.113.8").status_code == 302


def test_what_a_client_says_of_its_address_is_not_believed(client, ben, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(LIMIT):
        answer = guess(client, X_Forwarded_For=f"198.51.100.{number}, 203.0.113.7")

    assert answer.status_code == 429


def test_a_network_of_ipv6_is_one_guesser(client, ben, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(LIMIT):
        answer = guess(client, X_Forwarded_For=f"2001:db8:1:2::{number:x}")

    assert answer.status_code == 429


def test_who_is_logged_in_stays(client, ben):
    inside = type(client)()
    inside.force_login(ben)
    lock(client)

    assert inside.get("/admin/").status_code == 200


def test_no_address_is_kept(client, ben, caplog):
    lock(client)
    guess(client, SECRET)

    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        assert not model.objects.exists()
    assert "127.0.0.1" not in caplog.text
