import pytest
from django.core.exceptions import ImproperlyConfigured

from config.mail_server import MailServer, env_mail_from, env_mail_server


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", MailServer()),
        ("smtp://localhost", MailServer("localhost", 25)),
        ("smtp://localhost:8025", MailServer("localhost", 8025)),
        ("smtps://m.example.com", MailServer("m.example.com", 465, is_tls=True)),
        (
            "smtp+tls://ben%40example.com:p%2Fw@m.example.com",
            MailServer("m.example.com", 587, "ben@example.com", "p/w", is_starttls=True),
        ),
    ],
)
def test_a_mail_server_is_read(monkeypatch, url, server):
    monkeypatch.setenv("EMAIL_URL", url)
    assert env_mail_server("EMAIL_URL") == server


@pytest.mark.parametrize(
    "url", ["mail.example.com", "http://x", "smtp://", "smtp://:s3cret@", "smtp://h:x"]
)
def test_a_wrong_one_is_named_without_its_password(monkeypatch, url):
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(ImproperlyConfigured, match=r"^EMAIL_URL should") as error:
        env_mail_server("EMAIL_URL")
    assert "s3cret" not in str(error.value)


def test_mails_come_from_the_public_host_unless_told_otherwise(monkeypatch):
    assert env_mail_from("EMAIL_FROM", "go.example.com") == "Grapevine <grapevine@go.example.com>"
    monkeypatch.setenv("EMAIL_FROM", "News <news@example.com>")
    assert env_mail_from("EMAIL_FROM", "go.example.com") == "News <news@example.com>"


@pytest.mark.parametrize("value", ["nobody", "@example.com", "a@b.c\nBcc: x@y.z"])
def test_a_wrong_sender_is_named(monkeypatch, value):
    monkeypatch.setenv("EMAIL_FROM", value)
    with pytest.raises(ImproperlyConfigured, match=r"^EMAIL_FROM="):
        env_mail_from("EMAIL_FROM", "go.example.com")
