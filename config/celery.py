"""The Celery app: one queue, no results, and a broker that is never relied upon."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("grapevine")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
