"""The follower keeps a process up to date, and goes on whatever is away."""

import time

import pytest
from django.db import DatabaseError, InterfaceError

from shortener.edge import edge
from shortener.follower import Follower
from tests.factories import make_link

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_it_follows_edits_and_keeps_salts_and_serials_ready(django_assert_num_queries):
    link = make_link()
    edge().catalog.fetch(link.pk)
    link.title = "New"
    link.save()
    Follower(edge()).tick()
    assert edge().catalog.links[link.pk].title == "New"
    with django_assert_num_queries(0):
        assert edge().salts.name(time.time(), "203.0.113.5")
        edge().serials.take()


@pytest.mark.parametrize("error", [DatabaseError("gone"), InterfaceError("gone")])
def test_without_the_database_known_links_go_on_and_rates_are_shared(monkeypatch, caplog, error):
    shared: list[float] = []

    def away():
        raise error

    monkeypatch.setattr(edge().catalog, "follow", away)
    monkeypatch.setattr(edge().rates, "share", shared.append)
    follower = Follower(edge())
    follower.tick()
    follower.tick()
    assert caplog.text.count("known links go on: gone") == 1
    assert len(shared) == 2
