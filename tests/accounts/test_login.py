"""Logging in leads to the admin, and to nowhere else."""

import pytest
from django.contrib.auth.models import User

pytestmark = pytest.mark.django_db
SECRET = "a-cart-of-yellow-plums"


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/admin/shortener/link/?q=plums", "/admin/shortener/link/?q=plums"),
        ("/summer", "/admin/"),
        ("//evil.example/admin/", "/admin/"),
        ("https://evil.example/admin/", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
    ],
)
def test_it_leads_to_pages_of_the_admin_only(client, wanted, led):
    User.objects.create_user("ben", password=SECRET, is_staff=True)
    data = {"username": "ben", "password": SECRET, "next": wanted}

    assert client.post("/admin/login/", data)["Location"] == led


def test_who_has_no_role_is_told_whom_to_ask(client):
    client.force_login(User.objects.create_user("ben", is_staff=True))

    assert "You have no role yet" in client.get("/admin/").content.decode()
