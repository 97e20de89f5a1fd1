"""Forms of labelled shares: many labels pasted at once, and one that is given another name."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shortener.channels import Channel
from shortener.labelled import CHANNELS_TO_LABEL, MAX_AT_ONCE, MAX_LABEL, LabelledShare, Wanted

CHANNEL_BY_NAME = {channel.name: channel for channel in CHANNELS_TO_LABEL}
LAST_PART = re.compile(r"(.*\S)\s*[,;\t]\s*(.+)")
"""A label and, behind the last comma, semicolon or tab, what may be a channel."""


EXAMPLE = gettext_lazy(
    "WhatsApp group Berlin\nNewsletter 12, Email\nPoster at the station, QR code"
)


class LabelField(forms.CharField):
    """A label: one line, printable, with single blanks."""

    def to_python(self, value: Any) -> str:
        label = " ".join((super().to_python(value) or "").split())
        if not label.isprintable():
            raise ValidationError(_("The label holds control characters."))
        return label


class LabelForm(forms.Form):
    """Another label for a labelled share."""

    label = LabelField(max_length=MAX_LABEL)

    def __init__(self, data: Any, *, share: LabelledShare) -> None:
        super().__init__(data)
        self.share = share

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "label" in cleaned:
            self.share.label = cleaned["label"]
            self.share.validate_constraints()
        return cleaned


class MintForm(forms.Form):
    """Labels, one a line, each for the chosen channel or the one that stands behind it."""

    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        choices=lambda: [(channel.name, _(channel.label)) for channel in CHANNELS_TO_LABEL],
    )
    labels = forms.CharField(
        label=gettext_lazy("Labels"),
        widget=forms.Textarea({"rows": 4, "spellcheck": "false", "placeholder": EXAMPLE}),
        strip=False,
        help_text=gettext_lazy(
            "One, or many at once: one a line. Another channel may stand behind a comma."
        ),
        error_messages={"required": gettext_lazy("Write at least one label.")},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            cleaned["wanted"] = self._read(cleaned["channel"], cleaned["labels"])
        return cleaned

    def _read(self, channel: str, text: str) -> list[Wanted]:
        """Return what the lines ask for; note what is wrong with them, a sentence each."""
        lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        if not lines:
            self.add_error("labels", _("Write at least one label."))
        if len(lines) > MAX_AT_ONCE:
            self.add_error(
                "labels",
                _("These are %(count)d labels; at most %(most)d can be made at once.")
                % {"count": len(lines), "most": MAX_AT_ONCE},
            )
            return []
        wanted = []
        for number, line in lines:
            one = read_line(line, channel)
            try:
                wanted.append(
                    one._replace(label=LabelField(max_length=MAX_LABEL).clean(one.label))
                )
            except ValidationError as error:
                self.add_error(
                    "labels",
                    _("Line %(number)d: %(problem)s")
                    % {"number": number, "problem": " ".join(error.messages)},
                )
        return wanted


def read_line(line: str, channel: str) -> Wanted:
    """Return the label and channel of a line; ``channel`` is meant where it names none.

    What stands behind the last comma belongs to the label unless it is a channel's name:
    "Berlin, Mitte" is a place.
    """
    parts = LAST_PART.fullmatch(line.strip())
    if parts and (named := channel_called(parts[2])):
        return Wanted(named, parts[1])
    return Wanted(CHANNEL_BY_NAME[channel], line)


def channel_called(word: str) -> Channel | None:
    """Return the channel that has this name, or this label in the reader's language."""
    word = word.strip().lower()
    if named := CHANNEL_BY_NAME.get(word):
        return named
    return next((way for way in CHANNELS_TO_LABEL if _(way.label).lower() == word), None)
