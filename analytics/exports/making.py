"""Making files that are too long to wait for, a slice at a time.

A slice is a few seconds of one message to a worker, so that segments come between. After each
part of a slice, what was written and up to which row is kept: a worker that was killed is taken
over from there, and what stands in the file beyond is cut off.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.exports.recipe import Recipe
from analytics.models import Export

logger = logging.getLogger(__name__)

SLICE_SECONDS = 2
LEASE = timedelta(seconds=20)
"""For whoever writes a part: by far longer than one takes."""
KEPT = timedelta(days=7)
"""How long a finished file can be fetched."""
FOLDER = "exports/"
"""Of the finished files, in the storage."""
WAITING, DONE = Export.State.WAITING, Export.State.DONE


def order(user: Any, recipe: Recipe, params: dict[str, str]) -> Export:
    """Note down that a file is to be made. Somebody has to tell a worker."""
    return Export.objects.create(
        user_id=user.pk,
        name=recipe.name,
        params=params,
        filename=recipe.filename,
        expected=recipe.size,
        due=timezone.now(),
    )


def make_next(pk: int = 0, due: datetime | None = None) -> Export | None:
    """Write a slice of the file whose turn it is; return it if there is more to be written.

    ``pk`` and ``due`` name the one that the caller has written at before.
    """
    export = _take(pk, due)
    if export is None:
        return None
    try:
        return export if _write(export) else None
    except (PermissionDenied, ValidationError):
        _fail(export, _("It may not be made any more: rights or sites have changed."))
    except OSError as error:
        logger.exception("Export %s could not be written", export.pk)
        _fail(export, _("The file could not be written: %(reason)s") % {"reason": error.strerror})
    return None


def cancel(export: Export) -> bool:
    """Stop making a file; tell whether it was being made."""
    rows = Export.objects.filter(pk=export.pk, state=WAITING)
    cancelled = rows.update(state=Export.State.CANCELLED, due=None, finished=timezone.now())
    if cancelled:
        _path(export).unlink(missing_ok=True)
    return bool(cancelled)


def delete(export: Export) -> None:
    """Delete a file, and that it was made."""
    default_storage.delete(stored_name(export))
    export.delete()


def stored_name(export: Export) -> str:
    return f"{FOLDER}{export.pk}-{export.token}"


def forget_exports(now: datetime | None = None) -> None:
    """Delete files that are past their time, and the rows of those that came to nothing."""
    now = now or timezone.now()
    for export in Export.objects.filter(expires__lte=now):
        delete(export)
    Export.objects.filter(due=None, expires=None, finished__lte=now - KEPT).delete()


def _take(pk: int, due: datetime | None) -> Export | None:
    now = timezone.now()
    waiting = Export.objects.filter(state=WAITING)
    chosen = waiting.filter(pk=pk, due=due) if pk else waiting.filter(due__lte=now).order_by("due")
    export = chosen.select_related("user").first()
    if export is None or not _renew(export):
        return None
    return export


def _renew(export: Export, **values: object) -> bool:
    """Put off when others may take it; tell whether nobody has, and it is still wanted."""
    due = timezone.now() + LEASE
    rows = Export.objects.filter(pk=export.pk, state=WAITING, due=export.due)
    export.due = due
    return bool(rows.update(due=due, **values))


def _write(export: Export) -> bool:
    """Write a slice; tell whether there is more."""
    recipe = Recipe.read(export.name, export.params, export.user)
    path = _path(export)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False  # Somebody was only slow; whoever it is goes on.
        if file.tell() < export.size:
            # The file is on another machine, or gone with its disk.
            export.rows = export.size = 0
            export.key = None
        file.truncate(export.size)
        if not export.size:
            file.write(recipe.start())
        end = time.monotonic() + SLICE_SECONDS
        while time.monotonic() < end:
            data, part = recipe.part(export.key)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            export.rows += part.rows
            export.size, export.key = file.tell(), part.key
            if part.key is None:
                _finish(export)
                return False
            # All at once: the file is good up to the row of the key.
            if not _renew(export, rows=export.rows, size=export.size, key=export.key):
                return False
    return True


def _finish(export: Export) -> None:
    name = stored_name(export)
    # Whoever was killed after this has left it there already.
    default_storage.delete(name)
    with _Made(_path(export).open("rb"), name=str(_path(export))) as file:
        default_storage.save(name, file)
    now = timezone.now()
    Export.objects.filter(pk=export.pk, state=WAITING, due=export.due).update(
        **{"state": DONE, "due": None, "finished": now, "expires": now + KEPT},
        **{"rows": export.rows, "size": export.size},
    )
    _path(export).unlink(missing_ok=True)


class _Made(File):
    """A file that a storage on the same disk may move instead of copying it."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def _fail(export: Export, problem: str) -> None:
    Export.objects.filter(pk=export.pk, state=WAITING, due=export.due).update(
        state=Export.State.FAILED, due=None, finished=timezone.now(), problem=problem[:200]
    )
    _path(export).unlink(missing_ok=True)


def _path(export: Export) -> Path:
    return Path(settings.EXPORTS_DIR) / f"{export.pk}.part"
