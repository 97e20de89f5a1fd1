"""QR codes in a brand's colours: what cameras make of them, and the files to print."""

import shutil
import subprocess
from io import BytesIO
from typing import Any

import pytest
import segno
from PIL import Image
from segno import consts

from shortener import qr
from shortener.qr import BLACK, MARK, MARK_RADIUS, PRINT_CM, QUIET, Look

PURPLE = "#5d2e8c"
URLS = [
    "https://go.co/Ab3dE9",
    "https://go.example.com/Ab3dE9",
    "https://links.a-rather-long-brand.example.com/christmas-sale-2026",
    f"https://go.example.com/{'x' * 60}",
    f"https://{'long-' * 12}name.{'label.' * 12}example.com/{'x' * 60}",
]
DATA = {
    consts.TYPE_DATA_DARK,
    consts.TYPE_DATA_LIGHT,
}
ZBAR = shutil.which("zbarimg")


def a_logo(color="#c0392b", size=(256, 256)):
    file = BytesIO()
    Image.new("RGBA", size, color).save(file, "PNG")
    return file.getvalue()


LOOKS = {"mark": Look(PURPLE), "logo": Look(PURPLE, a_logo())}


def image_of(url, look, cm=3):
    return Image.open(BytesIO(qr.png(url, look, cm)))


def modules(image, width):
    """Return whether each module of a drawn code is dark, row by row."""
    scale = image.width // (width + 2 * QUIET)
    gray = image.convert("L")
    middle = [(QUIET + place) * scale + scale // 2 for place in range(width)]
    return [[gray.getpixel((x, y)) < 128 for x in middle] for y in middle]


def code_words(code):
    """Return the number of the code word that each module of the data belongs to.

    The data winds up and down through pairs of columns, from the right; the column of the
    timing pattern is skipped (ISO/IEC 18004, 7.7.3).
    """
    kinds = [list(row) for row in code.matrix_iter(border=0, verbose=True)]
    width, found, number = len(kinds), {}, 0
    upwards = True
    right = width - 1
    while right > 0:
        if right == 6:
            right -= 1
        for row in reversed(range(width)) if upwards else range(width):
            for column in (right, right - 1):
                if kinds[row][column] in DATA:
                    found[row, column] = number // 8
                    number += 1
        upwards = not upwards
        right -= 2
    return found


def blocks_of(code):
    """Return how many code words can be restored in each block of a code."""
    level = consts.ERROR_LEVEL_H
    groups: Any = consts.ECC[code.version][level]  # type: ignore[index]
    return [
        (group.num_total - group.num_data) // 2
        for group in groups
        for _ in range(group.num_blocks)
    ]


@pytest.mark.parametrize("url", URLS)
def test_the_logo_hides_far_less_than_can_be_restored(url):
    code = qr.make(url)
    assert code.error == "H"
    box = qr.hidden(qr.width(code))
    hidden = range(box.start, box.start + box.side)
    words = code_words(code)
    lost = {words[row, column] for row in hidden for column in hidden if (row, column) in words}
    restored = blocks_of(code)

    # Code words of all blocks take turns, so that what is lost together is shared out.
    for block, capacity in enumerate(restored):
        assert sum(word % len(restored) == block for word in lost) <= capacity * 0.75
    assert box.side**2 <= qr.width(code) ** 2 / 16


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_every_other_module_is_as_it_has_to_be(url, look):
    code = qr.make(url)
    width = qr.width(code)
    box = qr.hidden(width)
    hidden = range(box.start, box.start + box.side)
    drawn = modules(image_of(url, look), width)
    for row, line in enumerate(code.matrix):
        for column, is_dark in enumerate(line):
            if row not in hidden or column not in hidden:
                assert drawn[row][column] == bool(is_dark), (row, column)


@pytest.mark.skipif(ZBAR is None, reason="needs zbarimg: apt install zbar-tools")
@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_a_camera_reads_it(tmp_path, url, look):
    file = tmp_path / "code.png"
    file.write_bytes(qr.png(url, look, 5))
    read = subprocess.run(
        [str(ZBAR), "-q", "--raw", file], capture_output=True, text=True, check=True
    )

    assert read.stdout.strip() == url


@pytest.mark.parametrize("cm", PRINT_CM)
def test_a_png_is_as_wide_in_print_as_it_says(cm):
    image = image_of(URLS[1], LOOKS["logo"], cm)
    across, down = image.info["dpi"]

    assert image.width / across * 2.54 == pytest.approx(cm, rel=0.001)
    assert across == pytest.approx(down)
    assert across == pytest.approx(300, rel=0.05)


def test_colours_are_the_brands():
    assert PURPLE in qr.svg(URLS[0], Look(PURPLE))
    assert BLACK not in qr.svg(URLS[0], Look(PURPLE))
    colors = {color for _, color in image_of(URLS[0], Look(PURPLE)).getcolors(1 << 20)}
    assert (0x5D, 0x2E, 0x8C) in colors
    assert (0, 0, 0) not in colors


def test_the_logo_stands_in_the_middle():
    drawn = qr.svg(URLS[0], LOOKS["logo"])
    image = image_of(URLS[0], LOOKS["logo"])

    assert 'href="data:image/png;base64,' in drawn
    assert image.getpixel((image.width // 2, image.height // 2)) == (0xC0, 0x39, 0x2B)


def test_without_a_logo_the_mark_stands_there():
    assert qr.svg(URLS[0], Look()).count("<circle ") == len(MARK)


def test_the_mark_stays_in_its_square():
    for x, y in MARK:
        for place in (x, y):
            assert MARK_RADIUS < place < 1 - MARK_RADIUS


def test_an_svg_stands_alone():
    response = qr.qr_file(URLS[0], "svg", "plums", LOOKS["logo"])
    text = response.getvalue().decode()

    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<svg xmlns="http://www.w3')
    assert text.endswith("</svg>")
    assert response["Content-Disposition"] == 'attachment; filename="plums.svg"'


def test_the_middle_is_hidden_in_whole_modules():
    for version in range(1, 41):
        width = 17 + 4 * version
        box = qr.hidden(width)
        assert 2 * box.start + box.side == width
        assert box.side % 2 == 1


def test_segno_makes_the_codes():
    assert qr.make(URLS[0]) == segno.make(URLS[0], error="h", micro=False, boost_error=False)
