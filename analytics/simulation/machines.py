"""Agents of what follows links and is nobody, and belongs to no app."""

from __future__ import annotations

BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
    "+https://openai.com/gptbot)",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "python-requests/2.32.3",
    "curl/8.9.1",
    "Go-http-client/2.0",
)
PLAIN_CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/97.0.4692.71 Safari/537.36"
)
PLAIN_FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0"
"""Of a scanner that asks with HEAD. Nothing else gives it away."""
SCANNERS = (
    PLAIN_CHROME,
    "",
    "Barracuda Sentinel (EE)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
)
"""What reads mail before its reader does. The first poses as a browser, but for what every
browser sends along."""
MICROSOFT = "MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview"
"""Fetches for Teams and for Outlook alike, with HEAD first: a preview that reveals nothing."""
