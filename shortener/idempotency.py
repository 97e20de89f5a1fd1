"""Asking twice and getting it once: the ``Idempotency-Key`` header of the REST API.

A program that got no answer does not know whether its request was done. If it sends the request
again under the same key, the first answer comes again and nothing else happens
(draft-ietf-httpapi-idempotency-key-header-07).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import orjson
from django.db import transaction
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from shortener.answered import MAX_KEY, IdempotentAnswer

HEADER = "Idempotency-Key"

PARAMETER = OpenApiParameter(
    HEADER,
    location=OpenApiParameter.HEADER,
    description=(
        "A name of your own for this request. Sent again under it within 24 hours, the request "
        "gets its first answer again and does nothing else."
    ),
)

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Let a method of an API view that answers without errors do so once for each key.

    What is refused leaves no trace, so the request can be mended and sent under the same key.
    A request that comes while its twin is still at work waits for that one's answer.
    """

    @wraps(handler)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **kwargs)
        if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
            raise ValidationError({HEADER: [f"Use 1 to {MAX_KEY} printable ASCII characters."]})
        digest = _digest(request)
        with transaction.atomic():
            answer, is_new = IdempotentAnswer.objects.get_or_create(
                user_id=cast(int, request.user.pk), key=key, defaults={"digest": digest}
            )
            if not is_new:
                return _again(answer, digest)
            response = handler(view, request, *args, **kwargs)
            answer.status = response.status_code
            answer.body = JSONRenderer().render(response.data).decode()
            answer.save(update_fields=["status", "body"])
        return response

    return once


def _again(answer: IdempotentAnswer, digest: str) -> Response:
    if answer.digest != digest:
        error = f"The {HEADER} was used for another request."
        return Response({"detail": error}, status.HTTP_422_UNPROCESSABLE_ENTITY)
    headers = {"Idempotent-Replayed": "true"}
    return Response(orjson.loads(answer.body), answer.status, headers=headers)


def _digest(request: Request) -> str:
    content = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    asked = f"{request.method} {request.path}\n".encode() + content
    return hashlib.sha256(asked).hexdigest()
