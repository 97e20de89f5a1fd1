"""Share buttons for Django templates: real links, which need no JavaScript."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from shortener.channels import BUTTONS, Channel
from shortener.labels import labels
from shortener.models import Link

register = template.Library()

WITH_BUTTON = {channel.name: channel for channel in BUTTONS}


def share_url(link: Link, channel: Channel, **details: str) -> str:
    """Return the address that mints a share of the link and leads on to the channel."""
    path = reverse("share", args=[channel.name]).lstrip("/")
    query = {"link": link.code} | {name: value for name, value in details.items() if value}
    return f"{link.site.short_base}{path}?{urlencode(query)}"


@register.inclusion_tag("shortener/share_buttons.html")
def share_buttons(
    link: Link, *, channels: str = "", text: str = "", placement: str = "", lang: str = "en"
) -> dict[str, Any]:
    """Show a button for each channel: the named ones, or those of the link's site.

    ``text`` stands in the message before the link, instead of the link's title;
    ``placement`` tells the reports which of a page's bars was used; ``lang`` is the
    language of the labels, such as ``pt-BR``.
    """
    words = labels(lang)
    names = channels.split() or link.site.channels
    if unknown := [name for name in names if name not in WITH_BUTTON]:
        raise template.TemplateSyntaxError(
            f"There is no share button {unknown[0]!r}. Known are: {', '.join(WITH_BUTTON)}."
        )
    buttons = [
        {
            "channel": channel,
            "label": words.of(channel),
            "icon": f"shortener/icons/{channel.name}.svg",
            "url": share_url(link, channel, placement=placement, text=text),
            # A tab for what opens a web page, none for what opens an app.
            "new_tab": channel.compose.startswith("https:"),
        }
        for channel in (WITH_BUTTON[name] for name in names)
    ]
    return {"buttons": buttons, "share": words.share}
