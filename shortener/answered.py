"""What was answered to requests of the REST API and lists of new links, which may come twice."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

MAX_KEY = 255
LIFETIME = timedelta(hours=24)


class IdempotentAnswer(models.Model):
    """What a request under a key was answered."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=MAX_KEY)
    digest = models.CharField(max_length=64)
    """The SHA-256 of what was asked."""
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(default="null")
    created = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return self.key


def forget_answers() -> None:
    """Delete the answers that nobody will ask for again."""
    IdempotentAnswer.objects.filter(created__lt=timezone.now() - LIFETIME).delete()
