"""Keep the admin and the API off the short domain, where ``ADMIN_HOSTS`` is set."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

GUARDED = ("/admin/", "/api/")


def admin_hosts_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer ``/admin/`` and ``/api/`` with 404 on every host that is not an admin host."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if (
            settings.ADMIN_HOSTS
            and request.path_info.startswith(GUARDED)
            and request.get_host().partition(":")[0] not in settings.ADMIN_HOSTS
        ):
            raise Http404
        return get_response(request)

    return middleware
