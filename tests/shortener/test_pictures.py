"""Uploaded pictures: whatever comes in, a small JPEG of the right size comes out, or a reason."""

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shortener import pictures
from shortener.pictures import HEIGHT, MAX_BYTES, SIZE, WIDTH, PictureError
from tests.shortener.images import RED, image, noise, png_of, saved

SCRIPT = b"<html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630"><script/></svg>'


def made(content: bytes) -> Image.Image:
    """Return what becomes of an upload."""
    result = pictures.as_preview(io.BytesIO(content), len(content))
    assert len(result) <= MAX_BYTES
    found = Image.open(io.BytesIO(result))
    assert (found.format, found.mode, found.size) == ("JPEG", "RGB", SIZE)
    return found


def colour(found: Image.Image, x: int = WIDTH // 2, y: int = HEIGHT // 2) -> tuple[int, ...]:
    pixel = found.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return tuple(int(value) for value in pixel)


def near(found: tuple[int, ...], expected: tuple[int, ...], by: int = 6) -> bool:
    return all(abs(a - b) <= by for a, b in zip(found, expected, strict=True))


def reason(content: bytes) -> str:
    with pytest.raises(PictureError) as refused:
        pictures.as_preview(io.BytesIO(content), len(content))
    return refused.value.reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_common_formats_are_taken(kind):
    assert near(colour(made(saved(image(), kind))), RED)


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (image("1", colour=1), (255, 255, 255)),
        (image("L", colour=200), (200, 200, 200)),
        (image("LA", colour=(200, 255)), (200, 200, 200)),
        (image("I;16", colour=200 << 8), (200, 200, 200)),
        (image("RGBA", colour=(*RED, 255)), RED),
        (image().convert("P"), RED),
    ],
    ids=lambda value: getattr(value, "mode", ""),
)
def test_every_way_to_store_colours_is_taken(picture, expected):
    assert near(colour(made(saved(picture))), expected, by=25)


def test_inks_of_print_become_the_colours_of_the_web():
    picture = image("CMYK", colour=(0, 255, 255, 0))  # Magenta and yellow: red.
    assert near(colour(made(saved(picture, "JPEG"))), (255, 0, 0))


def test_what_is_transparent_becomes_white():
    assert near(colour(made(saved(image("RGBA", colour=(0, 0, 0, 0))))), (255, 255, 255))


def test_what_sticks_out_is_cut_on_both_sides_alike():
    picture = image(size=(3000, 630), colour=(0, 0, 255))
    picture.paste(RED, (900, 0, 2100, 630))
    found = made(saved(picture))
    for x in (5, WIDTH - 5):
        assert near(colour(found, x), RED)


def test_a_photograph_is_upright_and_does_not_tell_where_it_was_taken():
    picture = image(size=(630, 1200), colour=(0, 0, 255))
    picture.paste(RED, (315, 0, 630, 1200))
    exif = Image.Exif()
    exif[0x0112] = 6  # To be turned by 90 degrees: the right half becomes the lower one.
    exif[0x010E] = "Our garden"
    exif.get_ifd(0x8825)[1] = "N"
    content = saved(picture, "JPEG", exif=exif, comment=b"secret")

    found = made(content)

    assert near(colour(found, y=20), (0, 0, 255))
    assert near(colour(found, y=HEIGHT - 20), RED)
    assert dict(found.getexif()) == {}
    assert {"exif", "comment", "icc_profile", "photoshop"}.isdisjoint(found.info)


def test_even_noise_fits_into_what_whatsapp_takes():
    made(saved(noise()))


def test_of_a_moving_picture_the_first_frame_stays():
    frames = [image(colour=(0, 0, 255)) for _ in range(3)]
    for kind in ("GIF", "WEBP", "PNG"):
        moving = saved(image(), kind, save_all=True, append_images=frames)
        found = made(moving)
        assert near(colour(found), RED)
        assert getattr(found, "n_frames", 1) == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_what_is_hidden_behind_a_picture_goes(kind):
    content = saved(image(), kind) + SCRIPT + b"PK\x03\x04"
    result = pictures.as_preview(io.BytesIO(content), len(content))
    assert SCRIPT not in result
    assert b"PK\x03\x04" not in result


def test_a_small_file_with_billions_of_pixels_is_refused_unread():
    for width, height in ((60_000, 60_000), (12_000, 9_000), (7_100, 7_100)):
        assert "more than 50 million pixels" in reason(png_of(width, height))


@pytest.mark.parametrize(("width", "height"), [(599, 400), (900, 314), (1, 1)])
def test_a_picture_that_is_too_small_is_refused_with_its_size(width, height):
    assert reason(saved(image(size=(width, height)))) == (
        f"The picture is too small: it has {width} × {height} pixels, and messengers need at "
        "least 600 × 315."
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff", SVG, SCRIPT, b"%PDF-1.4", b"BM" + bytes(100), b"II*\x00" + bytes(99)],
)
def test_what_is_no_picture_of_these_formats_is_refused(content):
    assert "not a picture in the format JPEG, PNG, WebP or GIF" in reason(content)


@pytest.mark.parametrize("kind", ["TIFF", "BMP", "ICO", "PPM", "TGA"])
def test_no_other_decoder_is_run(kind):
    assert "not a picture in the format" in reason(saved(image(), kind))


def test_a_picture_that_is_cut_off_is_refused():
    content = saved(noise())
    assert "damaged" in reason(content[: len(content) // 2])


def test_a_file_that_is_too_large_is_refused_unread():
    with pytest.raises(PictureError, match="more than 10 MB"):
        pictures.as_preview(io.BytesIO(b""), pictures.MAX_UPLOAD + 1)


@given(st.integers(0, 2_000), st.binary(min_size=1, max_size=40))
def test_a_broken_file_gets_a_reason_and_no_other_error(at, garbage):
    content = bytearray(BROKEN)
    content[at : at + len(garbage)] = garbage
    with suppress(PictureError):
        made(bytes(content))


BROKEN = saved(image(size=(640, 320)), "PNG")
