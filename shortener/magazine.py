"""The demo's pages: a little magazine in two languages, and its buttons one by one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from shortener import demo
from shortener.channels import BY_NAME
from shortener.destinations import DEMO_PATH
from shortener.editions import EDITIONS, ENGLISH, Edition
from shortener.models import Link

WITHOUT_JAVASCRIPT = ("whatsapp", "telegram", "signal", "sms", "email", "copy", "native")
BUTTONS_PATH = f"{DEMO_PATH}buttons/"


@require_safe
def front(request: HttpRequest, language: str) -> HttpResponse:
    """Show the front page. The English one is the page of the demo's link."""
    link = _demo_link()
    edition = EDITIONS[language]
    paths = {other.language: other.path for other in EDITIONS.values()}
    context = _context(edition, paths, edition.title, edition.standfirst)
    context["articles"] = edition.articles_with_paths()
    if edition is ENGLISH:
        context["link"] = link
    return TemplateResponse(request, "shortener/demo/front.html", context)


@require_safe
def article(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Show an article, and the way to the others."""
    _demo_link()
    edition = EDITIONS[language]
    here = next((article for article in edition.articles if article.slug == slug), None)
    if here is None:
        raise Http404
    paths = {
        other.language: other.path_of(translation)
        for other in EDITIONS.values()
        for translation in other.articles
        if translation.name == here.name
    }
    context = _context(edition, paths, here.title, here.standfirst)
    context["article"] = here
    context["articles"] = [pair for pair in edition.articles_with_paths() if pair[0] is not here]
    return TemplateResponse(request, f"shortener/demo/{language}/{here.name}.html", context)


@require_safe
def buttons(request: HttpRequest) -> HttpResponse:
    """Show the share element in its forms, each with the lines that make it."""
    _demo_link()
    title = "What the buttons can do"
    description = "One element, and the lines of HTML and CSS that make it yours."
    context = _context(ENGLISH, {"en": BUTTONS_PATH}, title, description)
    context["styles"] = _styles_of_examples()
    return TemplateResponse(request, "shortener/demo/buttons.html", context)


def _demo_link() -> Link:
    """Return the demo's link. Without it there is no demo."""
    link = demo.link() if settings.DEMO else None
    if link is None:
        raise Http404
    return link


def _context(
    edition: Edition, paths: dict[str, str], title: str, description: str
) -> dict[str, Any]:
    """Return what the frame around every page needs; ``paths`` lead to its translations."""
    url = settings.PUBLIC_URL + paths[edition.language]
    return {
        "edition": edition,
        "title": title,
        "description": description,
        "public_url": settings.PUBLIC_URL,
        "url": url,
        "translations": [
            (EDITIONS[language], settings.PUBLIC_URL + path) for language, path in paths.items()
        ],
        "buttons_path": BUTTONS_PATH,
        "share_links": _share_links(edition, url, title),
    }


def _share_links(edition: Edition, url: str, title: str) -> list[dict[str, str]]:
    """Return what a share button is where no JavaScript runs: a link for each channel."""
    query = urlencode({"site": demo.SITE_KEY, "url": url, "title": title})
    return [
        {
            "name": name,
            "label": edition.share_labels.get(name, BY_NAME[name].label),
            "icon": f"shortener/icons/{name}.svg",
            "url": f"{reverse('share', args=[name])}?{query}",
        }
        for name in WITHOUT_JAVASCRIPT
    ]


def _styles_of_examples() -> dict[str, str]:
    """Return the parts of the examples' stylesheet, so that what is shown is what is used."""
    file = Path(str(finders.find("shortener/examples.css")))
    parts = re.split(r"^/\* (\w+) \*/\n", file.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True))


urlpatterns = [
    path("", front, {"language": "en"}, name="demo"),
    path("es/", front, {"language": "es"}),
    path("buttons/", buttons),
    path("es/<slug:slug>/", article, {"language": "es"}),
    path("<slug:slug>/", article, {"language": "en"}),
]
