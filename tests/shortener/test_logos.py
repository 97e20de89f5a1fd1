"""The colour and the logo of a site: what can be chosen, and what is kept of it."""

from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from shortener.logos import MAX_UPLOAD, SIDE, look_of, read_logo
from shortener.models import SiteLogo
from shortener.validators import contrast_to_white, validate_brand_color
from tests.factories import make_link, make_site
from tests.shortener.test_qr import a_logo


def saved(image, kind, **values):
    file = BytesIO()
    image.save(file, kind, **values)
    return file.getvalue()


def read(content):
    return Image.open(BytesIO(read_logo(BytesIO(content), len(content))))


class TestColor:
    @pytest.mark.parametrize(
        ("color", "contrast"),
        [("#000000", 21), ("#ffffff", 1), ("#767676", 4.54), ("#0000ff", 8.59), ("#ff0000", 4)],
    )
    def test_contrast_is_that_of_the_guidelines(self, color, contrast):
        assert contrast_to_white(color) == pytest.approx(contrast, abs=0.01)

    @pytest.mark.parametrize("color", ["#000000", "#5d2e8c", "#0B6E4F", "#767676"])
    def test_dark_colours_can_be_chosen(self, color):
        validate_brand_color(color)

    @pytest.mark.parametrize("color", ["#ffcc00", "#777777", "#ff0000", "#ffffff"])
    def test_light_ones_cannot(self, color):
        with pytest.raises(ValidationError, match="is too light: cameras need a contrast"):
            validate_brand_color(color)

    @pytest.mark.parametrize("color", ["", "red", "#123", "#12345g", "#1234567", "url(#a)"])
    def test_what_is_no_colour_is_refused(self, color):
        with pytest.raises(ValidationError, match="is not a colour"):
            validate_brand_color(color)


class TestPicture:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG"])
    def test_it_becomes_a_small_square_png(self, kind):
        logo = read(saved(Image.new("RGB", (900, 300), "#c0392b"), kind))

        assert logo.format == "PNG"
        assert logo.size == (SIDE, SIDE)
        red, _, _, solid = logo.getpixel((SIDE // 2, SIDE // 2))
        assert (abs(red - 0xC0) < 3, solid) == (True, 255)
        assert logo.getpixel((SIDE // 2, 2))[3] == 0

    def test_nothing_but_the_pixels_is_kept(self):
        exif = Image.Exif()
        exif[0x010E] = "taken at home"
        content = saved(Image.new("RGB", (50, 50)), "JPEG", exif=exif)
        assert b"taken at home" in content

        assert b"taken at home" not in read_logo(BytesIO(content), len(content))

    def test_it_is_turned_as_the_camera_says(self):
        exif = Image.Exif()
        exif[0x0112] = 6  # A quarter to the right.
        picture = Image.new("RGB", (60, 30), "#000")
        picture.paste("#fff", (0, 0, 30, 30))
        logo = read(saved(picture, "JPEG", exif=exif, quality=95))

        assert logo.getpixel((SIDE // 2, SIDE // 4))[0] > 200
        assert logo.getpixel((SIDE // 2, 3 * SIDE // 4))[0] < 50

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"<svg onload='alert(1)'></svg>", "not a picture in the format PNG or JPEG"),
            (b"", "not a picture in the format PNG or JPEG"),
            (saved(Image.new("RGB", (9, 9)), "GIF"), "not a picture in the format PNG or JPEG"),
            (a_logo()[:200], "The picture is damaged"),
            (saved(Image.new("1", (5_000, 4_000)), "PNG"), "more than 16 million pixels"),
        ],
        ids=["svg", "nothing", "gif", "half", "bomb"],
    )
    def test_others_are_refused_in_words(self, content, sentence):
        with pytest.raises(ValidationError, match=sentence):
            read_logo(BytesIO(content), len(content))

    def test_large_files_are_not_even_looked_at(self):
        with pytest.raises(ValidationError, match="more than 2 MB"):
            read_logo(BytesIO(), MAX_UPLOAD + 1)


@pytest.mark.django_db
class TestForm:
    @pytest.fixture
    def site(self):
        return make_site(name="The Valley News")

    def save(self, client, site, **values):
        url = reverse("admin:shortener_site_change", args=[site.pk])
        form = client.get(url).context["adminform"].form
        data = {
            name: value
            for name in form.fields
            if (value := form[name].value()) is not None and name not in ("logo", "remove_logo")
        }
        return client.post(url, {**data, "_continue": "1", **values})

    def upload(self, content):
        return SimpleUploadedFile("logo.png", content, "image/png")

    def test_a_logo_and_a_colour_make_the_codes_of_the_site(self, admin_client, site):
        response = self.save(admin_client, site, logo=self.upload(a_logo()), brand_color="#0b6e4f")
        assert response.status_code == 302
        look = look_of(site.pk, "#0b6e4f")
        assert Image.open(BytesIO(look.logo)).size == (SIDE, SIDE)

        link = make_link(site=site)
        for page in (
            reverse("admin:shortener_site_change", args=[site.pk]),
            reverse("admin:shortener_link_change", args=[link.pk]),
        ):
            text = admin_client.get(page).content.decode()
            assert 'stroke="#0b6e4f"' in text
            assert "data:image/png;base64," in text
        file = admin_client.get(reverse("admin:shortener_link_qr", args=[link.pk, "svg"]))
        assert b"data:image/png;base64," in file.getvalue()

    def test_saving_something_else_keeps_it_and_it_can_be_removed(self, admin_client, site):
        self.save(admin_client, site, logo=self.upload(a_logo()))
        self.save(admin_client, site, name="The Hill News")
        assert SiteLogo.objects.filter(site=site).exists()

        self.save(admin_client, site, remove_logo="on")
        assert not SiteLogo.objects.exists()

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"brand_color": "#ffcc00"}, "#ffcc00 is too light"),
            ({"logo": SimpleUploadedFile("a.png", b"no")}, "This is not a picture"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_kept(self, admin_client, site, values, sentence):
        response = self.save(admin_client, site, **values)

        assert sentence in response.content.decode()
        assert not SiteLogo.objects.exists()

    def test_who_may_only_look_sees_the_colour(self, client, site):
        user = User.objects.create_user("cleo", is_staff=True)
        user.user_permissions.set(
            Permission.objects.filter(codename__in=["view_site", "every_site"])
        )
        client.force_login(user)
        text = client.get(reverse("admin:shortener_site_change", args=[site.pk])).content.decode()

        assert "#000000" in text
        assert 'type="file"' not in text


@pytest.mark.django_db
@pytest.mark.parametrize(("cm", "status"), [("3", 200), ("10", 200), ("99", 404), ("x", 404)])
def test_files_come_in_the_widths_that_are_offered(admin_client, cm, status):
    url = reverse("admin:shortener_link_qr", args=[make_link().pk, "png"])

    assert admin_client.get(url, {"cm": cm}).status_code == status


def test_only_two_decoders_ever_run():
    source = (Path(__file__).parents[2] / "shortener/logos.py").read_text()
    assert source.count("Image.open(") == source.count("formats=FORMATS") == 1
