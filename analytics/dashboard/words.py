"""What the admin's pages call things: columns, findings and lengths of time, in the reader's
language. Files and the API have the plain names."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from analytics.reports.small import OTHER, UNKNOWN

Words = str | Promise

COLUMNS: dict[str, Words] = {
    "amplification": gettext_lazy("Amplification"),
    "bots": gettext_lazy("Bots"),
    "breadth": gettext_lazy("Breadth"),
    "cancels": gettext_lazy("Cancels"),
    "cascade": gettext_lazy("Cascade"),
    "certainty": gettext_lazy("Certainty"),
    "channel": gettext_lazy("Channel"),
    "children": gettext_lazy("Shares that came of them"),
    "clicks": gettext_lazy("Clicks"),
    "conversion_rate": gettext_lazy("Conversion rate"),
    "conversions": gettext_lazy("Conversions"),
    "converted": gettext_lazy("Converted"),
    "daily_visitors": gettext_lazy("Daily visitors"),
    "dark": gettext_lazy("Dark"),
    "dark_visits": gettext_lazy("Dark visits"),
    "day": gettext_lazy("Day"),
    "declared": gettext_lazy("Button pressed"),
    "depth": gettext_lazy("Depth"),
    "destination": gettext_lazy("Destination"),
    "difference": gettext_lazy("Difference"),
    "direct": gettext_lazy("Short link itself"),
    "finding": gettext_lazy("Finding"),
    "flagged": gettext_lazy("Flagged"),
    "generation": gettext_lazy("Generation"),
    "half_life": gettext_lazy("Half-life"),
    "hour": gettext_lazy("Hour"),
    "ignored": gettext_lazy("Ignored"),
    "k": gettext_lazy("K-factor"),
    "link": gettext_lazy("Link"),
    "links": gettext_lazy("Links"),
    "observed": gettext_lazy("Seen in"),
    "of": pgettext_lazy("a part of the whole", "Of"),
    "offers": gettext_lazy("Offers"),
    "open_rate": gettext_lazy("Open rate"),
    "opened": gettext_lazy("Opened"),
    "parent": gettext_lazy("Parent"),
    "pass_on_rate": gettext_lazy("Pass-on rate"),
    "passed_on": gettext_lazy("Passed on"),
    "paste_rate": gettext_lazy("Paste rate"),
    "pasted": gettext_lazy("Pasted"),
    "percent": gettext_lazy("Percent"),
    "placement": gettext_lazy("Place"),
    "prefetches": gettext_lazy("Prefetches"),
    "pressed": gettext_lazy("Pressed"),
    "presses": gettext_lazy("Presses"),
    "previews": gettext_lazy("Previews"),
    "private": gettext_lazy("Private"),
    "public": gettext_lazy("Public"),
    "quarantined": gettext_lazy("Quarantined"),
    "ratio": gettext_lazy("Ratio"),
    "reach": gettext_lazy("Reach"),
    "received": gettext_lazy("Received"),
    "scanners": gettext_lazy("Scanners"),
    "seen_in": gettext_lazy("Also seen in"),
    "share": gettext_lazy("Share"),
    "shares": gettext_lazy("Shares"),
    "start": gettext_lazy("Start"),
    "structural_virality": gettext_lazy("Structural virality"),
    "tag": gettext_lazy("Tag"),
    "time_to_open": gettext_lazy("Time to open"),
    "time_to_paste": gettext_lazy("Time to paste"),
    "title": gettext_lazy("Content"),
    "value": gettext_lazy("Value"),
    "visits": gettext_lazy("Visits"),
    "weekday": gettext_lazy("Weekday"),
}

SPOKEN: dict[str, Words] = {
    "private": gettext_lazy("private"),
    "public": gettext_lazy("public"),
    "direct": gettext_lazy("short link itself"),
    "unseen": gettext_lazy("unseen"),
    "confirmed": gettext_lazy("confirmed"),
    "revealed": gettext_lazy("revealed"),
    "elsewhere": gettext_lazy("seen elsewhere"),
    "measured": gettext_lazy("measured"),
    "estimated": gettext_lazy("estimated"),
    "exact": gettext_lazy("exact"),
    "at least": gettext_lazy("at least"),
    "at most": gettext_lazy("at most"),
    "Monday": gettext_lazy("Monday"),
    "Tuesday": gettext_lazy("Tuesday"),
    "Wednesday": gettext_lazy("Wednesday"),
    "Thursday": gettext_lazy("Thursday"),
    "Friday": gettext_lazy("Friday"),
    "Saturday": gettext_lazy("Saturday"),
    "Sunday": gettext_lazy("Sunday"),
    OTHER: gettext_lazy("other (few)"),
    UNKNOWN: gettext_lazy("unknown"),
}
"""Words that reports say, which are no names of anything."""


def duration(seconds: float) -> str:
    """Return a length of time in the unit that fits."""
    days, hours, minutes = (round(seconds / length) for length in (86_400, 3_600, 60))
    if seconds >= 2 * 86_400:
        return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}
    if seconds >= 2 * 3_600:
        return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours}
    if seconds >= 2 * 60:
        return ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
    return _("%(number)s s") % {"number": round(max(seconds, 0.0))}
