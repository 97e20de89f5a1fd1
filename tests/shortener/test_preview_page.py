"""The admin's page of a link's own preview: what it takes, what it refuses, what it shows."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from shortener.admin.previews import shown
from shortener.labels import LABELS
from shortener.messengers import MESSENGERS
from shortener.models import OwnPreview
from shortener.own_preview_form import LANGUAGES
from shortener.own_previews import FOLDER
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP
from tests.shortener.images import image, noise, png_of, saved

pytestmark = pytest.mark.django_db


@pytest.fixture
def link():
    return make_link(title="Grapes", site=make_site(domain="go.example.org"))


def url(link):
    return reverse("admin:shortener_link_preview", args=[link.pk])


def member(link, *permissions):
    user = User.objects.create_user("ben", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    link.site.members.add(user)
    return user


def upload(content, name="photo.png"):
    return SimpleUploadedFile(name, content, "image/png")


def save(client, link, **values):
    return client.post(url(link), {"title": "Own title", "language": "de", **values})


def errors(response):
    assert response.status_code == 200
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_a_preview_is_saved_and_served(admin_client, client, link):
    picture = upload(saved(image()))
    save(admin_client, link, description="Words", upload=picture, picture_text="Red")

    own = OwnPreview.objects.get()
    assert (own.title, own.description, own.language) == ("Own title", "Words", "de")
    assert default_storage.exists(FOLDER + own.picture)
    html = client.get(f"/{link.code}", headers={"user-agent": WHATSAPP}).content.decode()
    assert f'content="http://go.example.org/preview/{own.picture}"' in html
    assert LogEntry.objects.get().change_message == "Changed its own preview."


def test_saving_again_keeps_the_picture_unless_it_is_to_go(admin_client, link):
    save(admin_client, link, upload=upload(saved(image())))
    picture = OwnPreview.objects.get().picture
    save(admin_client, link, title="Another")
    assert OwnPreview.objects.get().picture == picture
    save(admin_client, link, remove_picture="on")
    assert OwnPreview.objects.get().picture == ""


def test_a_preview_is_removed(admin_client, link):
    save(admin_client, link)
    admin_client.post(url(link), {"remove": "1"})
    assert not OwnPreview.objects.exists()
    assert admin_client.post(url(link), {"remove": "1"}).status_code == 302


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (saved(image(size=(400, 200))), "The picture is too small: it has 400 × 200 pixels"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture in the format JPEG, PNG"),
        (png_of(60_000, 60_000), "more than 50 million pixels"),
        (saved(noise())[:50_000], "The picture is damaged."),
        (bytes(11 * 1024 * 1024), "The picture has more than 10 MB."),
        (b"", "The submitted file is empty."),
    ],
)
def test_a_bad_picture_is_refused_in_words_and_nothing_is_stored(
    admin_client, link, content, sentence
):
    found = errors(save(admin_client, link, upload=upload(content)))
    assert list(found) == ["upload"]
    assert sentence in found["upload"][0]
    assert not OwnPreview.objects.exists()
    assert not default_storage.exists(FOLDER) or not default_storage.listdir(FOLDER)[1]


def test_a_preview_needs_something_of_its_own(admin_client, link):
    found = errors(save(admin_client, link, title=" "))
    assert found == {"__all__": ["An own preview needs a title, a description or a picture of "
                                 "its own."]}  # fmt: skip


def test_what_is_too_long_is_refused(admin_client, link):
    found = errors(save(admin_client, link, title="x" * 201, description="x" * 301))
    assert set(found) == {"title", "description"}


def test_a_refused_form_shows_what_messengers_get(admin_client, link):
    save(admin_client, link)
    response = save(admin_client, link, title="x" * 201)
    assert response.context["shown"].title == "Own title"


# What is shown


def test_every_messenger_has_a_picture(admin_client, link):
    html = admin_client.get(url(link)).content.decode()
    assert re.findall(r'class="phone is-(\w+)"', html) == [m.name for m in MESSENGERS]
    assert html.count("Grapes</strong>") == sum(m.shows for m in MESSENGERS)


def test_without_an_own_preview_it_shows_what_is_known_of_the_page(admin_client, link):
    link.image = "https://example.com/a.png?x=<y>"
    link.save()
    html = admin_client.get(url(link)).content.decode()
    assert shown(link, None).host == "example.com"
    assert "https://example.com/a.png?x=&lt;y&gt;. It is not loaded here" in html
    assert 'src="https://example.com' not in html


def test_pictures_are_loaded_from_the_admins_own_host(admin_client, link, settings):
    save(admin_client, link, upload=upload(saved(image())))
    response = admin_client.get(url(link))
    sources = set(re.findall(r'<img src="([^"]*)"', response.content.decode()))
    assert sources == {f"/preview/{OwnPreview.objects.get().picture}"}
    assert "img-src 'self' data:;" in f"{response['Content-Security-Policy']};"


def test_long_texts_are_cut_where_the_messenger_cuts_them(admin_client, link):
    save(admin_client, link, title="x" * 200)
    html = admin_client.get(url(link)).content.decode()
    for messenger in MESSENGERS:
        if messenger.title:
            assert f">{'x' * (messenger.title - 1)}…<" in html


def test_nothing_in_the_page_is_inline(admin_client, link):
    html = admin_client.get(url(link)).content.decode()
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", html)


def test_texts_may_be_in_the_languages_of_the_buttons():
    assert {code for code, _ in LANGUAGES} == set(LABELS) - {"zh-tw", "zh-hk"}


# Rights


def test_who_may_only_look_changes_nothing(client, link):
    client.force_login(member(link, "view_link"))
    html = client.get(url(link)).content.decode()
    assert "Save the preview" not in html
    assert '<fieldset class="stacked" disabled>' in html
    assert save(client, link).status_code == 403
    assert client.post(url(link), {"remove": "1"}).status_code == 403


def test_who_may_change_links_changes_previews(client, link):
    client.force_login(member(link, "change_link"))
    assert save(client, link).status_code == 302


def test_links_of_other_sites_are_not_found(client, link):
    client.force_login(member(make_link(), "view_link", "change_link"))
    assert client.get(url(link)).status_code == 404
    assert save(client, link).status_code == 404


def test_others_see_nothing(client, link):
    assert client.get(url(link)).status_code == 302
    client.force_login(member(link, "view_site"))
    assert client.get(url(link)).status_code == 403
