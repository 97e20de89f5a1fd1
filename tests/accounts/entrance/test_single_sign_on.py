"""Single sign-on against a provider of our own, at the address that the settings name."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User

from config.accounts import settings

assert settings.SSO
SSO = settings.SSO
PORT = urlsplit(SSO.issuer).port or 0
pytestmark = pytest.mark.django_db
START = "/admin/account/oidc/company/login/"


class Issuer(BaseHTTPRequestHandler):
    """Answers as an OpenID Connect provider does, for whoever ``person`` says."""

    person: dict = {}

    def do_GET(self):
        base = SSO.issuer
        if self.path.startswith("/.well-known/"):
            self.answer(
                {
                    "issuer": base,
                    "authorization_endpoint": f"{base}/authorize",
                    "token_endpoint": f"{base}/token",
                    "userinfo_endpoint": f"{base}/me",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        else:
            self.answer(self.person)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"access_token": "token", "token_type": "Bearer"})

    def answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(autouse=True)
def _issuer():
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Issuer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


def come(client, following="", **person):
    """Go through the provider as this person; return the last answer."""
    Issuer.person = {"sub": "17", "preferred_username": "marta", **person}
    begun = client.post(f"{START}?process=login&next={following}")
    assert begun["Location"].startswith(f"{SSO.issuer}/authorize?")
    asked = parse_qs(urlsplit(begun["Location"]).query)
    assert "code_challenge" in asked
    state = asked["state"][0]
    return client.get(f"{START}callback/", {"code": "abc", "state": state}, follow=True)


def test_who_comes_for_the_first_time_has_no_rights_and_is_told_so(client):
    answer = come(client, email="marta@example.com", email_verified=True)
    user = User.objects.get(username="marta")

    assert "You have no role yet" in answer.content.decode()
    assert user.is_staff
    assert not user.is_superuser
    assert user.get_all_permissions() == set()
    assert client.get("/admin/shortener/link/").status_code == 403


def test_who_was_given_a_role_beforehand_is_known_by_the_verified_address(client):
    ben = User.objects.create_user("ben", email="ben@example.com", is_staff=True)
    come(client, email="ben@example.com", email_verified=True)

    assert int(client.session["_auth_user_id"]) == ben.pk
    assert User.objects.count() == 1


def test_an_address_that_is_not_verified_is_nobodys(client):
    User.objects.create_superuser("ben", email="ben@example.com")
    come(client, email="ben@example.com", email_verified=False)

    known = client.session.get("_auth_user_id")
    assert known is None or not User.objects.get(pk=known).is_superuser


def test_an_address_alone_begins_nothing(client):
    assert client.get(START).status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/summer"])
def test_it_leads_nowhere_else(client, target):
    answer = come(client, following=target)

    assert [urlsplit(url).path for url, _ in answer.redirect_chain][-1] == "/admin/"
    assert all("evil" not in url for url, _ in answer.redirect_chain)


def test_a_forged_answer_is_refused(client):
    answer = client.get(f"{START}callback/", {"code": "abc", "state": "forged"})

    assert "_auth_user_id" not in client.session
    assert "accounts/entrance.css" in answer.content.decode()


def test_the_form_may_lead_to_the_provider(client):
    policy = client.get("/admin/account/login/")["Content-Security-Policy"]

    assert f"form-action 'self' {SSO.origin}" in policy
