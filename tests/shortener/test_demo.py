import pytest
from django.contrib.auth import get_user_model
from django.test import TestCase, override_settings

from shortener import demo
from shortener.models import CatalogVersion, Link, Site


@override_settings(PUBLIC_URL="http://localhost:8000", PUBLIC_HOST="localhost")
class EnsureTests(TestCase):
    def test_it_makes_a_site_and_a_link(self):
        demo.ensure()
        site = Site.objects.get()
        link = Link.objects.get()
        site.full_clean()
        link.full_clean()

        assert (site.key, site.time_zone, site.hosts) == (
            "demo",
            "UTC",
            ["localhost", "127.0.0.1"],
        )
        assert link.destination == "http://localhost:8000/demo/"
        assert link.tags["utm_source"] == "{channel}"

    def test_a_second_time_changes_nothing(self):
        demo.ensure()
        version = CatalogVersion.objects.get().number
        demo.ensure()

        assert CatalogVersion.objects.get().number == version
        assert Link.objects.count() == 1

    def test_it_follows_the_public_url(self):
        demo.ensure()
        with override_settings(PUBLIC_URL="https://go.example", PUBLIC_HOST="go.example"):
            demo.ensure()
            link = Link.objects.get()
            link.full_clean()

        assert link.destination == "https://go.example/demo/"
        assert link.page == "https://go.example/demo/"
        assert link.site.hosts == ["go.example", "localhost", "127.0.0.1"]

    def test_it_leaves_a_link_that_was_changed(self):
        demo.ensure()
        link = Link.objects.get()
        link.destination = "https://example.com/story"
        link.save()
        demo.ensure()

        assert Link.objects.get().destination == "https://example.com/story"


@pytest.mark.django_db
class TestEnsureAdmin:
    @pytest.fixture
    def file(self, tmp_path):
        return tmp_path / "admin_password"

    def test_it_makes_one_and_tells_the_password_again(self, file):
        password = demo.ensure_admin(file)

        assert password is not None
        assert len(password) == 19
        assert get_user_model().objects.get(is_superuser=True).check_password(password)
        assert file.stat().st_mode & 0o777 == 0o600
        assert demo.ensure_admin(file) == password

    def test_it_keeps_quiet_about_a_changed_password(self, file):
        demo.ensure_admin(file)
        admin = get_user_model().objects.get()
        admin.set_password("their own")
        admin.save()

        assert demo.ensure_admin(file) is None
        admin.refresh_from_db()
        assert admin.check_password("their own")

    def test_it_makes_none_where_there_is_another(self, file):
        get_user_model().objects.create_superuser("root", password="x")

        assert demo.ensure_admin(file) is None
        assert get_user_model().objects.count() == 1
        assert not file.exists()

    def test_it_uses_the_password_again_for_a_new_database(self, file):
        password = demo.ensure_admin(file)
        get_user_model().objects.all().delete()

        assert demo.ensure_admin(file) == password


@pytest.mark.django_db
def test_a_page_that_became_a_link_by_itself_is_not_the_link_of_the_demo():
    demo.ensure()
    made = Link.objects.get()
    Link.objects.create(site=made.site, destination=f"{made.destination}es/", title="Later")

    assert demo.link() == made
    Link.objects.filter(pk=made.pk).update(active=False)
    assert demo.link() is None
