"""Where visitors will arrive with tags that are being written, before anything is saved."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from shortener.access import User, sites_of
from shortener.catalog import link_entry, site_entry
from shortener.channels import DIRECT
from shortener.forms import TagsField
from shortener.models import Campaign, Link, Site, TagTemplate
from shortener.validators import validate_tags

SHARE = "{share}"
EXAMPLE_CAMPAIGN = "summer"
EXAMPLE_PLACEMENT = "article-end"


class ResultForm(forms.Form):
    """What decides where a link leads, as it stands in a form that is being filled in."""

    site = forms.ModelChoiceField(Site.objects.none())
    campaign = forms.ModelChoiceField(Campaign.objects.none(), required=False)
    template = forms.ModelChoiceField(TagTemplate.objects.none(), required=False)
    destination = forms.CharField(required=False, max_length=2000)
    tags = TagsField(required=False, validators=[validate_tags])

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        sites = sites_of(user)
        for name, rows in (
            ("site", sites),
            ("campaign", Campaign.objects.filter(site__in=sites)),
            ("template", TagTemplate.objects.filter(site__in=sites)),
        ):
            cast(forms.ModelChoiceField, self.fields[name]).queryset = rows

    def results(self) -> list[tuple[str, str]]:
        """Return channels and where each leads, once the form is valid."""
        asked = self.cleaned_data
        template: TagTemplate | None = asked["template"]
        tags = {**(template.tags if template else {}), **asked["tags"]}
        return results(asked["site"], tags, asked["campaign"], asked["destination"])


def results(
    site: Site, tags: dict[str, str], campaign: Campaign | None = None, destination: str = ""
) -> list[tuple[str, str]]:
    """Return channels and where each leads; what is not given is filled in by an example."""
    example = Campaign(site=site, slug=EXAMPLE_CAMPAIGN)
    host = site.hosts[0].lstrip(".") if site.hosts else "example.com"
    link = Link(
        site=site,
        campaign=campaign or (None if destination else example),
        destination=destination or f"https://{host}/",
        tags=tags,
        forward_query=False,
    )
    entry = link_entry(link, site_entry(site))
    channels = (DIRECT, *entry.site.channels)
    placed = f"placement={EXAMPLE_PLACEMENT}"
    found = [(way, entry.location_with(way.number, SHARE, placed)) for way in channels]
    return [(way.title, location or "") for way, location in found]
