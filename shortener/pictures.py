"""Pictures that people upload, made into what every messenger can show.

Whatever comes in, what is kept is a JPEG that was drawn anew from the pixels alone: no metadata
(where the photograph was taken), no second frame, and nothing that was hidden behind the picture.
"""

from __future__ import annotations

import io
import threading
from contextlib import suppress
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageFile, ImageOps

SIZE = WIDTH, HEIGHT = 1200, 630
"""What the large networks and messengers ask for, and show uncut."""
MIN_WIDTH, MIN_HEIGHT = 600, 315
"""Half of that: below, the picture would be blurred on every phone."""
MAX_UPLOAD = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
"""More than a phone's camera makes. A file of some kilobytes can unfold to billions of pixels."""
MAX_BYTES = 300_000
"""Larger pictures WhatsApp leaves out, as those report who have tried."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
"""Only the decoders of these are ever run."""
QUALITIES = range(88, 0, -8)
WHITE = (255, 255, 255)

# Large pictures are unfolded in memory, one after the other.
_one_at_a_time = threading.Lock()


class PictureError(Exception):
    """A file that cannot be used; ``reason`` says why, in a sentence for whoever chose it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def as_preview(file: IO[bytes], size: int) -> bytes:
    """Return an uploaded picture of so many bytes as a JPEG of ``SIZE`` and ``MAX_BYTES``.

    What sticks out is cut off on both sides alike. Raises PictureError.
    """
    if size > MAX_UPLOAD:
        raise PictureError(_("The picture has more than 10 MB. Save it smaller, or as a JPEG."))
    with _one_at_a_time:
        picture = _open(file)
        _check(picture)
        try:
            return _encode(_draw(picture))
        # Decoders meet broken files with errors of every kind.
        except Exception as error:
            raise PictureError(
                _("The picture is damaged. Open it in a picture editor and save it again.")
            ) from error


def _open(file: IO[bytes]) -> ImageFile.ImageFile:
    """Return the picture, of which only the beginning has been read."""
    try:
        return Image.open(file, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Exception as error:
        raise PictureError(
            _(
                "This is not a picture in the format JPEG, PNG, WebP or GIF, whatever its "
                "name says."
            )
        ) from error


def _check(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise _too_many_pixels()
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        raise PictureError(
            _(
                "The picture is too small: it has %(width)d × %(height)d pixels, and messengers "
                "need at least %(min_width)d × %(min_height)d."
            )
            % {
                "width": width,
                "height": height,
                "min_width": MIN_WIDTH,
                "min_height": MIN_HEIGHT,
            }
        )


def _too_many_pixels() -> PictureError:
    return PictureError(
        _("The picture has more than 50 million pixels. Save it smaller: 1200 × 630 is enough.")
    )


def _draw(picture: Image.Image) -> Image.Image:
    """Return the first frame upright, in the colours of the web, cut to ``SIZE``."""
    # JPEGs can be read at half their size or less, which is all that is needed.
    picture.draft("RGB", (2 * WIDTH, 2 * HEIGHT))
    # In place and unchanged wherever that is possible: a copy may have 200 MB.
    ImageOps.exif_transpose(picture, in_place=True)
    fitted = ImageOps.fit(_in_rgb(picture), SIZE, Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", SIZE, WHITE)
    canvas.paste(fitted, mask=fitted if fitted.mode == "RGBA" else None)
    return canvas


def _in_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey, which ``convert`` would cut to white.
        return picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("RGB")
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    if profile := picture.info.get("icc_profile"):
        # A profile that cannot be read is no reason to refuse the picture.
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            converted = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            if converted is not None:
                return converted
    return picture.convert("RGB")


def _encode(picture: Image.Image) -> bytes:
    """Return the picture as good as it fits into ``MAX_BYTES``."""
    for quality in QUALITIES:
        content = io.BytesIO()
        picture.save(content, "JPEG", quality=quality, optimize=True)
        if content.tell() <= MAX_BYTES:
            break
    return content.getvalue()
