"""The apps that a link is passed on in: who fetches previews, and what opens leave behind.

Written down from what the apps send (docs/simulation.md), not from the rules that recognise
it. ``{0}`` in an agent is the version of the browser around it.
"""

from __future__ import annotations

from typing import NamedTuple

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{0} like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148"
)
WEBVIEW = (
    "Mozilla/5.0 (Linux; Android 14; SM-A546B Build/UP1A.231005.007; wv) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Version/4.0 Chrome/13{0}.0.6778.81 Mobile Safari/537.36"
)
META = (
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "facebookexternalhit/1.1",
)


class App(NamedTuple):
    """Where a link can be pasted, and what then comes of it."""

    name: str
    weight: float
    """How often a link that was copied, or given to the device's own sheet, ends in it."""
    fetchers: tuple[str, ...] = ()
    """Agents of its fetcher of previews."""
    from_sender: bool = False
    """Whether the sender's own device fetches, and not a server."""
    shown_as: str = ""
    """What the preview tells at most, where that is not the app itself."""
    browsers: tuple[str, ...] = ()
    """Agents of its own browser; without any, links open in the system's."""
    inside: float = 0.0
    """The part of the opens that its own browser shows."""
    referrers: tuple[str, ...] = ()
    refers: float = 0.0
    """The part of the other opens that name a referrer."""
    openers: float = 1.5
    """How many open what was sent, on average."""
    minutes: float = 20.0
    """After which half of the opens are over."""


APPS = (
    App(
        "whatsapp",
        40,
        (
            "WhatsApp/2.24.20.89 A",
            "WhatsApp/2.25.3.76 i",
            "WhatsApp/2.23.24.82 A",
            "WhatsApp/2.2450.6 W",
        ),
        from_sender=True,
        openers=1.9,
        minutes=12,
    ),
    App(
        "telegram",
        11,
        ("TelegramBot (like TwitterBot)",),
        browsers=(f"{WEBVIEW} Telegram-Android/11.5.3 (Samsung SM-A546B; Android 14; SDK 34)",),
        inside=0.4,
        referrers=("https://web.telegram.org/", "android-app://org.telegram.messenger/"),
        refers=0.3,
        openers=2.6,
        minutes=18,
    ),
    App("signal", 6, ("WhatsApp/2",), from_sender=True, openers=1.3, minutes=15),
    App(
        "imessage",
        9,
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like "
            "Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        ),
        from_sender=True,
        openers=1.2,
        minutes=10,
    ),
    App(
        "messenger",
        8,
        META,
        shown_as="meta",
        browsers=(
            f"{WEBVIEW} [FB_IAB/Orca-Android;FBAV/487.0.0.31.69;]",
            f"{IPHONE} [FBAN/MessengerForiOS;FBAV/488.0.0.29.104;FBBV/669142231]",
        ),
        inside=0.8,
        referrers=("https://l.messenger.com/",),
        refers=0.3,
        openers=1.6,
    ),
    App(
        "sms",
        0,
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/123.0.0.0 Safari/537.36 GoogleMessages/15.1",
        ),
        from_sender=True,
        shown_as="google-messages",
        openers=1.1,
        minutes=9,
    ),
    App(
        "email",
        6,
        referrers=(
            "https://mail.yahoo.com/",
            "https://outlook.live.com/",
            "https://deref-gmx.net/",
        ),
        refers=0.35,
        openers=1.4,
        minutes=160,
    ),
    App(
        "line",
        3,
        ("facebookexternalhit/1.1;line-poker/1.0",),
        browsers=(f"{WEBVIEW} Line/14.19.1/IAB", f"{IPHONE} Safari Line/14.20.0"),
        inside=0.9,
        openers=1.7,
    ),
    App("viber", 2, ("Viber",), from_sender=True, openers=1.5),
    App("threema", 0, openers=1.2),
    App(
        "slack",
        4,
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",),
        referrers=("https://app.slack.com/",),
        refers=0.1,
        openers=3.1,
        minutes=45,
    ),
    App(
        "discord",
        3,
        ("Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",),
        referrers=("https://discord.com/",),
        refers=0.2,
        openers=2.8,
        minutes=40,
    ),
    App(
        "teams",
        2,
        ("Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",),
        referrers=("https://teams.microsoft.com/",),
        refers=0.2,
        openers=2.2,
        minutes=60,
    ),
    App(
        "kakaotalk",
        1,
        (
            "facebookexternalhit/1.1; kakaotalk-scrap/1.0; "
            "+https://devtalk.kakao.com/t/scrap/33984",
        ),
        browsers=(f"{WEBVIEW};KAKAOTALK 2410810", f"{IPHONE} KAKAOTALK 10.8.1"),
        inside=0.9,
    ),
    App(
        "snapchat",
        2,
        ("Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",),
        browsers=(f"{IPHONE} Snapchat/13.15.0.38 (like Safari/8619.1.26.30.5, panda)",),
        inside=0.9,
    ),
    App(
        "wechat",
        1,
        browsers=(
            f"{IPHONE} MicroMessenger/8.0.53(0x1800352d) NetType/WIFI Language/zh_CN",
            f"{WEBVIEW} MMWEBID/2412 MicroMessenger/8.0.53.2740(0x28003533) NetType/5G",
        ),
        inside=0.9,
    ),
    App(
        "facebook",
        0,
        META,
        shown_as="meta",
        browsers=(
            f"{WEBVIEW} [FB_IAB/FB4A;FBAV/489.0.0.66.81;IABMV/1;]",
            f"{IPHONE} [FBAN/FBIOS;FBAV/490.0.0.50.105;FBBV/671187243;FBDV/iPhone14,5]",
        ),
        inside=0.75,
        referrers=("https://l.facebook.com/", "https://m.facebook.com/"),
        refers=0.8,
        openers=3.4,
        minutes=240,
    ),
    App(
        "x",
        0,
        ("Twitterbot/1.0",),
        browsers=(f"{IPHONE} Twitter for iPhone/10.69",),
        inside=0.5,
        referrers=("https://t.co/",),
        refers=0.9,
        openers=3.0,
        minutes=180,
    ),
)
BY_NAME = {app.name: app for app in APPS}

BUTTONS = {
    "whatsapp": 34,
    "telegram": 11,
    "signal": 5,
    "sms": 4,
    "email": 8,
    "line": 3,
    "viber": 2,
    "threema": 1,
    "messenger": 4,
    "copy": 15,
    "native": 9,
    "qr": 1,
    "facebook": 3,
    "x": 2,
}
"""The buttons of a page, and how much each is used."""
UNDIRECTED = frozenset({"copy", "native", "addressbar", "qr"})
"""Channels that leave it to the sharer where the link goes."""
