from .alerts import Alert, AlertQuerySet, Incident
from .rules import AlertRule, RuleDay, RuleTrial, RuleVersion, Watched, WatchMark

__all__ = ["Alert", "AlertQuerySet", "AlertRule", "Incident", "RuleDay", "RuleTrial", "RuleVersion", "WatchMark", "Watched"]
