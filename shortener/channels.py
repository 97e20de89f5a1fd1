"""Where a share goes: every channel, its fixed number, and how its message is composed.

A number is part of every short code that was ever handed out, so it never changes and is
never used again. To add a channel, add one row with a free number below 62: 0 to 31 are
private channels, 32 to 61 are public ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.translation import gettext, gettext_noop

NUMBERS = 64
"""How many channel numbers fit into a share id (``serial * NUMBERS + channel.number``)."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to pass something on."""

    number: int
    name: str
    label: str
    private: bool
    compose: str = ""
    """The app's compose address; ``{text}``, ``{url}`` and ``{message}`` (text, then url)
    are filled in percent-encoded. Empty where an app has none."""
    app_compose: str = ""
    """The form that opens on computers for sites with a registered app: ``{app}`` is its
    number, ``{page}`` the page to return to."""
    hint: str = ""
    """What the sharer does next where there is no compose address. A channel with neither
    is only observed: it has no button."""
    previews: bool = True
    """Whether links in it are fetched for a preview, so that none tells that nothing was
    pasted. WeChat and Threema fetch none (mysk.blog/2020/10/25/link-previews), mail does so
    in rare clients only, and a QR code is read by a camera."""

    short_link: bool = True
    """Whether what travels is the short link. Out of the address bar it is the page's own
    address, so that apps and people ask the page for it, and only its script tells of them."""

    @property
    def title(self) -> str:
        """The label in the reader's language. Names of apps are the same in all of them."""
        return gettext(self.label)

    @property
    def next_step(self) -> str:
        """The hint in the reader's language."""
        return gettext(self.hint)

    @property
    def has_button(self) -> bool:
        return bool(self.compose or self.hint)

    def compose_url(self, *, text: str, url: str) -> str:
        """Return the address that opens the app with the message written.

        The link comes last in the message, since apps swallow punctuation behind it.
        """
        message = f"{text} {url}" if text else url
        return self.compose.format(
            text=quote(text, safe=""), url=quote(url, safe=""), message=quote(message, safe="")
        )


DIRECT = Channel(0, "link", gettext_noop("Short link itself"), private=False)

CHANNELS: tuple[Channel, ...] = (
    DIRECT,
    Channel(1, "whatsapp", "WhatsApp", True, "https://wa.me/?text={message}"),
    Channel(2, "telegram", "Telegram", True, "https://t.me/share/url?url={url}&text={text}"),
    Channel(
        3, "signal", "Signal", True, hint=gettext_noop("Copy this link, then paste it in Signal.")
    ),
    Channel(
        4,
        "messenger",
        "Messenger",
        True,
        app_compose="https://www.facebook.com/dialog/send?app_id={app}&link={url}&redirect_uri={page}",
        hint=gettext_noop("Copy this link, then paste it in Messenger."),
    ),
    Channel(5, "sms", "SMS", True, "sms:?&body={message}"),
    Channel(
        6,
        "email",
        gettext_noop("Email"),
        True,
        "mailto:?subject={text}&body={message}",
        previews=False,
    ),
    Channel(7, "line", "LINE", True, "https://line.me/R/share?text={message}"),
    Channel(8, "viber", "Viber", True, "viber://forward?text={message}"),
    Channel(
        9,
        "threema",
        "Threema",
        True,
        "https://threema.id/compose?text={message}",
        previews=False,
    ),
    Channel(
        10, "teams", "Teams", True, "https://teams.microsoft.com/share?href={url}&msgText={text}"
    ),
    Channel(
        11,
        "copy",
        gettext_noop("Copy link"),
        True,
        hint=gettext_noop("Copy this link and paste it where you like."),
    ),
    Channel(
        12,
        "native",
        gettext_noop("Share…"),
        True,
        hint=gettext_noop("Copy this link and paste it in any app."),
    ),
    Channel(13, "addressbar", gettext_noop("Address bar"), True, previews=False, short_link=False),
    Channel(
        14,
        "qr",
        gettext_noop("QR code"),
        True,
        hint=gettext_noop("Scan this code with a phone to open the link there."),
        previews=False,
    ),
    # Seen by their previews and in-app browsers; none of them can be opened with a link.
    Channel(15, "imessage", "iMessage", True),
    Channel(16, "slack", "Slack", True),
    Channel(17, "discord", "Discord", True),
    Channel(18, "kakaotalk", "KakaoTalk", True),
    Channel(19, "wechat", "WeChat", True, previews=False),
    Channel(20, "snapchat", "Snapchat", True),
    Channel(21, "google-messages", "Google Messages", True),
    Channel(22, "mattermost", "Mattermost", True),
    Channel(23, "matrix", "Matrix", True),
    Channel(24, "dingtalk", "DingTalk", True),
    Channel(25, "keybase", "Keybase", True),
    Channel(
        32, "facebook", "Facebook", False, "https://www.facebook.com/sharer/sharer.php?u={url}"
    ),
    Channel(33, "x", "X", False, "https://x.com/intent/post?text={text}&url={url}"),
    Channel(
        34,
        "linkedin",
        "LinkedIn",
        False,
        "https://www.linkedin.com/sharing/share-offsite/?url={url}",
    ),
    Channel(35, "reddit", "Reddit", False, "https://www.reddit.com/submit?url={url}&title={text}"),
    Channel(36, "bluesky", "Bluesky", False, "https://bsky.app/intent/compose?text={message}"),
    Channel(
        37,
        "pinterest",
        "Pinterest",
        False,
        "https://www.pinterest.com/pin/create/button/?url={url}&description={text}",
    ),
    # Meta's fetcher serves feed, Messenger and Instagram alike, so it proves no more than this.
    Channel(38, "meta", gettext_noop("Facebook, Messenger or Instagram"), False),
    Channel(39, "instagram", "Instagram", False),
    Channel(40, "threads", "Threads", False),
    Channel(41, "tiktok", "TikTok", False),
    Channel(42, "mastodon", gettext_noop("Mastodon and the Fediverse"), False),
    Channel(43, "vk", "VK", False),
)

BY_NAME = {channel.name: channel for channel in CHANNELS}
BY_NUMBER = {channel.number: channel for channel in CHANNELS}
BUTTONS = tuple(channel for channel in CHANNELS if channel.has_button)
DEFAULT_BUTTONS = ("whatsapp", "telegram", "signal", "sms", "email", "copy", "native")
