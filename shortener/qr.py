"""QR codes in the colour of a brand, with its logo in the middle.

The logo hides some of the code, so that it is made with error correction of level H, which
restores up to 30 % of its code words (ISO/IEC 18004). A plain code needs no such reserve.
"""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import NamedTuple

import segno
from django.http import FileResponse
from PIL import Image, ImageDraw

KINDS = ("svg", "png")
BLACK = "#000000"
WHITE = "#ffffff"
QUIET = 4
"""Modules of white around a code."""
HIDDEN = 0.25
"""How much of a code's width the logo may take: a sixteenth of its area at most."""
MAX_HIDDEN = 11
"""Modules. In large codes a larger logo would hide what readers such as ZBar find their way by."""
DPI = 300
INCH_CM = 2.54
PRINT_CM = (3, 5, 10)
"""Widths to print a PNG at. What is to be larger is printed from the SVG."""
SMOOTH = 4
"""Pixels that one pixel of the mark is drawn from, in each direction."""
MARK_RADIUS = 0.15
MARK = ((0.2, 0.2), (0.5, 0.2), (0.8, 0.2), (0.35, 0.47), (0.65, 0.47), (0.5, 0.74))
"""The grapes of Grapevine's mark, in parts of its width: what stands there without a logo."""


class Look(NamedTuple):
    """What a brand's codes look like."""

    color: str = BLACK
    logo: bytes = b""
    """A PNG; Grapevine's mark stands in its place where there is none."""


class Box(NamedTuple):
    """A square in the middle of a code, in modules."""

    start: int
    side: int


def make(url: str) -> segno.QRCode:
    """Return the code of an address, with the reserve that a logo takes."""
    return segno.make(url, error="h", micro=False, boost_error=False)


def width(code: segno.QRCode) -> int:
    """Return how many modules wide a code is, without the white around it."""
    return int(code.symbol_size(border=0)[0])


def hidden(modules: int) -> Box:
    """Return what the logo hides of a code so many modules wide.

    Its side is odd, as the code's is, so that it hides whole modules.
    """
    side = min(int(modules * HIDDEN), MAX_HIDDEN)
    side -= 1 - side % 2
    return Box((modules - side) // 2, side)


def svg(url: str, look: Look) -> str:
    """Return the code of an address as an SVG without a size."""
    code = make(url)
    drawn = code.svg_inline(omitsize=True, border=QUIET, dark=look.color, light=WHITE)
    box = hidden(width(code))
    start = QUIET + box.start
    room = f"M{start} {start}h{box.side}v{box.side}h-{box.side}z"
    middle = f'<path fill="{WHITE}" d="{room}"/>{_svg_logo(look, start + 0.5, box.side - 1)}'
    return f"{drawn.removesuffix('</svg>')}{middle}</svg>"


def _svg_logo(look: Look, start: float, side: float) -> str:
    if look.logo:
        data = b64encode(look.logo).decode()
        return (
            f'<image x="{start}" y="{start}" width="{side}" height="{side}" '
            f'href="data:image/png;base64,{data}"/>'
        )
    return "".join(
        f'<circle cx="{start + x * side:.3f}" cy="{start + y * side:.3f}" '
        f'r="{MARK_RADIUS * side:.3f}" fill="{look.color}"/>'
        for x, y in MARK
    )


def png(url: str, look: Look, cm: int) -> bytes:
    """Return the code of an address as a PNG that is so wide in print."""
    code = make(url)
    modules = width(code)
    wanted = cm / INCH_CM * DPI
    scale = round(wanted / (modules + 2 * QUIET)) or 1
    drawn = BytesIO()
    code.save(drawn, kind="png", border=QUIET, scale=scale, dark=look.color, light=WHITE)
    image = Image.open(drawn).convert("RGB")
    box = hidden(modules)
    side = box.side * scale
    start = (QUIET + box.start) * scale
    middle = Image.new("RGB", (side, side), WHITE)
    logo = _png_logo(look, side - scale)
    middle.paste(logo, (scale // 2, scale // 2), logo)
    image.paste(middle, (start, start))
    # Modules have whole pixels, so the width in print is kept by their density.
    density = image.width / cm * INCH_CM
    file = BytesIO()
    image.save(file, "PNG", dpi=(density, density))
    return file.getvalue()


def _png_logo(look: Look, side: int) -> Image.Image:
    """Return the logo on a transparent square."""
    if look.logo:
        logo = Image.open(BytesIO(look.logo), formats=("PNG",)).convert("RGBA")
        return logo.resize((side, side), Image.Resampling.LANCZOS)
    large = side * SMOOTH
    mark = Image.new("RGBA", (large, large), (255, 255, 255, 0))
    draw = ImageDraw.Draw(mark)
    for x, y in MARK:
        draw.circle((x * large, y * large), MARK_RADIUS * large, fill=look.color)
    return mark.resize((side, side), Image.Resampling.LANCZOS)


def qr_file(
    url: str, kind: str, name: str, look: Look | None = None, cm: int = PRINT_CM[-1]
) -> FileResponse:
    """Return the QR code of an address as a file to save."""
    look = look or Look()
    if kind == "svg":
        drawn = f'<?xml version="1.0" encoding="utf-8"?>\n{_whole_svg(url, look)}'.encode()
    else:
        drawn = png(url, look, cm)
    return FileResponse(BytesIO(drawn), as_attachment=True, filename=f"{name}.{kind}")


def _whole_svg(url: str, look: Look) -> str:
    """Return an SVG that stands alone, and opens as wide as the widest PNG."""
    width = f'width="{PRINT_CM[-1]}cm" height="{PRINT_CM[-1]}cm"'
    return svg(url, look).replace("<svg ", f'<svg xmlns="http://www.w3.org/2000/svg" {width} ', 1)
