"""Forms of the admin: what the models keep as JSON, edited as lines and boxes."""

from __future__ import annotations

import zoneinfo
from typing import IO, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from shortener.access import User, sites_of
from shortener.channels import BUTTONS
from shortener.known_pages import known_links, page_of
from shortener.logos import FORMATS, read_logo
from shortener.models import Link, Site, SiteLogo, TagTemplate

TAGS_HELP = _(
    "Tags are parameters that a redirect adds to the destination. A link has those of its site, "
    "its campaign and its own; where a name appears twice, the link wins over the campaign, and "
    "the campaign over the site. A parameter that the destination already has is never changed. "
    "Placeholders are filled in for each share: <code>{channel}</code> with whatsapp, email and "
    "so on, <code>{campaign}</code> with the campaign's slug, <code>{placement}</code> with the "
    "place of the button, <code>{share}</code> with the code of the share. A tag whose "
    "placeholder has no value is left out."
)

AGAIN = "again"
"""The box by which somebody makes a link though another leads to the same page."""


class LinesField(forms.CharField):
    """A JSON value that is edited as lines of text."""

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        # A hidden copy of the initial value would only repeat what the browser sends anyway.
        kwargs |= {"show_hidden_initial": False, "strip": False}
        kwargs["widget"] = forms.Textarea({"rows": 4, "spellcheck": "false"})
        super().__init__(**kwargs)


class HostsField(LinesField):
    """Host names, one a line."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        hosts = (super().to_python(value) or "").lower().split()
        return list(dict.fromkeys(hosts))


class TagsField(LinesField):
    """Attribution tags, one ``name=value`` a line."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return "\n".join(f"{name}={text}" for name, text in value.items())
        return value

    def to_python(self, value: Any) -> Any:
        tags: dict[str, str] = {}
        errors = []
        for number, line in enumerate((super().to_python(value) or "").splitlines(), 1):
            name, equals, text = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            if not (name and equals):
                sentence = _("Line %(number)s, “%(line)s”, is not of the form name=value.")
                errors.append(sentence % {"number": number, "line": line.strip()})
            elif name in tags:
                sentence = _("Line %(number)s sets “%(name)s” a second time.")
                errors.append(sentence % {"number": number, "name": name})
            tags[name] = text
        if errors:
            raise ValidationError([ValidationError(error) for error in errors])
        return tags


class ChannelsField(forms.MultipleChoiceField):
    """The channels with a button; their order is that of the boxes."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        kwargs |= {"show_hidden_initial": False}
        super().__init__(**kwargs)
        self.offer_first([])

    def offer_first(self, names: list[str]) -> None:
        """Put the boxes with these names first, in this order."""
        rank = {name: place for place, name in enumerate(names)}
        boxes = [(channel.name, channel.title) for channel in BUTTONS]
        self.choices = sorted(boxes, key=lambda box: rank.get(box[0], len(rank)))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != (data or [])


class LogoField(forms.FileField):
    """A picture, cleaned to the PNG that it is kept as."""

    widget = forms.FileInput({"accept": ",".join(f"image/{name.lower()}" for name in FORMATS)})

    def clean(self, data: Any, initial: Any = None) -> bytes | None:
        file: UploadedFile | None = super().clean(data, initial)
        return read_logo(cast(IO[bytes], file), file.size or 0) if file else None


class SiteForm(forms.ModelForm):
    logo = LogoField(
        label=_("Logo"),
        required=False,
        help_text=_(
            "Stands in the middle of the QR codes: a PNG or JPEG of up to 2 MB, best a square one."
        ),
    )
    remove_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    class Meta:
        field_classes = {"hosts": HostsField, "tags": TagsField, "channels": ChannelsField}
        widgets = {"brand_color": forms.TextInput({"type": "color"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever may only look at a site gets a form without fields.
        if "channels" in self.fields:
            channels = cast(ChannelsField, self.fields["channels"])
            channels.offer_first(self["channels"].value() or [])
        if "time_zone" in self.fields:
            zones = sorted(zoneinfo.available_timezones())
            self.fields["time_zone"].widget = forms.Select(
                choices=[(zone, zone) for zone in zones]
            )

    def save_logo(self) -> None:
        """Keep or remove the logo, once the site is saved."""
        if logo := self.cleaned_data.get("logo"):
            SiteLogo.objects.update_or_create(site=self.instance, defaults={"png": logo})
        elif self.cleaned_data.get("remove_logo"):
            SiteLogo.objects.filter(site=self.instance).delete()


class CampaignForm(forms.ModelForm):
    class Meta:
        field_classes = {"tags": TagsField}


class TagTemplateForm(forms.ModelForm):
    class Meta:
        field_classes = {"tags": TagsField}


class TemplateField(forms.ModelChoiceField):
    """A UTM template of any of the sites that somebody works for."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.site}: {obj}"


class LinkForm(forms.ModelForm):
    template = TemplateField(
        TagTemplate.objects.none(),
        label=_("UTM template"),
        required=False,
        help_text=_(
            "Its tags are copied onto the link when it is made: changing the template later "
            "leaves the link alone. Tags written below win."
        ),
    )

    class Meta:
        field_classes = {"tags": TagsField}

    anywhere = False
    user: User
    """Whoever fills it in."""
    known: Link | None = None
    """The link that leads to the same page already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever may only look at a link gets a form without fields.
        if "expires" in self.fields:
            parts = cast(forms.MultiWidget, self.fields["expires"].widget).widgets
            for part, label in zip(parts, (_("Expires: date"), _("Expires: time")), strict=True):
                # The admin shows both names, but not as labels.
                part.attrs["aria-label"] = label
        if self.instance.pk:
            del self.fields["template"]
        else:
            templates = TagTemplate.objects.filter(site__in=sites_of(self.user))
            choice = cast(forms.ModelChoiceField, self.fields["template"])
            choice.queryset = templates.select_related("site")

    def clean(self) -> dict[str, Any] | None:
        # Django validates the instance right after this.
        self.instance.anywhere = self.anywhere
        cleaned = super().clean()
        if not (self.instance.pk or self.errors):
            self._copy_tags()
            self._look_for_another()
        return cleaned

    def _copy_tags(self) -> None:
        asked = self.cleaned_data
        template: TagTemplate | None = asked["template"]
        if template and template.site != asked["site"]:
            error = _("“%(template)s” is a template of another site.") % {"template": template}
            self.add_error("template", error)
        elif template:
            asked["tags"] = {**template.tags, **asked["tags"]}

    def _look_for_another(self) -> None:
        """Warn once of a link that leads to the same page."""
        asked = self.cleaned_data
        page = page_of(asked["site"], asked["destination"])
        self.known = known_links(asked["site"], [page]).get(page)
        if self.known and not self.data.get(AGAIN):
            self.add_error("destination", _("A link of this site leads to the same page."))


class LinkAnywhereForm(LinkForm):
    """For those with the permission ``link_anywhere``."""

    anywhere = True


class MergeForm(forms.Form):
    """The link that pages of a site become part of."""

    into = forms.ModelChoiceField(
        Link.objects.none(),
        error_messages={
            "required": _("Choose the link that they become part of."),
            "invalid_choice": _("There is no such link on the pages' site."),
        },
    )

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["into"]).queryset = site.links.all()
