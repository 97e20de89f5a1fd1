"""The tables: facts, what shares came to, the rollups that reports read."""

from analytics.models.alerts import AlertLook, AlertMail, AlertSubscription, Rise
from analytics.models.erasures import Erased
from analytics.models.exports import Export
from analytics.models.facts import (
    Agent,
    Batch,
    Conversion,
    Hit,
    Quarantine,
    Share,
    Visit,
)
from analytics.models.imports import BroughtAlong
from analytics.models.outcomes import (
    Cascade,
    Outcome,
)
from analytics.models.rollups import (
    Audience,
    Counts,
    DailyAudience,
    DailyContent,
    DailyDelay,
    DailyForward,
    DailyLedger,
    DailyOutcome,
    DailySite,
    DailySiteAudience,
    DailySiteDelay,
    DailySiteOutcome,
    Delays,
    Outcomes,
)
from analytics.models.schedules import Delivery, Schedule, ScheduleRun
from analytics.models.working import (
    DailyVisitor,
    Pace,
    Unsettled,
)

__all__ = [
    "Agent",
    "AlertLook",
    "AlertMail",
    "AlertSubscription",
    "Audience",
    "Batch",
    "BroughtAlong",
    "Cascade",
    "Conversion",
    "Counts",
    "DailyAudience",
    "DailyContent",
    "DailyDelay",
    "DailyForward",
    "DailyLedger",
    "DailyOutcome",
    "DailySite",
    "DailySiteAudience",
    "DailySiteDelay",
    "DailySiteOutcome",
    "DailyVisitor",
    "Delays",
    "Delivery",
    "Erased",
    "Export",
    "Hit",
    "Outcome",
    "Outcomes",
    "Pace",
    "Quarantine",
    "Rise",
    "Schedule",
    "ScheduleRun",
    "Share",
    "Unsettled",
    "Visit",
]
