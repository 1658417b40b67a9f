from .alerts import Alert, AlertQuerySet, Incident
from .duty import DutyMember, DutyOverride, DutyRota
from .escalations import Climb, ClimbStep, EscalationPolicy, PolicyOfRule
from .notices import Notice, NoticeRoad, NoticeSending, OutsideChannel, StaffBrowser
from .responses import Response, ResponseRun
from .rules import AlertRule, RuleVersion

__all__ = [
    "Alert",
    "AlertQuerySet",
    "AlertRule",
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
    "RuleVersion",
    "StaffBrowser",
]
