"""The form with which a file is brought in."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shortener.access import sites_of
from shortener.imports.models import Import
from shortener.imports.reading import MAX_BYTES, Contents, FileError, read
from shortener.models import Site

ENDINGS = ".csv,.tsv,.txt,.json,.sql"


class ImportForm(forms.Form):
    """A file with links, and the site that they are for."""

    site = forms.ModelChoiceField(Site.objects.none(), label=_("Site"), empty_label=None)
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput({"accept": ENDINGS}),
        help_text=_("CSV, JSON or SQL, up to 20 MB and 100,000 lines."),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("This file is empty."),
        },
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.user = user
        self.contents: Contents | None = None
        sites = cast(forms.ModelChoiceField, self.fields["site"])
        sites.queryset = sites_of(user).order_by("name")

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(_("The file has more than 20 MB. Cut it into several."))
        try:
            self.contents = read(file.read())
        except FileError as error:
            raise ValidationError(str(error)) from error
        file.seek(0)
        return file

    def save(self) -> Import:
        contents = cast(Contents, self.contents)
        file: UploadedFile = self.cleaned_data["file"]
        source = Import(
            site=self.cleaned_data["site"],
            made_by=self.user,
            language=get_language() or "en",
            name=(file.name or "")[-200:],
            tool=contents.kind.tool,
            columns=contents.columns,
            ignored=contents.ignored,
            last=contents.last,
        )
        # Not under the name it came with: that is for people, and may be anything.
        source.file.save(uuid4().hex, file, save=False)
        source.save()
        return source
