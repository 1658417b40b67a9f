"""Rules that come with the product: what it watches from the first day, and its own notices."""

from datetime import datetime
from typing import Any

from apps.core.actor import Actor

from ..models import AlertRule
from ..types import RuleKind, RuleState, Severity
from . import writing

_ACTOR = Actor.job("alerts.shipped")
_INFO, _SOON, _NOW = Severity.INFO, Severity.WARNING, Severity.URGENT

# (key, name, why, severity, definition)
WATCHED: tuple[tuple[str, str, str, Severity, dict[str, Any]], ...] = (
    (
        *("health-drop", "Health fell by 15 in a week", "A fast fall says more than a low score.", _SOON),
        {"kind": "threshold", "figure": "health", "way": "below", "limit": -15, "over_days": 7, "release": -8, "cooldown_days": 14},
    ),
    (
        *("health-poor", "Health became poor", "Poor health is a customer to call.", _SOON),
        {"kind": "band", "figure": "health_band", "into": ["poor"], "cooldown_days": 14},
    ),
    (
        *("usage-down", "Usage down by half", "Against its own last eight weeks, same weekday.", _SOON),
        {
            **{"kind": "baseline", "figure": "usage", "way": "below", "score": 3.5, "change": 0.5, "least": 20},
            **{"by": "weekday", "weeks": 8, "cooldown_days": 14},
        },
    ),
    (
        *("sponsor-silent", "Sponsor silent for 30 days", "Nobody who decides has spoken with us for a month.", _SOON),
        {"kind": "absence", "figure": "sponsor_silent_days", "days": 30},
    ),
    (
        *("sponsor-left", "Sponsor left", "Whoever follows does not know us yet.", _NOW),
        {"kind": "threshold", "figure": "sponsors_left", "way": "above", "limit": 1, "cooldown_days": 14},
    ),
    (
        *("p1-open", "P1 ticket open for 48 hours", "Their work stands still.", _NOW),
        {"kind": "threshold", "figure": "p1_hours", "way": "above", "limit": 48, "cooldown_days": 1},
    ),
    (
        *("sla-breached", "Answer later than promised", "A promise of the service level is broken.", _SOON),
        {"kind": "threshold", "figure": "late_answers", "way": "above", "limit": 1, "cooldown_days": 3},
    ),
    (
        *("invoice-overdue-30", "Invoice overdue by 30 days", "Who pays late often leaves.", _SOON),
        {"kind": "absence", "figure": "overdue_days", "days": 30},
    ),
    (
        *("invoice-overdue-60", "Invoice overdue by 60 days", "Two months unpaid: the contract itself is in question.", _NOW),
        {"kind": "absence", "figure": "overdue_days", "days": 60},
    ),
    (
        *("detractor", "NPS answer of 6 or less", "Somebody there would not recommend us, and said so.", _SOON),
        {"kind": "threshold", "figure": "detractors", "way": "above", "limit": 1},
    ),
    (
        *("renewal-180", "Renewal in 180 days without a plan", "Time enough to shape it.", _INFO),
        {"kind": "threshold", "figure": "unplanned_renewal_days", "way": "below", "limit": 180, "cooldown_days": 60},
    ),
    (
        *("renewal-90", "Renewal in 90 days without a plan", "Its success manager has not said what they expect.", _SOON),
        {"kind": "threshold", "figure": "unplanned_renewal_days", "way": "below", "limit": 90, "cooldown_days": 60},
    ),
    (
        *("renewal-30", "Renewal in 30 days without a plan", "A month left, and nobody has said anything of it.", _NOW),
        {"kind": "threshold", "figure": "unplanned_renewal_days", "way": "below", "limit": 30, "cooldown_days": 60},
    ),
    (
        *("red-ahead", "Health will be poor within 14 days", "At the slope of the last four weeks.", _SOON),
        {"kind": "forecast", "figure": "health", "way": "below", "limit": 50, "within_days": 14},
    ),
    (
        *("complaints", "One mail in a thousand is called spam", "Mail services begin to block at that rate.", _NOW),
        {"kind": "threshold", "of": "house", "figure": "complaint_share", "way": "above", "limit": 0.001, "release": 0.0006},
    ),
    (
        *("no-activity", "No activity came in for a day", "A source is silent; every figure on usage stands still.", _NOW),
        {"kind": "absence", "of": "house", "figure": "days_without_activity", "days": 1},
    ),
)

# What the product raises by itself when it happens; the key is the kind of its matters.
NOTICES: tuple[tuple[str, str, str, Severity], ...] = (
    ("risk", "Risk became high", "The churn model, or the weighted rule, expects the customer to leave.", _SOON),
    ("milestone", "Milestone behind or stuck", "Most of its cohort were there by now.", _SOON),
    ("unknown-message", "Unclear whether a message arrived", "A person decides: sent again it could arrive twice.", _SOON),
    ("broken-model", "A churn model is broken", "The weighted rule scores in its place.", _NOW),
    ("doubted-model", "The data or the truth moved away from a model", "Model drift: a training was asked for.", _SOON),
    ("failed-training", "A churn model could not be trained", "What scored before grows old.", _SOON),
    ("webhook", "A webhook was switched off", "Its receiver does not answer.", _SOON),
    ("provider", "A provider of messages is ill", "It does not take messages, is mistrusted or silent.", _NOW),
    ("stuck-play", "Runs of a play do not move", "They should have moved and did not.", _NOW),
    ("system", "Part of the platform has stopped", "Worker, clock, queue, job or store: nothing is lost, and nothing moves.", _NOW),
    ("missing-day", "A day of data is missing", "What is not known is not nought: rules on it wait.", _SOON),
)


def ensure(*, now: datetime) -> list[str]:
    """Create the rules that are missing, live; staff's own edits stay. Returns the keys created."""
    held = set(AlertRule.objects.values_list("key", flat=True))
    made = []
    for key, name, why, severity in NOTICES:
        if key not in held:
            AlertRule.objects.create(
                **{"key": key, "name": name, "why": why, "severity": severity, "kind": RuleKind.NOTICE},
                **{"state": RuleState.LIVE, "live_at": now, "created_at": now, "changed_at": now},
            )
            made.append(key)
    for key, name, why, severity, says in WATCHED:
        if key not in held:
            rule = writing.create(key=key, name=name, why=why, severity=severity, says=says, note="Shipped.", by=None, actor=_ACTOR, now=now)
            writing.turn(rule, RuleState.LIVE, actor=_ACTOR, now=now)
            made.append(key)
    return made
