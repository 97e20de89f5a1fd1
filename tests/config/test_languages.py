"""Readers are answered in their language, and caches keep one copy of what speaks none."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation import get_language

from config.languages import language_middleware


@pytest.mark.parametrize("path", ["/admin/login/", "/no-such-link"])
@pytest.mark.django_db
def test_the_reader_is_answered_in_their_language(client, path):
    page = client.get(path, headers={"Accept-Language": "de"}).content.decode()

    assert '<html lang="de"' in page


@pytest.mark.parametrize("path", ["/share.js", "/share.json"])
@pytest.mark.django_db
def test_what_speaks_no_language_is_the_same_for_all(client, path):
    response = client.get(path, headers={"Accept-Language": "de"})

    assert "Accept-Language" not in response.get("Vary", "")


def test_what_speaks_no_language_is_not_answered_in_that_of_the_reader_before():
    answer = language_middleware(lambda request: HttpResponse(get_language()))

    with translation.override("de"):
        assert answer(RequestFactory().get("/offer")).content == b"en"
