"""The form of a link's own preview."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from shortener.labels import LABELS
from shortener.own_previews import OwnPreview, keep_picture
from shortener.pictures import PictureError, as_preview

NAMES = {code: about["name_local"] for code, about in LANG_INFO.items() if "name_local" in about}
NAMES["zh"] = NAMES["zh-hans"]
LANGUAGES = [(code, NAMES[code]) for code in LABELS if code in NAMES]
"""Those of the share buttons, each by its own name."""


class OwnPreviewForm(forms.ModelForm):
    upload = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp,image/gif"}),
        help_text=_(
            "JPEG, PNG, WebP or GIF, at least 600 × 315 pixels, best 1200 × 630. What sticks out "
            "is cut off on both sides. Where and how a photograph was taken is not kept."
        ),
    )
    remove_picture = forms.BooleanField(label=_("Remove the picture"), required=False)

    class Meta:
        model = OwnPreview
        fields = ["title", "description", "picture_text", "language"]
        widgets = {
            "description": forms.Textarea({"rows": 3}),
            "language": forms.Select(choices=LANGUAGES),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self._content = b""
        self.fields["title"].widget.attrs["placeholder"] = self.instance.link.title
        if not self.instance.picture:
            del self.fields["remove_picture"]

    def clean_upload(self) -> UploadedFile | None:
        upload: UploadedFile | None = self.cleaned_data["upload"]
        if upload is not None:
            try:
                self._content = as_preview(upload, upload.size or 0)
            except PictureError as error:
                raise ValidationError(error.reason) from error
        return upload

    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] = super().clean() or {}
        stays = self.instance.picture and not cleaned.get("remove_picture")
        is_shown = cleaned.get("title") or cleaned.get("description") or self._content or stays
        if not is_shown and not self.errors:
            raise ValidationError(
                _("An own preview needs a title, a description or a picture of its own.")
            )
        return cleaned

    def save(self, commit: bool = True) -> OwnPreview:
        preview: OwnPreview = self.instance
        if self._content:
            preview.picture = keep_picture(preview.link_id, self._content)
        elif self.cleaned_data.get("remove_picture"):
            preview.picture = ""
        saved: OwnPreview = super().save(commit)
        return saved
