from .alerts import Alert, AlertQuerySet, Incident
from .rules import AlertRule, RuleVersion
from .story import AlertMoment, RuleTold
from .subscriptions import AlertSubscription

__all__ = ["Alert", "AlertMoment", "AlertQuerySet", "AlertRule", "AlertSubscription", "Incident", "RuleTold", "RuleVersion"]
