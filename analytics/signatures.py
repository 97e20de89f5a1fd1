"""How apps, fetchers and scanners make themselves known: the rules of ``classify`` as data.

In every table the first row that matches wins, so a row stands above those whose words it
also contains. Preview fetchers stand in ``shortener.previewers``, since the edge has to know
them too. A rule id is stored with every hit: add ids, never give one a new meaning, and
raise ``VERSION`` with every change so that history can be classified again.
"""

from __future__ import annotations

import is_bot

from shortener.previewers import rows

VERSION = f"2+isbot-{is_bot.__version__}"

# They load a page before anyone has tapped on it, from inside the app's own browser.
PRELOADERS = rows("prefetch", ("tiktok", "tiktok", r"thirdLandingPageFeInfra"))

# Read only in agents that start like a browser's, and in the app's own case: "Line/" would
# otherwise be found in any word that ends with it.
IN_APP = rows(
    "in-app",
    ("whatsapp", "whatsapp", r"\bWA4A/|\[WAiOS/|\bWhatsApp/\d"),
    ("telegram", "telegram", r"\bTelegram-Android/"),
    ("threads", "threads", r"\bBarcelona \d|\bMetaIAB Threads"),
    ("instagram", "instagram", r"\bInstagram \d|\bMetaIAB Instagram"),
    # Above Facebook, whose tokens Messenger carries as well.
    (
        "messenger",
        "messenger",
        r"\bFBAN/Messenger|\bFB_IAB/(?:Orca|MESSENGER)|\bMetaIAB Messenger",
    ),
    ("facebook", "facebook", r"\bFBAN/|\bFB_IAB/|\bFBAV/|\bMetaIAB\b"),
    ("wechat", "wechat", r"MicroMessenger/"),
    ("dingtalk", "dingtalk", r"\bDingTalk/"),
    ("line", "line", r"\bLine/\d"),
    ("kakaotalk", "kakaotalk", r"\bKAKAOTALK[ /]\d"),
    # iOS glues it to what stands before: "Safari/537.36Snapchat11.83".
    ("snapchat", "snapchat", r"Snapchat[/ ]?\d"),
    ("tiktok", "tiktok", r"musical_ly_|\btrill_|\bBytedanceWebview/"),
    ("linkedin", "linkedin", r"\bLinkedInApp\b"),
    ("pinterest", "pinterest", r"\[Pinterest/"),
    ("x", "x", r"\bTwitter for i|\bTwitterAndroid"),
    ("viber", "viber", r"\bViber/\d"),
    ("discord", "discord", r"\bdiscord/\d"),
    ("slack", "slack", r"\bSlack/\d|\bSlack_SSB/"),
    ("teams", "teams", r"\bTeams/\d"),
    ("outlook", "email", r"\bOneOutlook/"),
    # Links of Gmail and Discover open in it as well, so it says who but not where.
    ("google", "", r"\bGSA/\d"),
)

SCANNERS = rows(
    "scanner",
    ("barracuda", "", r"\bBarracuda"),
    ("proofpoint", "", r"\bProofpoint"),
    ("mimecast", "", r"\bMimecast"),
    ("mail-images", "", r"\bGoogleImageProxy|\bYahooMailProxy"),
    # Office asks what a link is before it hands it to the browser.
    (
        "office",
        "",
        r"\bms-office; MSOf|\bMicrosoft O(?:utlook \d|ffice/\d)|^MacOutlook/"
        r"|^Outlook-(?:Express|iOS)/"
        r"|\(Macintosh; Intel Mac OS X\) (?:Word|Excel|PowerPoint|Outlook)/",
    ),
)

# What isbot's list does not know, or not in this form.
BOTS = rows(
    "bot",
    # Fetched for a model, which says nothing about sharing.
    ("meta-ai", "", r"\bmeta-(?:external(?:agent|fetcher|ads)|webindexer)/"),
    ("assistants", "", r"\bclaude-web\b|\bAmzn-User/|^amazon-kendra"),
    (
        "monitors",
        "",
        r"^CopperEgg/|^kube-probe/|\bSiteGuardian/|\bNodemeter\b|\bDebugBear\b|\bGTmetrix\b"
        r"|\bWhatWeb/|\bSiege/\d|\bYLT Chrome/|\bAssetnote/|\bSEOlizer/|\bLinkExaminer/"
        r"|\bFirefox/[\d.]+ Observatory/|\bAlibaba\.Security\b|\bAutomaticWPTester/",
    ),
    (
        "pictures",
        "",
        r"\bwkhtmlto(?:image|pdf)\b|\b(?:Websnapr|Webthumb|SnapSearch|Miniature\.io)\b"
        r"|\bwebscreenie\b|\bscreenshot-generator\b|\bHomepageScreenshot\b"
        r"|\b(?:imgsizer|wpif) Safari/",
    ),
    (
        "crawlers",
        "",
        r"\bevc-batch/|\bgrub-client-|\bMemGator\b|\bUnshorten\.It\b|\bOwler/|\bhtdig/"
        r"|\bStackRambler/|\bseocompany/|\bMapperCmd/|\bEmail Extractor\b|\bWebMon \d"
        r"|\bPage Valet/"
        r"|\bBingLocalSearch\b|\bYandex\.Translate\b|\bKimonoLabs/|\bdotMailer content\b"
        r"|\bCerberian Drtrs\b|\bWP Rocket/|\blink-resolver\b| at \w+ dot com\b",
    ),
    (
        "libraries",
        "",
        r"^(?:Dart|Gradle|docker|kubectl|ureq|twine|nyawc|ReactorNetty|GitLab|Mikrotik|NetworkingExtension)/"
        r"|\bZombie\.js/|\bMS Web Services Client Protocol\b|\bFetch API Request\b",
    ),
)

# What isbot's list takes for a bot, and is none: phones that are called "Discovery" or "B BOT",
# televisions with "Google" or "Catcher" in their names, old phones that tell of Java and HTTP.
BROWSERS = rows(
    "browser",
    # Nothing stands behind it, and a bot has nowhere to name itself but in the phone's name.
    (
        "android",
        "",
        r"^Mozilla/5\.0 \(Linux; (?:U; |arm_64; )?Android [\d.]+; (?:[a-z]{2}[-_][a-z]{2}; ?)?"
        r"[^;:()@]+(?:;? Build/[^;:()@]+)?(?:; wv)?\) AppleWebKit/[\d.+]+ \(KHTML, like Gecko\) "
        r"(?:Version/[\d.]+ )?(?:Chrome/[\d.]+ )?(?:Mobile )?Safari/[\d.]+$",
    ),
    # Crawlers that pose as such a phone name an address.
    ("old-phone", "", r"^[^@+]*\b(?:MIDP-\d|MAUI\b)[^@+]*$"),
    ("uc", "", r"\bUCBrowser\b"),
    ("sogou", "", r"\bSogouMobileBrowser/"),
    ("television", "", r"\bHbbTV/|\bGoogleTV\b|\bWebAppManager\b|\bOMI/\d|\bVIDAA/"),
    ("chrome-frame", "", r"\bMSIE .*; chromeframe/"),
)

_ANDROID_APPS = {
    "whatsapp": "com.whatsapp com.whatsapp.w4b",
    "telegram": "org.telegram.messenger org.telegram.messenger.web org.telegram.plus"
    " org.thunderdog.challegram",
    "signal": "org.thoughtcrime.securesms",
    "messenger": "com.facebook.orca com.facebook.mlite",
    "email": "com.google.android.gm com.microsoft.office.outlook"
    " com.yahoo.mobile.client.android.mail com.samsung.android.email.provider"
    " ch.protonmail.android",
    "sms": "com.samsung.android.messaging com.textra",
    "google-messages": "com.google.android.apps.messaging",
    "line": "jp.naver.line.android",
    "viber": "com.viber.voip",
    "threema": "ch.threema.app",
    "teams": "com.microsoft.teams",
    "slack": "com.slack",
    "discord": "com.discord",
    "kakaotalk": "com.kakao.talk",
    "wechat": "com.tencent.mm com.tencent.wework",
    "snapchat": "com.snapchat.android",
    "mattermost": "com.mattermost.rn",
    "matrix": "im.vector.app io.element.android.x",
    "dingtalk": "com.alibaba.android.rimet",
    "keybase": "io.keybase.ossifrage",
    "facebook": "com.facebook.katana com.facebook.lite",
    "instagram": "com.instagram.android com.instagram.lite",
    "threads": "com.instagram.barcelona",
    "x": "com.twitter.android",
    "linkedin": "com.linkedin.android",
    "reddit": "com.reddit.frontpage",
    "bluesky": "xyz.blueskyweb.app",
    "pinterest": "com.pinterest",
    "tiktok": "com.zhiliaoapp.musically com.ss.android.ugc.trill",
    "mastodon": "org.joinmastodon.android",
    "vk": "com.vkontakte.android",
}

# A host stands for its subdomains too.
_WEB_HOSTS = {
    "whatsapp": "web.whatsapp.com l.wl.co",
    "telegram": "t.me web.telegram.org weba.telegram.org webk.telegram.org webz.telegram.org",
    "messenger": "messenger.com",
    "email": "mail.google.com outlook.live.com outlook.office.com outlook.office365.com"
    " deref-gmx.net deref-mail.com mail.yahoo.com mail.proton.me"
    # The gateways that mail programs send a click through.
    " safelinks.protection.outlook.com linkprotect.cudasvc.com urldefense.com"
    " urldefense.proofpoint.com url.emailprotection.link mimecast.com secure-web.cisco.com",
    "google-messages": "messages.google.com",
    "line": "line.me",
    "teams": "teams.microsoft.com teams.live.com statics.teams.cdn.office.net",
    "slack": "app.slack.com",
    "discord": "discord.com discordapp.com",
    "snapchat": "snapchat.com",
    "matrix": "app.element.io",
    "facebook": "facebook.com",
    "instagram": "instagram.com",
    "threads": "threads.net threads.com",
    "x": "t.co x.com twitter.com",
    "linkedin": "linkedin.com lnkd.in",
    "reddit": "reddit.com",
    "bluesky": "bsky.app",
    "pinterest": "pinterest.com pin.it",
    "tiktok": "tiktok.com",
    "mastodon": "mastodon.social",
    "vk": "vk.com",
}


def _channel_by_name(table: dict[str, str]) -> dict[str, str]:
    return {name: channel for channel, names in table.items() for name in names.split()}


PACKAGES = _channel_by_name(_ANDROID_APPS)
"""Android package to channel: what a WebView says in ``X-Requested-With``."""

# Chrome on Android names the app that opened it: android-app://org.telegram.messenger/.
REFERRERS = PACKAGES | _channel_by_name(_WEB_HOSTS)
"""Referring host, lower-cased, to channel."""
