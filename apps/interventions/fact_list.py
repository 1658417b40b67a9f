"""Every fact that an audience, a branch or a goal may ask for: its name in words, unit and kind. How they are read: facts.py."""

from dataclasses import dataclass

from apps.accounts.types import Stage
from apps.churn.types import Band as RiskBand
from apps.health.types import Band as HealthBand
from apps.milestones.types import Pace


@dataclass(frozen=True)
class Fact:
    """`kind`: number, text or yes_no. `values`: all that it can be, where that is a closed list. `hourly`: passing hours change it, not only days."""

    name: str
    kind: str
    unit: str = ""
    values: tuple[str, ...] = ()
    hourly: bool = False


FACTS: dict[str, Fact] = {
    "stage": Fact("stage", "text", values=tuple(Stage.values)),
    "tier": Fact("tier", "text"),
    "segment": Fact("segment", "text"),
    "plan": Fact("plan", "text"),
    "arr": Fact("ARR", "number", "in its currency"),
    "age_days": Fact("age as a customer", "number", "days"),
    "renews_in_days": Fact("renewal is in", "number", "days"),
    "seats_used_percent": Fact("seats used", "number", "%"),
    "health": Fact("health", "number"),
    "health_band": Fact("health band", "text", values=tuple(HealthBand.values)),
    "health_fell": Fact("health fell in 28 days by", "number", "points"),
    "risk_percent": Fact("risk of leaving", "number", "%"),
    "risk_band": Fact("risk band", "text", values=tuple(RiskBand.values)),
    "top_reason": Fact("strongest reason for the risk", "text"),
    "days_since_use": Fact("last use", "number", "days ago"),
    "uses_7_days": Fact("activity in 7 days", "number", "events"),
    "use_percent": Fact("activity in 7 days against the usual week", "number", "%"),
    "core_events": Fact("moments of core value so far", "number"),
    "days_since_core": Fact("last moment of core value", "number", "days ago"),
    "milestones_reached": Fact("milestones reached", "number"),
    "days_since_milestone": Fact("latest milestone was reached", "number", "days ago"),
    "milestone_pace": Fact("slowest way to a milestone", "text", values=tuple(Pace.values), hourly=True),
    "stuck_days": Fact("stuck on a milestone for", "number", "days"),
    "open_tickets": Fact("open tickets", "number"),
    "urgent_hours": Fact("oldest open urgent ticket (P1, P2)", "number", "hours", hourly=True),
    "tickets_28_days": Fact("tickets in 28 days", "number"),
    "overdue_days": Fact("oldest unpaid invoice is overdue", "number", "days"),
    "payment_failed": Fact("a payment failed and is not made good", "yes_no"),
    "last_nps": Fact("latest NPS answer (half a year)", "number"),
    "nps_days": Fact("latest NPS answer was given", "number", "days ago"),
    "sponsor_left_days": Fact("a sponsor or champion left", "number", "days ago"),
    "sponsors": Fact("sponsors and champions present", "number"),
    "two_way_days": Fact("last words exchanged", "number", "days ago"),
    "contacts": Fact("people known there", "number"),
    "left_days": Fact("left", "number", "days ago"),
}

# Known only of a run, so only to branches.
RUN_FACTS: dict[str, Fact] = {
    "run.replied": Fact("they replied in this run", "yes_no"),
    "run.reply": Fact("words of their reply", "text"),
    "run.reason": Fact("reason that opened the door", "text"),
    "run.goal_met": Fact("the goal is met", "yes_no"),
    "run.sent": Fact("messages of this run that left", "number"),
    "run.read": Fact("messages of this run that were read", "number"),
    "run.task_outcome": Fact("outcome of this run's latest task", "text"),
    "run.held_up": Fact("messages of this run that could not leave", "number"),
}
