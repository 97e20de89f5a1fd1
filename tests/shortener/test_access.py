"""Everybody sees the sites they work for, and no other."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User

from shortener.access import sites_of, works_for
from tests.factories import make_site

pytestmark = pytest.mark.django_db


def test_a_member_works_for_their_sites_only():
    mine, theirs = make_site(), make_site()
    user = User.objects.create_user("marie")
    mine.members.add(user)

    assert list(sites_of(user)) == [mine]
    assert works_for(user, mine)
    assert not works_for(user, theirs)


def test_who_works_for_every_site_need_be_member_of_none():
    site = make_site()
    user = User.objects.create_user("ada")
    user.user_permissions.add(Permission.objects.get(codename="every_site"))

    assert list(sites_of(User.objects.get(pk=user.pk))) == [site]


def test_an_administrator_works_for_every_site():
    site = make_site()

    assert list(sites_of(User.objects.create_superuser("root"))) == [site]


def test_a_stranger_works_for_none():
    make_site()

    assert not sites_of(AnonymousUser()).exists()
