"""Paths of sockets, short enough for every kernel."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

MAX_BYTES = 103
"""Linux has room for 107 bytes in a socket's address, others for fewer."""


def socket_path(directory: Path, name: str) -> Path:
    """Return the path of a socket in the directory, or a short stand-in for a long one.

    The stand-in depends on the directory alone: processes that were started with different
    TMPDIRs must still find each other.
    """
    path = directory / name
    if len(os.fsencode(path)) <= MAX_BYTES:
        return path
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    stand_in = Path("/tmp", f"grapevine-{digest}")  # noqa: S108 - checked to be ours
    make_private(stand_in, owners={os.getuid(), directory.stat().st_uid})
    return stand_in / name


def make_private(directory: Path, *, owners: set[int]) -> None:
    """Make a directory that only its owner can open; refuse one that somebody else prepared."""
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.lstat()
    is_private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not is_private or found.st_uid not in owners:
        raise ImproperlyConfigured(
            f"DATA_DIR is too long to hold a socket, and {directory}, which should hold it "
            "instead, is open to others or belongs to somebody else. Choose a shorter DATA_DIR."
        )
