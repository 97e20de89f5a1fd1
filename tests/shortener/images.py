"""Pictures for tests, as files of every kind."""

from __future__ import annotations

import io
import os
import struct
import zlib
from typing import Any

from PIL import Image

RED = (200, 30, 40)


def image(
    mode: str = "RGB", size: tuple[int, int] = (1600, 900), colour: Any = RED
) -> Image.Image:
    return Image.new(mode, size, colour)


def noise(size: tuple[int, int] = (1200, 630)) -> Image.Image:
    """Return what compresses worst."""
    return Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3))


def saved(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Return a small file that says it holds so many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(100_000), 9)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
