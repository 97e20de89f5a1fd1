"""The logo of a site, for the middle of its QR codes.

It is kept in the database, beside the site: some kilobytes, which every machine needs to draw a
code, and which come and go with the site. What is uploaded is drawn anew from its pixels, so that
nothing else of the file is kept or ever sent to anybody.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from shortener.qr import BLACK, Look

SIDE = 256
"""Pixels of the square that a logo is kept as."""
MAX_UPLOAD = 2 * 1024 * 1024
MAX_PIXELS = 16_000_000
"""A file of some kilobytes can unfold to billions of pixels."""
FORMATS = ("PNG", "JPEG")
"""Only the decoders of these are ever run."""


class SiteLogo(models.Model):
    """What stands in the middle of a site's QR codes."""

    site = models.OneToOneField(
        "shortener.Site", models.CASCADE, primary_key=True, related_name="logo"
    )
    png = models.BinaryField()

    class Meta:
        default_permissions = ()  # Those of sites decide.

    def __str__(self) -> str:
        return str(self.site)


def look_of(site_id: int, color: str) -> Look:
    """Return what the codes of a site look like."""
    logo = SiteLogo.objects.filter(site=site_id).values_list("png", flat=True).first()
    return Look(color or BLACK, bytes(logo or b""))


def read_logo(file: IO[bytes], size: int) -> bytes:
    """Return an uploaded picture of so many bytes as a square PNG, on a transparent ground.

    Raises ValidationError with a sentence for whoever chose the file.
    """
    if size > MAX_UPLOAD:
        raise ValidationError(_("The logo has more than 2 MB. Save it smaller."))
    try:
        picture = Image.open(file, formats=FORMATS)
    # Decoders meet broken files with errors of every kind.
    except Exception as error:
        raise ValidationError(_("This is not a picture in the format PNG or JPEG.")) from error
    if picture.width * picture.height > MAX_PIXELS:
        raise ValidationError(_("The logo has more than 16 million pixels. Save it smaller."))
    try:
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except Exception as error:
        raise ValidationError(
            _("The picture is damaged. Open it in a picture editor and save it again.")
        ) from error
    square = ImageOps.pad(upright, (SIDE, SIDE), Image.Resampling.LANCZOS, color=(0, 0, 0, 0))
    kept = BytesIO()
    square.save(kept, "PNG", optimize=True)
    return kept.getvalue()
