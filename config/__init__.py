"""Settings, URLs and the ways in: WSGI for the web, Celery for the worker."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
