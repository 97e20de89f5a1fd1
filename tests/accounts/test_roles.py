"""Roles: who may what, as a table."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command

from config.accounts import roles
from config.accounts.roles import ROLES, Role, ensure

pytestmark = pytest.mark.django_db


def run():
    out = StringIO()
    call_command("roles", stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def who():
    """Return somebody of a role."""
    ensure()

    def make(role):
        user = User.objects.create_user(role.lower(), is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        return user

    return make


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("analytics.view_dailycontent", "Marketer Analyst Developer Administrator"),
        ("shortener.view_link", "Marketer Analyst Developer Administrator"),
        ("shortener.add_link", "Marketer Administrator"),
        ("shortener.change_link", "Marketer Administrator"),
        ("shortener.change_campaign", "Marketer Administrator"),
        ("shortener.link_anywhere", "Administrator"),
        ("analytics.view_hit", "Analyst Administrator"),
        ("analytics.view_visit", "Analyst Administrator"),
        ("analytics.view_share", "Analyst Administrator"),
        ("shortener.change_site", "Developer Administrator"),
        ("shortener.report_conversions", "Developer Administrator"),
        ("authtoken.add_tokenproxy", "Developer Administrator"),
        ("auth.change_user", "Administrator"),
        ("shortener.every_site", "Administrator"),
        ("auth.change_group", ""),
        ("auth.add_permission", ""),
    ],
)
def test_who_may_what(who, permission, roles):
    able = {role.name for role in ROLES if who(role.name).has_perm(permission)}

    assert able == set(roles.split())


def test_an_analyst_changes_nothing(who):
    assert {
        name.partition(".")[2].partition("_")[0] for name in who("Analyst").get_all_permissions()
    } == {"view"}


def test_it_says_what_it_made_and_makes_it_once():
    assert [line.partition(":")[0] for line in run()] == [role.name for role in ROLES]
    assert run() == ["All roles are up to date."]


def test_it_brings_roles_back_and_leaves_other_groups_and_members_alone(who):
    user = who("Analyst")
    own = Group.objects.create(name="Night shift")
    own.permissions.set(Permission.objects.filter(codename="view_site"))
    group = Group.objects.get(name="Analyst")
    group.permissions.remove(Permission.objects.get(codename="view_hit"))
    group.permissions.add(Permission.objects.get(codename="add_link"))

    assert run() == [
        "Analyst: given: analytics.view_hit.",
        "Analyst: taken away: shortener.add_link.",
    ]
    assert own.permissions.count() == 1
    assert list(user.groups.all()) == [group]


def test_a_permission_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(roles, "ROLES", (Role("Baker", "", "", ("oven.bake_bread",)),))

    with pytest.raises(LookupError, match=r"^Baker: no permission is called oven.bake_bread.$"):
        ensure()
    assert not Group.objects.exists()
