"""A link's own preview: what messengers show of it in the place of what its page says.

Only preview fetchers are ever shown it (``shortener.previewers``); everybody else is redirected.
The catalog holds it with its link, so a fetcher is answered while the database is away.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from shortener import codes

FOLDER = "preview/"
"""Of the pictures, in the storage as well as in their addresses."""
NAME = r"[0-9A-Za-z]+-[0-9a-f]{16}\.jpg"


class OwnPreview(models.Model):
    """What preview fetchers are shown of a link.

    Changed one by one: it is ``save`` and ``delete`` that have the catalogs read it again.
    """

    link = models.OneToOneField(
        "shortener.Link", models.CASCADE, primary_key=True, related_name="own_preview"
    )
    title = models.CharField(
        _("title"),
        max_length=200,
        blank=True,
        help_text=_("Left empty, it is the title of the link."),
    )
    description = models.CharField(_("description"), max_length=300, blank=True)
    language = models.CharField(_("language of the text"), max_length=16, default="en")
    picture = models.CharField(max_length=60, blank=True, editable=False)
    """The name of its file, which the file's content decides."""
    picture_text = models.CharField(
        _("what the picture shows"),
        max_length=200,
        blank=True,
        help_text=_("Read out to those who do not see it."),
    )

    class Meta:
        default_permissions = ()  # Those of links decide.

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            before = self._edited()
            super().save(*args, **kwargs)
            if before and before != self.picture:
                transaction.on_commit(partial(default_storage.delete, FOLDER + before))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            if before := self._edited():
                transaction.on_commit(partial(default_storage.delete, FOLDER + before))
            return super().delete(*args, **kwargs)

    def _edited(self) -> str:
        """Have the catalogs read the link again; return the picture that was there before."""
        self.link.save(update_fields=["version"])
        rows = type(self)._default_manager.filter(pk=self.link_id)
        return rows.values_list("picture", flat=True).first() or ""


def keep_picture(link_id: int, content: bytes) -> str:
    """Put a picture into the storage and return its name.

    Another picture has another name, so that messengers may keep what they have. The name
    begins with the link's code: no two links share a file, and each can be deleted by itself.
    """
    name = f"{codes.encode(link_id)}-{hashlib.sha256(content).hexdigest()[:16]}.jpg"
    if not default_storage.exists(FOLDER + name):
        default_storage.save(FOLDER + name, ContentFile(content))
    return name
