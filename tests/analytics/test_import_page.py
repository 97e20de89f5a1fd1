"""The way of a file through the admin: looked at, made, reported, undone."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from analytics.imports.work import go_on
from shortener.imports.models import Fate, Import, State
from shortener.models import Link
from tests.factories import make_site

pytestmark = pytest.mark.django_db

MAKER = ("add_link", "change_link", "view_link", "view_dailycontent")
FILE = (
    "destination,title,slug\nhttps://example.com/a,A,first\nhttps://example.com/b,B,\nftp://c,C,\n"
)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def ben(site):
    user = User.objects.create_user("ben", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=MAKER))
    site.members.add(user)
    return user


@pytest.fixture
def ben_client(client, ben):
    client.force_login(ben)
    return client


def upload(client, site, content=FILE, name="links.csv"):
    content = content.encode() if isinstance(content, str) else content
    data = {"site": site.pk, "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("imports:list"), data)


def looked_at(client, site, content=FILE):
    upload(client, site, content)
    go_on(30)
    return Import.objects.get()


def act(client, source, verb):
    answer = client.post(reverse("imports:act", args=[source.pk, verb]))
    go_on(30)
    source.refresh_from_db()
    return answer


def test_nothing_is_made_before_somebody_says_so(ben_client, site):
    source = looked_at(ben_client, site)
    assert source.state == State.READ
    assert source.counts == {Fate.READY: 2, Fate.ERROR: 1}
    assert not Link.objects.exists()


def test_then_every_line_that_can_is_a_link(ben_client, ben, site):
    source = looked_at(ben_client, site)
    act(ben_client, source, "make")
    assert source.state == State.DONE
    assert source.counts == {Fate.MADE: 2, Fate.ERROR: 1}
    first, second = Link.objects.order_by("pk")
    assert (first.slug, first.title, first.created_by) == ("first", "A", ben)
    assert (second.slug, second.page) == (None, "https://example.com/b")
    assert first.version == second.version > 0


def test_pages_show_each_step(ben_client, site):
    assert "Choose a file" in ben_client.get(reverse("imports:list")).text
    upload(ben_client, site)
    source = Import.objects.get()
    url = reverse("imports:one", args=[source.pk])
    assert "data-working" in ben_client.get(url).text
    go_on(30)
    page = ben_client.get(url).text
    assert "2 lines can become links" in page
    assert "Line 4, column “destination”: The address must start with" in page
    act(ben_client, source, "make")
    assert "Done: 2 links were made." in ben_client.get(url).text
