"""Small numbers: what is not shown, since it could single out one person.

Whoever opened a link that one message carried is somebody whom the sender knows. So what is
known of clicks is shown from ``FEW`` on, except to those who may see raw hits anyway.
"""

from __future__ import annotations

FEW = 3
OTHER = "other (few)"
"""What stands for all values that are not shown by themselves."""
UNKNOWN = "unknown"
