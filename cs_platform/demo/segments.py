"""The demo company's segments: who belongs together by value, use, trouble and chance."""

from datetime import datetime
from typing import Any

from apps.accounts.models import Account
from apps.campaigns import services
from apps.core.actor import Actor

ACTOR = Actor.job("demo_world")
_THERE = {"kind": "field", "name": "stage", "op": "is_not", "value": "churned"}
_SEGMENTS: tuple[dict[str, Any], ...] = (
    {
        "key": "customers",
        "name": "Customers",
        "why": "Everybody who is still there; others build on it.",
        "rule": _THERE,
    },
    {
        "key": "large",
        "name": "Large customers",
        "why": "Invited in person, never by a mass mail.",
        "rule": {"all": [{"kind": "in", "segment": "customers"}, {"kind": "field", "name": "arr", "op": "at_least", "value": 12_000}]},
    },
    {
        "key": "silent",
        "name": "Gone quiet",
        "why": "Nothing in the product for ten days; they leave the segment with the first act.",
        "rule": {"all": [{"kind": "in", "segment": "customers"}, {"kind": "last", "op": "at_least", "days": 10}]},
    },
    {
        "key": "poor-health",
        "name": "In poor health",
        "why": "In below 40, out above 55, and at least a week in between: nobody goes in and out every day.",
        "rule": {"all": [{"kind": "in", "segment": "customers"}, {"kind": "health", "op": "under", "value": 40}]},
        "leaves": {"kind": "health", "op": "over", "value": 55},
        "stay_days": 7,
    },
    {
        "key": "renews-soon",
        "name": "Renews within 60 days, at risk",
        "why": "The talk before the talk.",
        "rule": {
            "all": [
                {"kind": "renewal", "op": "at_most", "days": 60},
                {"kind": "renewal", "op": "at_least", "days": 0},
                {"any": [{"kind": "risk", "band": "high"}, {"kind": "risk", "band": "medium"}]},
            ]
        },
    },
    {
        "key": "ready-to-grow",
        "name": "Ready to grow",
        "why": "Nearly all seats in use, well, and no ticket open: the moment to speak of more.",
        "rule": {
            "all": [
                {"kind": "field", "name": "seats_used_percent", "op": "at_least", "value": 80},
                {"kind": "health", "band": "good"},
                {"none": [{"kind": "ticket"}, {"kind": "in", "segment": "renews-soon"}]},
            ]
        },
    },
    {
        "key": "report-then-export",
        "name": "Works with reports",
        "why": "Looked at a report and exported within two days of it, lately.",
        "rule": {"kind": "sequence", "first": "report.viewed", "then": "export.run", "within_days": 2, "lately_days": 30},
    },
    {
        "key": "pilot",
        "name": "Pilot group",
        "why": "Asked for by hand, and one in ten of the others by lot.",
        "rule": {"any": [{"kind": "listed"}, {"all": [{"kind": "in", "segment": "customers"}, {"kind": "bucket", "salt": "pilot", "to": 10}]}]},
    },
)


def write(*, now: datetime) -> int:
    """Put them live and look at everybody; returns how many there are."""
    for said in _SEGMENTS:
        made = services.segments.create(**said, actor=ACTOR, now=now)
        if said["key"] == "pilot":
            asked = Account.objects.exclude(stage="churned").order_by("pk").values_list("pk", flat=True)[:5]
            services.segments.list_accounts(made, add=asked, actor=ACTOR, now=now)
        services.segments.go_live(made, actor=ACTOR, now=now)
    while services.segments.fill(now=now, actor=ACTOR):
        pass
    return len(_SEGMENTS)
