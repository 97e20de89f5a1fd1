"""Preview fetchers: the programs with which apps look at a link that is being shared.

The rules are data, and of the first rows that match the first wins, so a row stands above those
whose words it also contains. ``analytics.signatures`` has the rules for everybody else. To know
another fetcher, add a row, one to its test, and raise ``analytics.signatures.VERSION``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import re2


class Signature(NamedTuple):
    """One row: agents that match the pattern (RE2 syntax) reveal the channel, if it has one."""

    rule: str
    channel: str
    pattern: str


def rows(kind: str, *table: tuple[str, str, str]) -> tuple[Signature, ...]:
    """Return a table of rules; their ids begin with the kind."""
    return tuple(Signature(f"{kind}:{name}", channel, pattern) for name, channel, pattern in table)


# Case does not matter here. No channel is given where the product is shared by several of them
# or is none: evidence has to be a lower bound.
PREVIEWS = rows(
    "preview",
    # All of these carry Facebook's or Twitter's name to be served Open Graph tags.
    ("kakaotalk", "kakaotalk", r"kakaotalk-scrap"),
    ("line", "line", r"line-?poker"),
    ("naver", "", r"\bBlueno/"),
    # What every Apple device sends for a link in a message, unchanged since about 2016.
    (
        "imessage",
        "imessage",
        r"AppleWebKit/.* facebookexternalhit/1\.1 Facebot Twitterbot/1\.0",
    ),
    ("telegram", "telegram", r"\bTelegramBot\b"),
    # Signal takes WhatsApp's name without its minor version: a prefix test would merge the two.
    ("signal", "signal", r"^WhatsApp/2$"),
    # Up to four letters in front are the mods: GBWhatsApp, ANWhatsApp, YoWhatsApp2Plus.
    ("whatsapp", "whatsapp", r"^\w{0,4}WhatsApp"),
    ("viber", "viber", r"^Viber|\bViberUrlDownloader"),
    ("slack", "slack", r"\bSlackbot|\bSlack-ImgProxy"),
    ("discord", "discord", r"\bDiscordbot\b"),
    # Discord's image proxy poses as this one Firefox of 2015.
    (
        "discord-images",
        "discord",
        r"^Mozilla/5\.0 \(Macintosh; Intel Mac OS X 10\.10; rv:38\.0\) "
        r"Gecko/20100101 Firefox/38\.0$",
    ),
    ("teams", "teams", r"\bSkypeUriPreview"),
    # Teams, Outlook, OneDrive and Copilot alike.
    ("microsoft", "", r"\bMicrosoftPreview/"),
    ("snapchat", "snapchat", r"\bSnap URL Preview|\bSnapURLPreview"),
    ("google-messages", "google-messages", r"\bGoogleMessages/"),
    # Older Android Messages, but Google Chat too.
    ("google-snippet", "", r"\bGoogle-PageRenderer"),
    ("dingtalk", "dingtalk", r"\bDingTalkBot"),
    ("mattermost", "mattermost", r"\bMattermost-Bot|^mattermost-\d"),
    ("matrix", "matrix", r"^Synapse\b|\bMatrix-Media-Repo\b"),
    ("keybase", "keybase", r"\bKeybaseBot"),
    ("yahoo-mail", "email", r"\bYahoo Link Preview"),
    # Iframely fetches for others and names them; Textra is an app for SMS.
    ("textra", "sms", r"\bIframely/.*\bTextra\b"),
    ("iframely", "", r"\bIframely/"),
    ("linkedin", "linkedin", r"\bLinkedInBot\b"),
    ("reddit", "reddit", r"\bredditbot\b"),
    ("pinterest", "pinterest", r"\bPinterestbot\b|^Pinterest/0"),
    ("bluesky", "bluesky", r"\bBluesky Cardyb"),
    ("vk", "vk", r"\bvkShare\b"),
    ("fediverse", "mastodon", r"\bMastodon/\d|\bLemmy/\d|\bSummalyBot/"),
    ("steam", "", r"\bSteamChatURLLookup"),
    ("groupme", "", r"\bGroupMeBot"),
    ("chatwork", "", r"\bChatwork LinkPreview"),
    ("odnoklassniki", "", r"\bOdklBot"),
    ("gadu-gadu", "", r"\bGG PeekBot"),
    ("notion", "", r"^Notion/"),
    ("crisp", "", r"\bCrisp-LinkPreview"),
    ("mixmax", "", r"\bMixmax-LinkPreview"),
    # Chats, forums and notebooks that no share button leads to, and services that fetch for them.
    (
        "unfurlers",
        "",
        r"\bZulipURLPreview/|\bLink ?Preview|\bLinkExpander\b|unfurl|\bOnebox\b|\bEmbedly\b"
        r"|^NotionEmbedder|\bEvernoteRichLink|PreviewBot/",
    ),
    ("meta", "meta", r"^facebookexternalhit/[\d.]+(?: \(\+http|$)|^facebookcatalog/"),
    ("meta-externalhit", "meta", r"\bMeta-ExternalHit/"),
    ("x", "x", r"^Twitterbot/|\(compatible; Twitterbot/"),
    # Anyone else with their names: chat servers, libraries, scripts after Open Graph tags.
    ("open-graph", "", r"facebookexternalhit|\bFacebot\b|\bTwitterbot\b"),
)


ANY = "|".join(f"(?:{row.pattern})" for row in PREVIEWS)
_SEARCH = re2.compile(f"(?i){ANY}").search


@lru_cache(maxsize=4_096)
def is_previewer(user_agent: str) -> bool:
    """Tell whether ``analytics.classify`` takes the agent for a preview fetcher's."""
    # A lone surrogate can stand in a header, and RE2 reads UTF-8.
    return _SEARCH(user_agent.strip().encode(errors="replace")) is not None
