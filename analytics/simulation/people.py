"""Who sends requests: people at their devices, and machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

CHROMIUM = "(KHTML, like Gecko) Chrome/{0}.0.0.0"
BROWSERS = (
    (
        24,
        "phone",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{0} like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/17.{0} Mobile/15E148 Safari/604.1",
        range(0, 7),
    ),
    (
        30,
        "phone",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 " + CHROMIUM + " Mobile "
        "Safari/537.36",
        range(120, 133),
    ),
    (
        6,
        "phone",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        "SamsungBrowser/{0}.0 Chrome/122.0.0.0 Mobile Safari/537.36",
        range(24, 28),
    ),
    (
        2,
        "phone",
        "Mozilla/5.0 (Android 14; Mobile; rv:{0}.0) Gecko/{0}.0 Firefox/{0}.0",
        range(125, 134),
    ),
    (
        3,
        "tablet",
        "Mozilla/5.0 (iPad; CPU OS 16_{0} like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/16.{0} Mobile/15E148 Safari/604.1",
        range(4, 8),
    ),
    (
        17,
        "computer",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 " + CHROMIUM + " "
        "Safari/537.36",
        range(124, 133),
    ),
    (
        5,
        "computer",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 " + CHROMIUM + " "
        "Safari/537.36 Edg/{0}.0.0.0",
        range(126, 133),
    ),
    (
        8,
        "computer",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/17.{0} Safari/605.1.15",
        range(0, 7),
    ),
    (
        3,
        "computer",
        "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
        range(126, 134),
    ),
)
"""How common, on what device, and the agent with the versions about."""

NETWORKS = (
    (20, "DE", "de-DE", "91.12."),
    (6, "DE", "de", "2003:c0:"),
    (12, "FR", "fr-FR", "90.12."),
    (3, "FR", "fr", "2a01:c000:"),
    (11, "GB", "en-GB", "86.140."),
    (3, "GB", "en-GB", "2a00:23c0:"),
    (14, "US", "en-US", "73.12."),
    (5, "US", "es-US", "2601:1:"),
    (7, "ES", "es-ES", "83.40."),
    (5, "IT", "it-IT", "151.30."),
    (4, "IN", "en-IN", "117.195."),
    (5, "IN", "hi-IN", "2409:4000:"),
    (4, "BR", "pt-BR", "187.10."),
    (2, "JP", "ja-JP", "126.1."),
    (2, "NL", "nl-NL", "62.163."),
    (1, "", "en", "203.0.113."),
    (1, "", "en", "2001:db8:"),
)
"""How common, the country, its people's language, and how their addresses begin. Those for
documentation belong to no country."""

IN_TABS = (
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-Site", "none"),
)
FROM_PAGES = (("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Site", "cross-site"))
PREFETCHES = (("Sec-Purpose", "prefetch;prerender"), ("X-Purpose", "preview"))
"""What browsers say that load a page before anybody asked for it."""

DATA_CENTRES = ("66.249.", "40.94.", "54.36.", "149.154.")

ALIKE = 0.05
"""The part of the people who sit behind somebody else's address, at the same kind of device."""
PRIVATE = 0.04
"""The part of the people whose browsers send Sec-GPC."""
MOST_ALIKE = 4
"""People behind one address."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Where requests come from, and what they say of it."""

    agent: str
    network: str
    """The address; of IPv6 its first half."""
    country: str = ""
    language: str = ""
    device: str = ""
    private: bool = False
    """Whether it asks not to be recognised."""
    is_browser: bool = False
    """Whether it sends what browsers send along."""

    @property
    def visitor(self) -> tuple[str, str]:
        """All that one person can be told from another by."""
        return self.network, self.agent

    def address(self, number: int) -> str:
        """Return an address of the network: those of IPv6 change all the time."""
        return f"{self.network}{number % 65_536:x}" if ":" in self.network else self.network

    def headers(self, fetch: tuple[tuple[str, str], ...] = IN_TABS) -> dict[str, str]:
        """Return the headers that stay the same over requests of a kind."""
        headers = {"User-Agent": self.agent, "Accept-Language": f"{self.language},en;q=0.5"}
        if not self.language:
            del headers["Accept-Language"]
        if self.is_browser:
            headers |= dict(fetch)
        if self.private:
            headers["Sec-GPC"] = "1"
        return headers


@dataclass
class People:
    """Everybody there is, made as they are needed."""

    random: Random
    _neighbours: list[Sender] = field(default_factory=list)
    """Those behind whose address others may sit."""

    def person(self) -> Sender:
        """Return somebody who has not been there before."""
        random = self.random
        if self._neighbours and random.random() < ALIKE:
            return self._neighbours.pop()
        _, device, agent, versions = random.choices(BROWSERS, _weights(BROWSERS))[0]
        _, country, language, start = random.choices(NETWORKS, _weights(NETWORKS))[0]
        sender = Sender(
            agent=agent.format(random.choice(versions)),
            network=network(random, start),
            country=country,
            language=language if random.random() < 0.9 else "en",
            device=device,
            private=random.random() < PRIVATE,
            is_browser=True,
        )
        self._neighbours = [sender] * (MOST_ALIKE - 1)
        return sender

    def alone(self) -> Sender:
        """Return somebody who can be told from everybody else, and does not object to it."""
        self._neighbours.clear()
        person = replace(self.person(), private=False)
        self._neighbours.clear()
        return person

    def inside(self, person: Sender, agent: str) -> Sender:
        """Return a person as the browser within an app shows them."""
        agent = agent.format(self.random.randrange(4))
        return replace(person, agent=agent, device="phone")

    def machine(self, agent: str) -> Sender:
        """Return something in a data centre."""
        return Sender(agent, network(self.random, self.random.choice(DATA_CENTRES)))


def network(random: Random, start: str) -> str:
    """Return an address that begins like this; of IPv6 its first half, up to the colons."""
    if ":" in start:
        groups = (f"{random.randrange(1, 65_536):x}" for _ in range(4 - start.count(":")))
        return start + "".join(f"{group}:" for group in groups) + ":"
    parts = (str(random.randrange(1, 255)) for _ in range(4 - start.count(".")))
    return start + ".".join(parts)


def _weights(rows: Sequence[tuple[int, *tuple[object, ...]]]) -> list[int]:
    return [row[0] for row in rows]
