"""Readers are answered in their language, and caches keep one copy of what speaks none."""

import pytest
from django.urls import reverse


@pytest.mark.django_db
def test_the_reader_is_answered_in_their_language(client):
    page = client.get(reverse("admin:login"), headers={"Accept-Language": "de"}).content.decode()

    assert '<html lang="de"' in page


@pytest.mark.parametrize("path", ["/share.js", "/share.json"])
@pytest.mark.django_db
def test_what_speaks_no_language_is_the_same_for_all(client, path):
    response = client.get(path, headers={"Accept-Language": "de"})

    assert "Accept-Language" not in response.get("Vary", "")
