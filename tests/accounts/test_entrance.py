"""Second factors and single sign-on, by settings alone."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.accounts.sso import NAMES, Provider, env_sso

COMPLETE = {
    "SSO_ISSUER": "https://id.example.com/",
    "SSO_CLIENT_ID": "grapevine",
    "SSO_CLIENT_SECRET": "s3cret",
}
ON = {
    **COMPLETE,
    "ACCOUNTS_MFA": "true",
    "SSO_ISSUER": "http://localhost:8199",
    "SSO_NAME": "Orchard ID",
}


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in (*NAMES, "SSO_NAME"):
        monkeypatch.delenv(name, raising=False)


def give(monkeypatch, **values):
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_without_settings_there_is_none():
    assert env_sso() is None


def test_a_provider_is_read(monkeypatch):
    give(monkeypatch, **COMPLETE)

    assert env_sso() == Provider("https://id.example.com", "grapevine", "s3cret", "Single sign-on")


@pytest.mark.parametrize("missing", NAMES)
def test_what_is_missing_is_named(monkeypatch, missing):
    give(monkeypatch, **{**COMPLETE, missing: ""})

    with pytest.raises(ImproperlyConfigured, match=f"^Single sign-on lacks {missing}.$"):
        env_sso()


@pytest.mark.parametrize(
    "issuer", ["id.example.com", "http://id.example.com", "https://", "ftp://x"]
)
def test_an_issuer_is_reached_safely(monkeypatch, issuer):
    give(monkeypatch, **{**COMPLETE, "SSO_ISSUER": issuer})

    with pytest.raises(ImproperlyConfigured, match=r"^SSO_ISSUER=.* should be an address"):
        env_sso()


def test_it_works_once_it_is_asked_for():
    tests = settings.BASE_DIR / "tests/accounts/entrance"
    # On SQLite: on a server, this run's database would be taken for one that was left behind.
    on = {**os.environ, **ON, "DATABASE_URL": ""}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", str(tests), "-q", "-p", "no:cacheprovider"],
        cwd=settings.BASE_DIR,
        env=on,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout[-4000:]
    assert " passed" in ran.stdout
