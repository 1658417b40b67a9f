from .alerts import Alert, AlertQuerySet, Incident
from .rules import AlertRule, RuleDay, RuleTrial, RuleVersion, Watched, WatchMark
from .story import AlertMoment, RuleTold
from .subscriptions import AlertSubscription

__all__ = [
    "Alert",
    "AlertMoment",
    "AlertQuerySet",
    "AlertRule",
    "AlertSubscription",
    "Incident",
    "RuleDay",
    "RuleTold",
    "RuleTrial",
    "RuleVersion",
    "WatchMark",
    "Watched",
]
