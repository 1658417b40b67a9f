from .alerts import Alert, AlertQuerySet, Incident
from .duty import DutyMember, DutyOverride, DutyRota
from .escalations import Climb, ClimbStep, EscalationPolicy, PolicyOfRule
from .notices import Notice, NoticeRoad, NoticeSending, OutsideChannel, StaffBrowser
from .responses import Response, ResponseRun
from .rules import AlertRule, RuleDay, RuleTrial, RuleVersion, Watched, WatchMark
from .story import AlertMoment, RuleTold
from .subscriptions import AlertSubscription

__all__ = [
    "Alert",
    "AlertMoment",
    "AlertQuerySet",
    "AlertRule",
    "AlertSubscription",
    "Climb",
    "ClimbStep",
    "DutyMember",
    "DutyOverride",
    "DutyRota",
    "EscalationPolicy",
    "Incident",
    "Notice",
    "NoticeRoad",
    "NoticeSending",
    "OutsideChannel",
    "PolicyOfRule",
    "Response",
    "ResponseRun",
    "RuleDay",
    "RuleTold",
    "RuleTrial",
    "RuleVersion",
    "StaffBrowser",
    "WatchMark",
    "Watched",
]
