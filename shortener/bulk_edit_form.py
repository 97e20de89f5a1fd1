"""The form that many links are changed with: what is left empty stays as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shortener.access import User
from shortener.bulk_edit import Edit, Outcome
from shortener.forms import TagsField
from shortener.models import Campaign, Link
from shortener.validators import validate_tags

STAYS = gettext_lazy("Leave as it is")
NONE = "none"


class BulkEditForm(forms.Form):
    """Changes to links, of which one suffices."""

    campaign = forms.ChoiceField(label=gettext_lazy("Campaign"), required=False)
    set_tags = TagsField(
        label=gettext_lazy("Set tags"),
        required=False,
        validators=[validate_tags],
        help_text=gettext_lazy("One name=value a line. A tag of this name is replaced."),
    )
    drop_tags = forms.CharField(
        label=gettext_lazy("Remove tags"),
        required=False,
        widget=forms.TextInput({"spellcheck": "false"}),
        help_text=gettext_lazy("Names with blanks between them."),
    )
    active = forms.ChoiceField(
        label=gettext_lazy("Switch"),
        required=False,
        choices=[("", STAYS), ("on", gettext_lazy("On")), ("off", gettext_lazy("Off"))],
    )
    expires = forms.DateTimeField(
        label=gettext_lazy("Expires"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    never_expires = forms.BooleanField(label=gettext_lazy("Never expires"), required=False)
    fallback_url = forms.CharField(
        label=gettext_lazy("Fallback address"), required=False, max_length=2000
    )
    no_fallback = forms.BooleanField(label=gettext_lazy("No fallback address"), required=False)
    drafted = forms.CharField(required=False, max_length=64)

    def __init__(self, data: Any = None, *, links: Sequence[Link], user: User) -> None:
        super().__init__(data, label_suffix="")
        self.anywhere = cast(Any, user).has_perm("shortener.link_anywhere")
        self.fields["set_tags"].widget.attrs["rows"] = 3
        self.campaigns = {str(campaign.pk): campaign for campaign in _campaigns(links)}
        cast(forms.ChoiceField, self.fields["campaign"]).choices = [
            ("", STAYS),
            (NONE, _("None")),
            *((pk, campaign.name) for pk, campaign in self.campaigns.items()),
        ]
        if not self.campaigns:
            self.fields["campaign"].help_text = _(
                "Only links of one site can be given a campaign together."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for field, box in (("expires", "never_expires"), ("fallback_url", "no_fallback")):
            if cleaned.get(field) and cleaned.get(box):
                self.add_error(field, _("Choose one of both."))
        return cleaned

    @property
    def edit(self) -> Edit:
        """What is asked for, once the form is valid."""
        asked = self.cleaned_data
        values: dict[str, Any] = {}
        if asked["campaign"]:
            values["campaign"] = self.campaigns.get(asked["campaign"])
        if asked["active"]:
            values["active"] = asked["active"] == "on"
        if asked["expires"] or asked["never_expires"]:
            values["expires"] = asked["expires"]
        if asked["fallback_url"] or asked["no_fallback"]:
            values["fallback_url"] = asked["fallback_url"]
        drop = frozenset(asked["drop_tags"].split())
        return Edit(values, asked["set_tags"], drop, self.anywhere)


def _campaigns(links: Sequence[Link]) -> list[Campaign]:
    """Return the campaigns of the links' site, none where they are of several."""
    sites = {link.site_id for link in links}
    return list(Campaign.objects.filter(site__in=sites)) if len(sites) == 1 else []


def outcomes_digest(outcomes: Sequence[Outcome]) -> str:
    """Return what tells drafts apart: every link's differences."""
    told = [
        (found.link.pk, [tuple(map(str, one)) for one in found.differences]) for found in outcomes
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()
