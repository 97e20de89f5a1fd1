"""The web process: the edge in front, Django behind it, and two threads beside them."""

from __future__ import annotations

import os
from contextlib import suppress

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from shortener.edge import edge  # noqa: E402
from shortener.follower import Follower  # noqa: E402
from shortener.turner import Turner  # noqa: E402

if hasattr(os, "SCHED_BATCH"):
    # Threads that wait for the interpreter lock otherwise interrupt the one that holds it as
    # soon as they wake, only to wait again. With four threads a redirect took 25 us of
    # processor time instead of 28. A container may forbid it.
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))

Follower(edge()).start()
Turner(edge().journal).start()

application = edge().in_front_of(django_application)
