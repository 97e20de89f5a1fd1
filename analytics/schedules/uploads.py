"""Uploads to the bucket of an installation (``EXPORTS_BUCKET``), where there is one."""

from __future__ import annotations

from django.conf import settings
from django.core.files.storage import default_storage, storages

from analytics.exports.making import stored_name
from analytics.models import ScheduleRun

STORAGE = "exports"
FAILURES = (Exception,)
"""What a bucket, or the way to it, raises: each kind of storage has errors of its own."""


def is_possible() -> bool:
    """Tell whether there is a bucket."""
    return STORAGE in settings.STORAGES


def upload(run: ScheduleRun) -> None:
    """Put the file of a run into the bucket. Done twice, it is there once."""
    if run.export is None:
        raise LookupError(f"{run} has no file.")
    with default_storage.open(stored_name(run.export)) as file:
        storages[STORAGE].save(name_of(run, run.export.filename), file)


def name_of(run: ScheduleRun, filename: str) -> str:
    """Return a file's name in the bucket: two schedules may make files of the same name."""
    return f"{run.schedule.site.key}/{run.schedule_id}-{run.schedule.name}/{filename}"
