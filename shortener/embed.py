"""What a site puts into its pages to have the share buttons on them."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from shortener import script
from shortener.models import Site

ATTRIBUTES = (
    ('placement="article-end"', _("Tells the reports which of a page's bars was used.")),
    (
        'channels="whatsapp copy native"',
        _("The buttons of this bar, in their order, instead of the site's."),
    ),
    ('layout="stack"', _("One below the other; native makes one button that opens the rest.")),
    ('text="Look at this"', _("Stands in the message before the link, instead of the title.")),
    ('url="https://…"', _("Another page than the one the buttons stand on.")),
    ('link="CODE"', _("A link made by hand, instead of the page's own.")),
    ('lang="de"', _("The language of the labels, instead of the page's.")),
    (
        "addressbar",
        _("Puts a code into the address bar, so that copying the address is counted, too."),
    ),
)
"""What ``<grapevine-share>`` understands, in words for those who put it into pages."""

CONVERSION = 'grapevine.convert("signup", { value: 10, currency: "EUR" })'
TEMPLATE_TAG = "{% load share %}\n{% share_buttons link %}"


def script_element(site: Site, *, is_pinned: bool = False) -> str:
    """Return the element that loads ``share.js``: current, or for good this very version."""
    return script.snippet(site.short_base, site.key, site.tag_parameter, is_pinned=is_pinned)


def share_element(**attributes: str) -> str:
    """Return the element that becomes the share buttons."""
    text = format_html_join("", ' {}="{}"', attributes.items())
    return f"<grapevine-share{text}></grapevine-share>"


def policy(site: Site) -> str:
    """Return what a page's Content-Security-Policy has to allow, a directive a line."""
    parts = urlsplit(site.short_base)
    origin = f"{parts.scheme}://{parts.netloc}"
    directives = ("script-src", "connect-src", "img-src")
    return "\n".join(f"{directive} {origin};" for directive in directives)
