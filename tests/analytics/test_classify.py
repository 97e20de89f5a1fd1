from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st
from is_bot import Bots

from analytics import signatures
from analytics.classify import Kind, Verdict, classify, is_bot_by_pattern
from shortener import previewers
from shortener.channels import BY_NAME

SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.4 Safari/605.1.15"
)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/126.0.0.0 Safari/537.36"
)
ANDROID_CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/126.0.0.0 Mobile Safari/537.36"
)
WEBVIEW = (
    "Mozilla/5.0 (Linux; Android 14; SM-A556E Build/UP1A.231005.007; wv) AppleWebKit/537.36"
    " (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.122 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Mobile/15E148"
)
DISCORD_IMAGES = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.10; rv:38.0) Gecko/20100101 Firefox/38.0"
)
IMESSAGE = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko)"
    " Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
)
FROM_WEB = {":scheme": "https", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}

# One row or more for every rule of previewers.PREVIEWS.
PREVIEWS = [
    ("WhatsApp/2.24.7.75 i", "whatsapp", "whatsapp"),
    ("WhatsApp/2.23.17.75 A", "whatsapp", "whatsapp"),
    ("WhatsApp/2.2327.4 N", "whatsapp", "whatsapp"),
    ("WhatsApp/0.2.6426 N", "whatsapp", "whatsapp"),
    ("WhatsApp/2.2546.3 W", "whatsapp", "whatsapp"),
    ("WhatsApp/2.2126.11 K", "whatsapp", "whatsapp"),
    ("WhatsApp/2.12.15/i", "whatsapp", "whatsapp"),
    ("WhatsApp/2.22.2 CloudAPI/99.99.99 Device/x86_64", "whatsapp", "whatsapp"),
    ("WhatsApp/2.21.5 Android/8.1 Device/Samsung-SM-J530F", "whatsapp", "whatsapp"),
    ("GBWhatsApp/2.22.20 A", "whatsapp", "whatsapp"),
    ("ANWhatsApp/2.23.2 A", "whatsapp", "whatsapp"),
    ("YoWhatsApp2Plus/2.19.9 A", "whatsapp", "whatsapp"),
    ("WhatsApp", "whatsapp", "whatsapp"),
    ("WhatsApp/2", "signal", "signal"),
    ("TelegramBot (like TwitterBot)", "telegram", "telegram"),
    (IMESSAGE, "imessage", "imessage"),
    ("facebookexternalhit/1.1;line-poker/1.0", "line", "line"),
    (
        "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
        "kakaotalk",
        "kakaotalk",
    ),
    ("facebookexternalhit/1.1;kakaotalk-scrap/1.0;", "kakaotalk", "kakaotalk"),
    ("facebookexternalhit/1.1 (compatible; Blueno/1.0; +http://naver.me/scrap)", "naver", ""),
    (
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "meta",
        "meta",
    ),
    ("facebookexternalhit/1.1", "meta", "meta"),
    ("facebookcatalog/1.0", "meta", "meta"),
    (
        "Mozilla/5.0 (compatible; Meta-ExternalHit/1.1; +https://developers.facebook.com)",
        "meta-externalhit",
        "meta",
    ),
    ("facebookexternalhit/1.1;between-scrap/1.0", "open-graph", ""),
    ("bandscraper ( facebookexternalhit/1.1 )", "open-graph", ""),
    (
        "Mozilla/5.0 (compatible; The Lounge IRC Client; +https://thelounge.chat)"
        " facebookexternalhit/1.1 Twitterbot/1.0",
        "open-graph",
        "",
    ),
    ("Viber", "viber", "viber"),
    ("ViberUrlDownloader", "viber", "viber"),
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "slack", "slack"),
    ("Slackbot 1.0 (+https://api.slack.com/robots)", "slack", "slack"),
    ("Slack-ImgProxy 1.136 (+https://api.slack.com/robots)", "slack", "slack"),
    (
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "discord",
        "discord",
    ),
    (DISCORD_IMAGES, "discord-images", "discord"),
    ("Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5", "teams", "teams"),
    (
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"
        " skype-url-preview@microsoft.com",
        "teams",
        "teams",
    ),
    ("MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview", "microsoft", ""),
    (f"{CHROME} (compatible; MicrosoftPreview/2.0; +https://aka.ms/x)", "microsoft", ""),
    (
        "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
        "snapchat",
        "snapchat",
    ),
    (
        "Mozilla/5.0 (compatible; SnapURLPreview/1.0; +https://www.snapchat.com)",
        "snapchat",
        "snapchat",
    ),
    (f"{CHROME} GoogleMessages/15.1", "google-messages", "google-messages"),
    (
        f"{CHROME} Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)",
        "google-snippet",
        "",
    ),
    (
        "DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com/microapp)",
        "dingtalk",
        "dingtalk",
    ),
    ("Mattermost-Bot/1.1", "mattermost", "mattermost"),
    ("mattermost-5.19.0", "mattermost", "mattermost"),
    ("SomeHomeserver/2 Matrix-Media-Repo/1", "matrix", "matrix"),
    ("Mozilla/5.0 (compatible; ZulipURLPreview/9.4; +https://zulip.com)", "unfurlers", ""),
    ("Discourse Forum Onebox v3.4.1", "unfurlers", ""),
    ("Quora Link Preview/1.0 (https://www.quora.com)", "unfurlers", ""),
    ("Synapse (bot; +https://github.com/matrix-org/synapse)", "matrix", "matrix"),
    ("Mozilla/5.0 (compatible; KeybaseBot; +https://keybase.io)", "keybase", "keybase"),
    (
        "Mozilla/5.0 (compatible; Yahoo Link Preview; https://help.yahoo.com/kb/mail/"
        "yahoo-link-preview-SLN23615.html) maild/1.0",
        "yahoo-mail",
        "email",
    ),
    ("Iframely/1.3.1 (+https://iframely.com/docs/about) Textra", "textra", "sms"),
    ("Iframely/1.3.1 (+https://iframely.com/docs/about) Atlassian", "iframely", ""),
    ("Twitterbot/1.0", "x", "x"),
    ("Mozilla/5.0 (compatible; Twitterbot/1.0)", "x", "x"),
    ("SomeChat 1.0 (like Twitterbot)", "open-graph", ""),
    ("Facebot/1.0", "open-graph", ""),
    (
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "linkedin",
        "linkedin",
    ),
    (
        "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
        "reddit",
        "reddit",
    ),
    (
        "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)",
        "pinterest",
        "pinterest",
    ),
    ("Pinterest/0.2 (+http://www.pinterest.com/)", "pinterest", "pinterest"),
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Bluesky Cardyb/1.1;"
        " +mailto:support@bsky.app) Chrome/W.X.Y.Z Safari/537.36",
        "bluesky",
        "bluesky",
    ),
    ("http.rb/4.4.1 (Mastodon/3.3.0; +https://host.example/) Bot", "fediverse", "mastodon"),
    ("Lemmy/0.19.8; +https://host.example", "fediverse", "mastodon"),
    ("SummalyBot/5.1.0", "fediverse", "mastodon"),
    ("Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)", "vk", "vk"),
    ("Valve/Steam HTTP Client 1.0 (SteamChatURLLookup)", "steam", ""),
    ("GroupMeBot/1.0", "groupme", ""),
    ("Chatwork LinkPreview v1", "chatwork", ""),
    ("OdklBot/1.0 (share@odnoklassniki.ru)", "odnoklassniki", ""),
    ("GG PeekBot 2.0 (http://gg.pl)", "gadu-gadu", ""),
    ("Notion/1.0 (https://notion.so)", "notion", ""),
    ("Crisp-LinkPreview 1.0", "crisp", ""),
    ("Mixmax-LinkPreview 1.0", "mixmax", ""),
]

# One row or more for every rule of signatures.IN_APP.
IN_APP = [
    (f"{ANDROID_CHROME} [WA4A/2.25.32.75;]", "whatsapp", "whatsapp"),
    (f"{SAFARI} [WAiOS/2.25.31]", "whatsapp", "whatsapp"),
    (f"{CHROME} WhatsApp/2.2412.54 Electron/28.0", "whatsapp", "whatsapp"),
    (
        f"{WEBVIEW} Telegram-Android/12.9.2 (Samsung SM-A556E; Android 16; SDK 36; HIGH)",
        "telegram",
        "telegram",
    ),
    (f"{WEBVIEW} Barcelona 341.0.0.37.109 Android (34/14)", "threads", "threads"),
    (f"{IPHONE} Safari/604.1 MetaIAB Threads", "threads", "threads"),
    (f"{WEBVIEW} Instagram 406.0.0.58.159 Android (34/14)", "instagram", "instagram"),
    (f"{IPHONE} Safari/604.1 MetaIAB Instagram", "instagram", "instagram"),
    (f"{IPHONE} [FBAN/MessengerForiOS;FBAV/450.0]", "messenger", "messenger"),
    (f"{WEBVIEW} [FB_IAB/Orca-Android;FBAV/450.0.0.42.109;]", "messenger", "messenger"),
    (f"{WEBVIEW}[FB_IAB/MESSENGER;FBAV/110.0.0.14.69;]", "messenger", "messenger"),
    (f"{IPHONE} [FBAN/FBIOS;FBAV/450.0.0.38.108;FBBV/564431005]", "facebook", "facebook"),
    (f"{WEBVIEW} [FB_IAB/FB4A;FBAV/485.0.0.51.109;]", "facebook", "facebook"),
    (f"{IPHONE} [FBAN/FBIOS]", "facebook", "facebook"),
    (f"{WEBVIEW} [FB_IAB/FB4A]", "facebook", "facebook"),
    (f"{WEBVIEW} [FBAV/485.0.0.51.109]", "facebook", "facebook"),
    (f"{IPHONE} Safari/604.1 MetaIAB Facebook", "facebook", "facebook"),
    (f"{IPHONE} MicroMessenger/8.0.49(0x18003137) NetType/WIFI", "wechat", "wechat"),
    (f"{WEBVIEW} MMWEBID/31 MicroMessenger/8.0.49 Process/tools", "wechat", "wechat"),
    (f"{IPHONE} AliApp(DingTalk/7.5.10) com.laiwang.DingTalk", "dingtalk", "dingtalk"),
    (f"{WEBVIEW} Line/15.0.0/IAB", "line", "line"),
    (f"{IPHONE} Safari Line/5.10.0", "line", "line"),
    (f"{WEBVIEW};KAKAOTALK 2309520", "kakaotalk", "kakaotalk"),
    (f"{IPHONE} KAKAOTALK/10.7.1 (INAPP)", "kakaotalk", "kakaotalk"),
    (f"{IPHONE} Snapchat/12.87.0.40 (like Safari/8618.1.15)", "snapchat", "snapchat"),
    (f"{WEBVIEW}Snapchat11.83.0.26", "snapchat", "snapchat"),
    (f"{IPHONE} musical_ly_35.0.0 JsSdk/2.0", "tiktok", "tiktok"),
    (f"{WEBVIEW} trill_350000", "tiktok", "tiktok"),
    (f"{WEBVIEW} BytedanceWebview/d8a21c6", "tiktok", "tiktok"),
    (f"{IPHONE} [LinkedInApp]/9.29", "linkedin", "linkedin"),
    (f"{IPHONE} [Pinterest/iOS]", "pinterest", "pinterest"),
    (f"{IPHONE} Twitter for iPhone/10.40", "x", "x"),
    (f"{WEBVIEW} TwitterAndroid", "x", "x"),
    (f"{CHROME} Viber/11.9", "viber", "viber"),
    (f"{CHROME} discord/1.0.9003 Electron/13.6.6", "discord", "discord"),
    (f"{CHROME} Slack/4.4.2 Electron/8.2.0", "slack", "slack"),
    (f"{CHROME} Slack_SSB/4.4.2", "slack", "slack"),
    (f"{CHROME} Teams/1.3.00.9267 Electron/4.2.12", "teams", "teams"),
    (f"{CHROME} Edg/117.0.2045.47 OneOutlook/1.2023.927.100", "outlook", "email"),
    (f"{IPHONE} GSA/340.0.689846395 Safari/604.1", "google", ""),
]

# One row or more for every rule of signatures.BROWSERS. To isbot they are all bots.
MISTAKEN = [
    (ANDROID_CHROME.replace("; K)", "; Discovery Pro 3)"), "android"),
    (ANDROID_CHROME.replace("; K)", "; Spider 9 Build/TP1A.220624.014)"), "android"),
    (WEBVIEW.replace("SM-A556E", "M BOT 61 PLUS"), "android"),
    (WEBVIEW.replace("Android 14; SM-A556E", "U; Android 4.2.2; es-es; Radar Neo"), "android"),
    (f"{WEBVIEW} AWP/2.0 SogouMSE,SogouMobileBrowser/6.7.1", "sogou"),
    ("dv(iPh16,1);pr(UCBrowser/16.5.1.2401);ov(18_1);ss(393x852);bt(UC);pm(0);nt(2);", "uc"),
    (
        "SonyEricssonW30i/R1x Browser/NetFront/3.5 Profile/MIDP-2.1 Configuration/CLDC-1.1"
        " JavaPlatform/JP-8.5",
        "old-phone",
    ),
    (
        "Mozilla/5.0 (Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/84.0.4147.140"
        " Safari/537.36 OMI/4.21.4.112.Catcher4.70 VIDAA/5.0(Brand;SmartTV)",
        "television",
    ),
    (
        "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; chromeframe/31.0)",
        "chrome-frame",
    ),
]

PEOPLE = [
    SAFARI,
    CHROME,
    ANDROID_CHROME,
    WEBVIEW,
    f"{IPHONE} CriOS/126.0.6478.35 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
    "Opera/9.80 (Android; Opera Mini/28.0.2254/66.318; U; en) Presto/2.12.423 Version/12.16",
]

# One row or more for every rule of signatures.BOTS.
NAMED_BOTS = [
    ("meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing)", "meta-ai"),
    ("meta-externalfetcher/1.1", "meta-ai"),
    ("meta-webindexer/1.1", "meta-ai"),
    ("meta-externalads/1.0", "meta-ai"),
    (f"{CHROME} claude-web", "assistants"),
    (f"{CHROME} GTmetrix", "monitors"),
    ("CopperEgg/RevealUptime/AtlantisUS", "monitors"),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/534.34 wkhtmltopdf Safari/534.34", "pictures"),
    ("Mozilla/5.0 (compatible; evc-batch/2.0.20170110125844)", "crawlers"),
    ("Mozilla/5.0 (compatible; X; someone at example dot com)", "crawlers"),
    ("Dart/3.5 (dart:io)", "libraries"),
]

BOTS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "curl/8.4.0",
    "Wget/1.21.4",
    "python-requests/2.32.5",
    "Go-http-client/1.1",
    "Mozilla/5.0",
    CHROME.replace("Chrome/", "HeadlessChrome/"),
    # They pose as what isbot's list is mistaken about.
    ANDROID_CHROME + " (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    ANDROID_CHROME.replace("; K)", "; K; somebot@example.com)"),
    "Nokia6820/2.0 (4.83) Profile/MIDP-1.0 Configuration/CLDC-1.0 (compatible; "
    "Googlebot-Mobile/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0; BingPreview/1.0b)",
]

SCANNERS = [
    ("Barracuda Sentinel (EE)", "scanner:barracuda"),
    ("Mimecast Ltd", "scanner:mimecast"),
    ("Proofpoint URL Defense", "scanner:proofpoint"),
    ("Mozilla/5.0 (Windows NT 5.1) Gecko (via ggpht.com GoogleImageProxy)", "scanner:mail-images"),
    ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy", "scanner:mail-images"),
    ("Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "scanner:office"),
    (
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16.0.6001;"
        " ms-office; MSOffice 16)",
        "scanner:office",
    ),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X) Word/14.64.0", "scanner:office"),
    ("Outlook-iOS/696.1188109.prod.iphone (2.102.0)", "scanner:office"),
    ("", "scanner:empty-agent"),
    ("   ", "scanner:empty-agent"),
]


def number(channel: str) -> int:
    return BY_NAME[channel].number if channel else 0


@pytest.mark.parametrize(("user_agent", "rule", "channel"), PREVIEWS)
def test_preview_is_recognised_with_its_channel(user_agent, rule, channel):
    expected = Verdict(Kind.PREVIEW, number(channel), f"preview:{rule}")

    assert classify(user_agent) == expected
    assert classify(user_agent, "HEAD", {":scheme": "https"}) == expected


@pytest.mark.parametrize(
    ("user_agent", "channel"),
    [
        ("whatsapp/2.24.7.75 i", "whatsapp"),
        ("telegrambot (like twitterbot)", "telegram"),
        ("FacebookExternalHit/1.1", "meta"),
    ],
)
def test_case_of_a_preview_does_not_matter(user_agent, channel):
    assert classify(user_agent)[:2] == (Kind.PREVIEW, number(channel))


@pytest.mark.parametrize(("user_agent", "rule", "channel"), IN_APP)
def test_in_app_browser_is_a_person_with_a_channel(user_agent, rule, channel):
    expected = Verdict(Kind.CLICK, number(channel), f"in-app:{rule}")

    assert classify(user_agent) == expected
    # An app that loads the page by itself need not send what a browser sends.
    assert classify(user_agent, headers={":scheme": "https"}) == expected


@pytest.mark.parametrize(
    ("rows", "tested"),
    [
        (previewers.PREVIEWS, PREVIEWS),
        (signatures.IN_APP, IN_APP),
        (signatures.BOTS, NAMED_BOTS),
        (signatures.BROWSERS, MISTAKEN),
    ],
)
def test_every_rule_has_a_test_row(rows, tested):
    assert {row.rule.partition(":")[2] for row in rows} == {row[1] for row in tested}


def test_rule_ids_are_unique():
    tables = (
        previewers.PREVIEWS,
        signatures.PRELOADERS,
        signatures.IN_APP,
        signatures.SCANNERS,
        signatures.BOTS,
        signatures.BROWSERS,
    )
    ids = [row.rule for table in tables for row in table]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_browser_is_a_person(user_agent):
    assert classify(user_agent, headers=FROM_WEB) == Verdict(Kind.CLICK, 0, "person")


@pytest.mark.parametrize("user_agent", BOTS)
def test_bot_is_a_bot(user_agent):
    assert classify(user_agent) == Verdict(Kind.BOT, 0, "bot:isbot")


@pytest.mark.parametrize(("user_agent", "rule"), NAMED_BOTS)
def test_bot_that_isbot_does_not_know_is_one(user_agent, rule):
    assert classify(user_agent) == Verdict(Kind.BOT, 0, f"bot:{rule}")


@pytest.mark.parametrize(("user_agent", "rule"), MISTAKEN)
def test_browser_that_isbot_is_mistaken_about_is_a_person(user_agent, rule):
    """Each is told by its rule alone: the others do not match."""
    assert is_bot_by_pattern(user_agent)
    assert classify(user_agent, headers=FROM_WEB) == Verdict(Kind.CLICK, 0, "person")
    matching = {
        row.rule for row in signatures.BROWSERS if re2.search(f"(?i:{row.pattern})", user_agent)
    }
    assert matching == {f"browser:{rule}"}


def test_browser_that_isbot_is_mistaken_about_must_send_fetch_metadata():
    user_agent, _ = MISTAKEN[0]

    assert classify(user_agent, headers={":scheme": "https"}).rule == "scanner:no-fetch-metadata"


@pytest.mark.parametrize(("user_agent", "rule"), SCANNERS)
def test_scanner_is_a_scanner(user_agent, rule):
    assert classify(user_agent) == Verdict(Kind.SCANNER, 0, rule)


@pytest.mark.parametrize(
    ("build", "app"),
    [
        # A build that a well-known list of crawlers holds for a crawler.
        ("Pixel 8 Build/AP3A.240617.008; wv", "Instagram 350.0.0.30.90 Android (35/15)"),
        # Names of phones in which isbot sees a bot.
        ("24x7 S1 Build/X; wv", "Instagram 350.0.0.30.90 Android (30/11)"),
        ("B BOT 551 Build/X; wv", "[FB_IAB/FB4A;FBAV/485.0.0.51.109;]"),
    ],
)
def test_in_app_browser_on_an_odd_phone_is_a_person(build, app):
    user_agent = f"Mozilla/5.0 (Linux; Android 15; {build}) AppleWebKit/537.36 {app}"

    assert classify(user_agent).kind is Kind.CLICK
    assert classify(user_agent).rule.startswith("in-app:")


@pytest.mark.parametrize("user_agent", ["Snapchat/12.12.1.40 (iPhone15,2; iOS 16.2; gzip)", "bot"])
def test_app_token_without_a_browser_around_it_proves_no_person(user_agent):
    assert classify(user_agent).kind is Kind.BOT


@pytest.mark.parametrize(
    "user_agent", [f"{SAFARI} online/5", f"{SAFARI} Airline/5.1", f"{SAFARI} line/5.1"]
)
def test_app_token_is_not_found_inside_other_words(user_agent):
    assert classify(user_agent) == Verdict(Kind.CLICK, 0, "person")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("sec-purpose", "Prefetch;anonymous-client-ip"),
        ("purpose", "prefetch"),
        ("purpose", "prerender"),
        ("x-purpose", "preview"),
        ("x-moz", "prefetch"),
    ],
)
def test_purpose_header_means_prefetch(name, value):
    assert classify(CHROME, headers={**FROM_WEB, name: value}) == Verdict(
        Kind.PREFETCH, 0, f"prefetch:{name}"
    )


def test_other_purpose_means_nothing():
    assert classify(CHROME, headers={**FROM_WEB, "purpose": "browsing"}).kind is Kind.CLICK


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("user_agent", ["WhatsApp/2", CHROME, "curl/8.4.0", ""])
def test_prefetch_header_beats_agent_and_method(user_agent, method):
    verdict = classify(user_agent, method, {"sec-purpose": "prefetch"})

    assert verdict.kind is Kind.PREFETCH


def test_prefetch_keeps_the_channel_of_the_app():
    user_agent = f"{IPHONE} [FBAN/FBIOS;FBAV/450.0.0.38.108]"

    assert classify(user_agent, headers={"x-purpose": "preview"}) == Verdict(
        Kind.PREFETCH, number("facebook"), "prefetch:x-purpose"
    )


def test_tiktok_preloader_is_a_prefetch_although_it_looks_like_the_app():
    user_agent = f"{WEBVIEW} musical_ly_350000 thirdLandingPageFeInfra BytedanceWebview/d8a21c6"

    assert classify(user_agent) == Verdict(Kind.PREFETCH, number("tiktok"), "prefetch:tiktok")


@pytest.mark.parametrize("user_agent", [CHROME, "curl/8.4.0", "", IN_APP[0][0]])
def test_head_is_a_scanner(user_agent):
    assert classify(user_agent, "HEAD", FROM_WEB) == Verdict(Kind.SCANNER, 0, "scanner:head")


@pytest.mark.parametrize(
    ("user_agent", "headers", "rule"),
    [
        (CHROME, {":scheme": "https"}, "scanner:no-fetch-metadata"),
        (ANDROID_CHROME, {":scheme": "https"}, "scanner:no-fetch-metadata"),
        (CHROME, {":scheme": "https", "sec-fetch-site": "none"}, "scanner:no-fetch-metadata"),
        (CHROME.replace("126.", "89."), {":scheme": "https"}, "scanner:no-fetch-metadata"),
        (CHROME.replace("126.", "88."), {":scheme": "https"}, "person"),
        (CHROME, {":scheme": "http"}, "person"),
        (CHROME, {}, "person"),
        (CHROME, FROM_WEB, "person"),
        (WEBVIEW, {":scheme": "https"}, "person"),
        (WEBVIEW.replace("; wv)", ")"), {":scheme": "https"}, "person"),
        (SAFARI, {":scheme": "https"}, "person"),
        (f"{IPHONE} CriOS/126.0.6478.35", {":scheme": "https"}, "person"),
    ],
)
def test_modern_chrome_must_send_fetch_metadata(user_agent, headers, rule):
    kind = Kind.CLICK if rule == "person" else Kind.SCANNER

    assert classify(user_agent, headers=headers) == Verdict(kind, 0, rule)


@pytest.mark.parametrize(
    ("package", "channel"),
    [
        ("org.telegram.messenger", "telegram"),
        ("com.snapchat.android", "snapchat"),
        ("com.facebook.katana", "facebook"),
        ("com.facebook.orca", "messenger"),
        ("jp.naver.line.android", "line"),
        ("com.kakao.talk", "kakaotalk"),
        ("com.tencent.mm", "wechat"),
        ("com.viber.voip", "viber"),
        ("com.linkedin.android", "linkedin"),
        ("com.reddit.frontpage", "reddit"),
        ("com.Slack", "slack"),
    ],
)
def test_webview_tells_its_app(package, channel):
    headers = {":scheme": "https", "x-requested-with": package}

    assert classify(WEBVIEW, headers=headers) == Verdict(
        Kind.CLICK, number(channel), f"package:{channel}"
    )


def test_webview_of_a_known_app_is_a_person_on_a_phone_with_an_odd_name():
    user_agent = WEBVIEW.replace("SM-A556E", "B BOT 551") + " SomeApp/1.0"

    assert classify(user_agent).kind is Kind.BOT
    assert classify(user_agent, headers={"x-requested-with": "com.tencent.mm"}).kind is Kind.CLICK


@pytest.mark.parametrize(
    ("user_agent", "package", "rule"),
    [
        (WEBVIEW, "XMLHttpRequest", "person"),
        (WEBVIEW, "com.example.unknown", "person"),
        ("curl/8.4.0", "com.tencent.mm", "bot:isbot"),
        ("WhatsApp/2", "com.tencent.mm", "preview:signal"),
        ("Barracuda Sentinel (EE)", "com.tencent.mm", "scanner:barracuda"),
        (f"{WEBVIEW} Line/15.0.0/IAB", "com.tencent.mm", "in-app:line"),
    ],
)
def test_package_does_not_outrank_what_the_agent_says(user_agent, package, rule):
    assert classify(user_agent, headers={"x-requested-with": package}).rule == rule


@pytest.mark.parametrize(
    ("host", "channel"),
    [
        ("t.me", "telegram"),
        ("web.telegram.org", "telegram"),
        ("webk.telegram.org", "telegram"),
        ("org.telegram.messenger", "telegram"),
        ("org.telegram.messenger.web", "telegram"),
        ("org.telegram.plus", "telegram"),
        ("web.whatsapp.com", "whatsapp"),
        ("l.wl.co", "whatsapp"),
        ("com.whatsapp", "whatsapp"),
        ("com.slack", "slack"),
        ("app.slack.com", "slack"),
        ("l.messenger.com", "messenger"),
        ("www.messenger.com", "messenger"),
        ("discord.com", "discord"),
        ("canary.discord.com", "discord"),
        ("teams.microsoft.com", "teams"),
        ("statics.teams.cdn.office.net", "teams"),
        ("l.facebook.com", "facebook"),
        ("lm.facebook.com", "facebook"),
        ("m.facebook.com", "facebook"),
        ("l.instagram.com", "instagram"),
        ("t.co", "x"),
        ("lnkd.in", "linkedin"),
        ("www.linkedin.com", "linkedin"),
        ("out.reddit.com", "reddit"),
        ("mail.google.com", "email"),
        ("com.google.android.gm", "email"),
        ("outlook.live.com", "email"),
        ("outlook.office.com", "email"),
        ("deref-gmx.net", "email"),
        ("eur01.safelinks.protection.outlook.com", "email"),
        ("linkprotect.cudasvc.com", "email"),
        ("urldefense.com", "email"),
        ("messages.google.com", "google-messages"),
        ("com.google.android.apps.messaging", "google-messages"),
    ],
)
def test_referrer_gives_the_channel_of_a_click(host, channel):
    assert classify(CHROME, headers=FROM_WEB, referrer=host) == Verdict(
        Kind.CLICK, number(channel), f"referrer:{channel}"
    )


@pytest.mark.parametrize(
    "host", ["www.example.com", "netflix.com", "google.com", "chat.google.com", "reddit.co", "."]
)
def test_other_referrer_gives_none(host):
    assert classify(CHROME, headers=FROM_WEB, referrer=host) == Verdict(Kind.CLICK, 0, "person")


@pytest.mark.parametrize(
    ("user_agent", "headers", "rule"),
    [
        (f"{WEBVIEW} Line/15.0.0/IAB", {}, "in-app:line"),
        (WEBVIEW, {"x-requested-with": "com.tencent.mm"}, "package:wechat"),
        ("WhatsApp/2", {}, "preview:signal"),
        ("curl/8.4.0", {}, "bot:isbot"),
        ("", {}, "scanner:empty-agent"),
        (CHROME, {":scheme": "https"}, "scanner:no-fetch-metadata"),
    ],
)
def test_referrer_is_asked_last(user_agent, headers, rule):
    assert classify(user_agent, headers=headers, referrer="t.me").rule == rule


def test_labels_are_the_names_in_lower_case():
    assert [kind.label for kind in Kind] == ["click", "preview", "prefetch", "scanner", "bot"]
    assert [int(kind) for kind in Kind] == [1, 2, 3, 4, 5]


AGENTS = [
    *(user_agent for user_agent, *_ in PREVIEWS + IN_APP + SCANNERS),
    *PEOPLE,
    *BOTS,
    "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 9; Pixel Google Pixel) AppleWebKit/537.36",
    "Mozilla/5.0 (Linux; Android 9) channel/google AppleWebKit/537.36",
    "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 NewsSapphire/22 CamScanner libhttp java;",
]


@pytest.fixture(scope="module")
def isbot() -> Bots:
    return Bots()


@pytest.mark.parametrize("user_agent", AGENTS)
def test_patterns_agree_with_isbot(isbot, user_agent):
    assert is_bot_by_pattern(user_agent) == isbot.is_bot(user_agent)


# Words around which isbot looks, and what it looks for there.
FRAGMENTS = [
    *("news", "g", "sapphire", " channel/", "google/", "google", "wv", "app", "/google", " pixel"),
    *(" cu", "bot", "bots", "_", "x", "cam", "scan", "lib", "http", "java", ";", " ", "/", "1.0"),
    *("Mozilla/5.0 (", ")", "server", "Safari", "@a.", "()", "^", "$", "|"),
]


@given(
    st.one_of(
        st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=8).map("".join),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80),
    )
)
def test_patterns_agree_with_isbot_on_any_ascii(user_agent):
    assert is_bot_by_pattern(user_agent) == Bots().is_bot(user_agent)


@given(
    user_agent=st.text(st.characters()),
    method=st.sampled_from(["GET", "HEAD", "PURGE"]),
    headers=st.dictionaries(
        st.sampled_from(["sec-purpose", "purpose", "x-moz", "x-requested-with", ":scheme"]),
        st.text(st.characters()),
    ),
    referrer=st.text(st.characters()),
)
def test_any_text_gets_a_verdict(user_agent, method, headers, referrer):
    verdict = classify(user_agent, method, headers, referrer)

    assert verdict.kind in Kind
    assert verdict.rule


@pytest.mark.parametrize(
    "user_agent",
    [
        "\ud800",
        "é" * 60,
        "\0",
        "Mozilla/5.0 (X) Chrome/" + "9" * 5000,
        "Chrome/٣٣٣",
        "İ",
        "a" * 9999,
    ],
)
def test_odd_text_gets_a_verdict(user_agent):
    assert classify(user_agent, headers={":scheme": "https"}).rule


@given(
    row=st.sampled_from([row for row in PREVIEWS if row[0] != DISCORD_IMAGES]),
    suffix=st.text(st.characters(exclude_characters="\n\r")),
    headers=st.sampled_from([{}, FROM_WEB, {"x-requested-with": "com.tencent.mm"}]),
)
def test_preview_with_any_suffix_is_never_a_click(row, suffix, headers):
    user_agent = f"{row[0]} {suffix}"

    assert classify(user_agent, headers=headers, referrer="t.me").kind is Kind.PREVIEW


@given(
    version=st.lists(st.integers(0, 9999), min_size=2, max_size=5),
    prefix=st.sampled_from(["", "GB", "AN", "Yo"]),
    platform=st.sampled_from(["", " A", " i", " N", " W", " K", "/i"]),
)
def test_any_version_of_whatsapp_is_whatsapp(version, prefix, platform):
    user_agent = f"{prefix}WhatsApp/{'.'.join(map(str, version))}{platform}"

    assert classify(user_agent).channel == number("whatsapp")
