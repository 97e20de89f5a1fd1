"""The web process: the edge in front, Django behind it, and two threads beside them."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from analytics import queue  # noqa: E402
from shortener.edge import edge  # noqa: E402
from shortener.follower import Follower  # noqa: E402
from shortener.shipper import Shipper  # noqa: E402

Follower(edge()).start()
Shipper(
    edge().journal,
    settings.JOURNAL_DIR,
    send=queue.send,
    committed=queue.committed,
    queued=queue.queued,
).start()

application = edge().in_front_of(django_application)
