"""Users, with their roles and sites, and the keys with which programs log in."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse
from rest_framework.authtoken.models import Token

from config.accounts.roles import ensure
from tests.factories import make_site

pytestmark = pytest.mark.django_db
LIST = "/admin/auth/user/"
TOKENS = "/admin/authtoken/tokenproxy/"


@pytest.fixture(autouse=True)
def _roles():
    ensure()


@pytest.fixture
def sites():
    return [make_site(name="The Bench"), make_site(name="The Orchard")]


def somebody(name, role="", **values):
    user = User.objects.create_user(name, is_staff=True, **values)
    user.groups.set(Group.objects.filter(name=role))
    return user


@pytest.fixture
def administrator(client):
    """Somebody with the role, who is no superuser."""
    client.force_login(somebody("ines", "Administrator"))
    return client


def address(user, what="change"):
    return reverse(f"admin:auth_user_{what}", args=[user.pk])


def save(client, user, **values):
    data = {"username": user.username, "is_active": "on", "is_staff": "on", **values}
    return client.post(address(user), data)


def test_roles_and_sites_are_boxes(administrator, sites):
    ben = somebody("ben")
    page = administrator.get(address(ben)).content.decode()

    assert "Marketer: Makes links, campaigns, labelled shares and previews" in page
    assert f'type="checkbox" name="sites" value="{sites[0].pk}"' in page

    marketer = Group.objects.get(name="Marketer")
    answer = save(administrator, ben, groups=[marketer.pk], sites=[sites[1].pk])

    assert answer.status_code == 302
    assert list(ben.groups.all()) == [marketer]
    assert list(ben.sites.all()) == [sites[1]]


def test_the_form_comes_with_what_is_so_far(administrator, sites):
    ben = somebody("ben", "Analyst")
    ben.sites.add(sites[0])
    form = administrator.get(address(ben)).context["adminform"].form

    assert list(form["sites"].value()) == [sites[0].pk]
    assert form["groups"].value() == [ben.groups.get().pk]


def test_a_new_user_gets_roles_and_sites_at_once(administrator, sites):
    group = Group.objects.get(name="Analyst")
    page = administrator.get(reverse("admin:auth_user_add"))
    assert page.context["adminform"].form["is_staff"].value()

    secret = "a-cart-of-yellow-plums"
    data: dict[str, Any] = {"username": "cleo", "usable_password": "true", "password1": secret}
    data |= {"password2": secret, "is_staff": "on", "groups": [group.pk], "sites": [sites[0].pk]}
    answer = administrator.post(reverse("admin:auth_user_add"), data)

    assert answer.status_code == 302
    cleo = User.objects.get(username="cleo")
    assert cleo.is_staff
    assert cleo.has_perm("analytics.view_hit")
    assert list(cleo.sites.all()) == [sites[0]]


def test_the_list_shows_roles_and_sites(administrator, sites, django_assert_max_num_queries):
    for name in ("ben", "cleo", "dora"):
        somebody(name, "Marketer").sites.set(sites)
    User.objects.create_superuser("ada")

    with django_assert_max_num_queries(14):
        text = administrator.get(LIST).content.decode()
    rows = re.findall(r'class="field-roles">(.*?)</td><td class="field-site_names">(.*?)<', text)

    assert rows == [
        ("may do everything", "every site"),
        *[("Marketer", "The Bench, The Orchard")] * 3,
        ("Administrator", "every site"),
    ]


@pytest.mark.parametrize("filter_by", ["sites__id__exact", "groups__id__exact"])
def test_users_are_found_by_role_and_site(administrator, sites, filter_by):
    ben = somebody("ben", "Marketer")
    ben.sites.add(sites[0])
    what = sites[0] if filter_by.startswith("sites") else Group.objects.get(name="Marketer")
    found = administrator.get(LIST, {filter_by: what.pk}).context["cl"].result_list

    assert list(found) == [ben]


def test_who_may_only_look_sees_words(client, sites):
    ben = somebody("ben", "Marketer")
    ben.sites.add(sites[0])
    eva = somebody("eva")
    allowed = ("view_user", "every_site")
    eva.user_permissions.set(Permission.objects.filter(codename__in=allowed))
    client.force_login(eva)
    page = client.get(address(ben)).content.decode()

    assert "The Bench" in page
    assert "Marketer" in page
    assert 'type="checkbox"' not in page


# Nobody gives themselves, or others, more than they have


@pytest.mark.parametrize("what", ["change", "delete"])
def test_a_superuser_is_changed_by_superusers_only(administrator, what):
    ada = User.objects.create_superuser("ada")

    answer = administrator.post(address(ada, what), {"post": "yes", "username": "mine"})

    assert answer.status_code == 403
    assert User.objects.get(pk=ada.pk).username == "ada"


def test_a_superusers_password_is_set_by_superusers_only(administrator):
    ada = User.objects.create_superuser("ada")

    password = reverse("admin:auth_user_password_change", args=[ada.pk])

    assert administrator.get(password).status_code == 403


def test_an_administrator_makes_nobody_a_superuser(administrator):
    ines = User.objects.get(username="ines")
    group = Group.objects.get(name="Administrator")

    more = {"is_superuser": "on", "user_permissions": ["1"]}
    answer = save(administrator, ines, groups=[group.pk], **more)

    assert answer.status_code == 302
    ines.refresh_from_db()
    assert not ines.is_superuser
    assert not ines.user_permissions.exists()


def test_a_superuser_may(admin_client):
    ben = somebody("ben")

    assert save(admin_client, ben, is_superuser="on").status_code == 302
    assert User.objects.get(pk=ben.pk).is_superuser


def test_several_users_are_not_deleted_with_a_superuser_among_them(administrator):
    ada, ben = User.objects.create_superuser("ada"), somebody("ben")
    chosen = {"action": "delete_selected", "_selected_action": [ada.pk, ben.pk], "post": "yes"}
    administrator.post(LIST, chosen)

    assert User.objects.filter(pk__in=[ada.pk, ben.pk]).count() == 2


# Keys


def test_a_developer_sees_and_makes_their_own_key_alone(client):
    dora, ada = somebody("dora", "Developer"), User.objects.create_superuser("ada")
    secret = Token.objects.create(user=ada).key
    client.force_login(dora)

    assert secret not in client.get(TOKENS).content.decode()
    assert client.get(f"{TOKENS}{ada.pk}/change/").status_code == 302
    assert client.post(f"{TOKENS}{ada.pk}/delete/", {"post": "yes"}).status_code == 302
    refused = client.post(f"{TOKENS}add/", {"user": somebody("ben").pk})
    assert "user" in refused.context["adminform"].errors
    assert client.post(f"{TOKENS}add/", {"user": dora.pk}).status_code == 302
    assert set(Token.objects.values_list("user__username", flat=True)) == {"ada", "dora"}


def test_a_superuser_makes_keys_for_the_servers_of_sites(admin_client):
    server = User.objects.create_user("server")

    assert admin_client.post(f"{TOKENS}add/", {"user": server.pk}).status_code == 302
    assert Token.objects.get().user == server
