"""QR codes as files to print."""

from __future__ import annotations

from io import BytesIO

import segno
from django.http import FileResponse

KINDS = ("svg", "png")


def qr_file(url: str, kind: str, name: str) -> FileResponse:
    """Return the QR code of an address as a file to save."""
    image = BytesIO()
    segno.make(url, error="m").save(image, kind=kind, scale=10)
    image.seek(0)
    return FileResponse(image, as_attachment=True, filename=f"{name}.{kind}")
