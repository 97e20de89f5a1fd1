"""What the two ways of playing a world have in common: its sites, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from analytics.simulation.stage import World
from shortener.models import Link, Site

CHANNELS = ("whatsapp", "telegram", "signal", "sms", "email", "copy", "native")


@dataclass
class Played:
    """Under which ids the product knows what was played."""

    links: list[Link]
    """By the number of the article."""
    shares: dict[int, int] = field(default_factory=dict)
    """By the number of the share."""


def make_sites(world: World, key: str) -> list[Link]:
    """Make the sites and links of a world; their keys begin with a text."""
    links = []
    for number in range(world.sites):
        host = f"{key}-{number}.example.com"
        site = Site.objects.create(
            name=f"Simulated site {number}", key=f"{key}-{number}", hosts=[host]
        )
        for article in range(len(world.scene.articles)):
            path = "" if world.article(article).is_front else f"stories/{article}"
            links.append(
                Link.objects.create(
                    site=site, destination=f"https://{host}/{path}", title=f"Story {article}"
                )
            )
    return links
