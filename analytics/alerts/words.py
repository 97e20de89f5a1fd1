"""What is said of a rise, in the reader's language and time zone."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.alerts.course import Course
from analytics.alerts.rules import Measure
from analytics.dashboard.tables import number
from analytics.models import Rise


def subject(rise: Rise) -> str:
    """Return the one line that says it all."""
    title = " ".join(rise.link.title.split())
    return _("“%(title)s” begins to travel") % {"title": title}


def sentence(rise: Rise) -> str:
    """Say what was found, and what was to be expected."""
    if rise.measure == Measure.K:
        words = ngettext(
            "%(count)s share came of the latest %(shares)s so far.",
            "%(count)s shares came of the latest %(shares)s so far.",
            rise.count,
        )
    else:
        words = ngettext(
            "%(count)s click on its shares within an hour.",
            "%(count)s clicks on its shares within an hour.",
            rise.count,
        )
    found = words % {"count": number(rise.count), "shares": number(rise.shares or 0)}
    return f"{found} {_expected(round(rise.usual))}"


def _expected(usual: int) -> str:
    if not usual:
        return _("Hardly any were to be expected.")
    words = ngettext(
        "About %(usual)s was to be expected.", "About %(usual)s were to be expected.", usual
    )
    return words % {"usual": number(usual)}


def described(course: Course) -> str:
    """Say what the picture of a rise shows, for those who do not see it."""
    latest, clicks, usual = course.hours[-1]
    return _(
        "Clicks by the hour within the last %(hours)s hours: %(clicks)s in the hour from "
        "%(time)s, where %(usual)s were usual at this time of day; at most %(most)s."
    ) % {
        "hours": len(course.clicks),
        "clicks": number(clicks),
        "time": date_format(timezone.localtime(latest), "TIME_FORMAT"),
        "usual": number(round(usual)),
        "most": number(max(course.clicks)),
    }
