"""How messengers show a link's preview, as data: what the pictures in the admin are drawn from.

None of them promises anything. The numbers are what others have measured or the makers have
said, and each says where it is from; they go out of date with every new version of an app.
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEASURED = "ogtester.com/blog/what-is-maximum-length-of-og-title-and-og-description (2023)"
APPLE = "Apple, Technical Note TN2444"
REPORTED = "tolinku.com/docs/user-guide/routes/og-and-social (2026)"
SEEN = "mysk.blog/2020/10/25/link-previews"


class Messenger(NamedTuple):
    """How one of them shows a preview. Lengths are in characters."""

    name: str
    label: str | Promise
    title: int
    """Where the title is cut; 0 where it is not known to be."""
    description: int | None
    """Where the description is cut; 0 where it is not known to be, None where none is shown."""
    shows: bool
    """Whether it shows a preview at all."""
    source: str


MESSENGERS = (
    Messenger("whatsapp", "WhatsApp", 81, 0, True, MEASURED),
    Messenger("telegram", "Telegram", 0, 1023, True, MEASURED),
    Messenger("signal", "Signal", 0, 0, True, MEASURED),
    Messenger("imessage", "iMessage", 0, None, True, APPLE),
    Messenger("slack", "Slack", 0, 0, True, MEASURED),
    Messenger("facebook", _("Facebook and Messenger"), 122, 0, True, MEASURED),
    Messenger("linkedin", "LinkedIn", 70, None, True, REPORTED),
    Messenger("email", _("Email"), 0, None, False, SEEN),
)
