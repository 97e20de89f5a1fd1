"""The form that links are made with from a list."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shortener.access import User, sites_of
from shortener.forms import TagsField
from shortener.models import Campaign, Site, TagTemplate
from shortener.new_links import MAX_LINES, Wish, read_lines
from shortener.validators import validate_tags

EXAMPLE = gettext_lazy(
    "https://example.com/news/figs-are-early\nhttps://example.com/plums, Plums are late"
)


class NewLinksForm(forms.Form):
    """Addresses, one a line, and what the links to them have in common."""

    lines = forms.CharField(
        label=gettext_lazy("Addresses"),
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "placeholder": EXAMPLE}),
        strip=False,
        help_text=gettext_lazy(
            "One a line, up to 1,000. A title may stand behind a tab or a comma; without one it "
            "is made of the address."
        ),
        error_messages={"required": gettext_lazy("Paste at least one address.")},
    )
    site = forms.ModelChoiceField(
        Site.objects.none(), label=gettext_lazy("Site"), empty_label=None
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), label=gettext_lazy("Campaign"), required=False
    )
    template = forms.ModelChoiceField(
        TagTemplate.objects.none(),
        label=gettext_lazy("UTM template"),
        required=False,
        help_text=gettext_lazy(
            "Its tags are copied onto the links: changing the template later leaves them alone."
        ),
    )
    tags = TagsField(
        label=gettext_lazy("Tags"),
        required=False,
        help_text=gettext_lazy("One name=value a line. They win over those of the template."),
    )
    token = forms.UUIDField(required=False)
    drafted = forms.CharField(required=False, max_length=64)

    def __init__(self, data: Any = None, *, user: User) -> None:
        sites = sites_of(user)
        super().__init__(data, label_suffix="")
        self.anywhere = cast(Any, user).has_perm("shortener.link_anywhere")
        self._choices("site").queryset = sites
        if chosen := _chosen(sites, data):
            self.initial["site"] = chosen.pk
            self._choices("campaign").queryset = chosen.campaigns.all()
            self._choices("template").queryset = chosen.tag_templates.all()
        self.fields["tags"].widget.attrs["rows"] = 3
        self.fields["site"].widget.attrs["data-decides"] = ""

    def _choices(self, name: str) -> forms.ModelChoiceField:
        return cast(forms.ModelChoiceField, self.fields[name])

    def clean_tags(self) -> dict[str, str]:
        tags: dict[str, str] = self.cleaned_data["tags"]
        validate_tags(tags)
        return tags

    def clean_lines(self) -> list[Any]:
        lines = read_lines(self.cleaned_data["lines"])
        if not lines:
            raise ValidationError(_("Paste at least one address."))
        if len(lines) > MAX_LINES:
            raise ValidationError(
                _("These are %(count)d lines; at most %(most)d can be made at once."),
                params={"count": len(lines), "most": MAX_LINES},
            )
        return lines

    @property
    def wish(self) -> Wish:
        """What is asked for, once the form is valid."""
        asked = self.cleaned_data
        template: TagTemplate | None = asked["template"]
        return Wish(
            asked["lines"],
            asked["site"],
            asked["campaign"],
            {**(template.tags if template else {}), **asked["tags"]},
            self.anywhere,
        )


def _chosen(sites: Any, data: Any) -> Site | None:
    """Return the site whose campaigns and templates there are to choose from."""
    asked = str(data.get("site", "")) if data else ""
    if asked.isdecimal() and len(asked) < 19:
        site: Site | None = sites.filter(pk=int(asked)).first()
        return site
    first: Site | None = sites.first()
    return first
