"""What kind of device, system and browser a user agent tells of, without any version.

The families of systems and browsers are those of ua-parser. Apps with a browser of their own
go by the name of their channel, since ua-parser takes some of them for a plain WebView.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import ua_parser

from shortener.channels import BY_NAME

MAX_LENGTH = 40

# The first row that matches wins; the agent is read together with ua-parser's device family.
_DEVICES = tuple(
    (device, re.compile(pattern, re.ASCII))
    for device, pattern in (
        ("other", r"\nSpider$|\bPlayStation|\bXbox\b|\bNintendo\b|\bWatch\b|\bOculusBrowser/"),
        (
            "TV",
            # Not "BTV-DL09", which is a tablet.
            r"(?<![A-Z])TV(?![a-z])|\bWeb0S\b|\bRoku|\bCrKey/|\bAFT[A-Z]|\bBRAVIA\b"
            r"|\bNetCast\b|\bChromecast",
        ),
        ("tablet", r"\biPad\b|\bTablet\b(?! PC)|\bKindle\b|\bSilk/|\bPlayBook\b"),
        # Google asks for it: a browser on a phone says "Mobile", on a tablet it does not.
        ("tablet", r"^Mozilla/5\.0 \((?:Linux; (?:U; )?)?Android(?!.*\bMobile\b)"),
    )
)
_SYSTEMS = {
    system: device
    for device, systems in {
        "phone": (
            "iOS",
            "Android",
            "HarmonyOS",
            "KaiOS",
            "Windows Phone",
            "Windows Mobile",
            "BlackBerry OS",
            "Firefox OS",
            "Sailfish",
            "Symbian OS",
            "Symbian^3",
            "Series 40",
            "Bada",
            "Tizen",
        ),
        "computer": (
            "Windows",
            "Mac OS X",
            "Linux",
            "Chrome OS",
            "Ubuntu",
            "Debian",
            "Fedora",
            "Red Hat",
            "SUSE",
            "Arch Linux",
            "Linux Mint",
            "FreeBSD",
            "OpenBSD",
            "NetBSD",
            "Solaris",
        ),
    }.items()
    for system in systems
}

# Rules of ``classify`` that tell which app's own browser it was.
_IN_APP = ("in-app", "package")
_NO_APPS = frozenset({"email", "sms"})


class Families(NamedTuple):
    """A device class, a system and a browser; empty where the agent tells none."""

    device: str
    """phone, tablet, computer, TV or other. An iPad says that it is a Mac, unless its user
    prefers pages for mobile devices, and is a computer here."""
    system: str
    browser: str


UNREAD = Families("", "", "")


def families(user_agent: str, rule: str = "") -> Families:
    """Return the families of a user agent; ``rule`` is the one that ``classify`` has found."""
    found = ua_parser.parse(user_agent)
    system = found.os.family if found.os else ""
    browser = found.user_agent.family if found.user_agent else ""
    device = found.device.family if found.device else ""
    # Some families are words of the agent itself, as long as it likes.
    return Families(
        device_class(user_agent, device, system),
        system[:MAX_LENGTH],
        (app(rule) or browser)[:MAX_LENGTH],
    )


def device_class(user_agent: str, family: str, system: str) -> str:
    text = f"{user_agent}\n{family}"
    for device, pattern in _DEVICES:
        if pattern.search(text):
            return device
    return _SYSTEMS.get(system, "other")


def app(rule: str) -> str:
    """Return the name of the app around a browser, as far as a rule tells."""
    kind, _, name = rule.partition(":")
    if kind not in _IN_APP or name not in BY_NAME or name in _NO_APPS:
        return ""
    return BY_NAME[name].label
