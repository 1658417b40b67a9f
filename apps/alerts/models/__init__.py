from .alerts import Alert, AlertQuerySet, Incident
from .rules import AlertRule, RuleVersion

__all__ = ["Alert", "AlertQuerySet", "AlertRule", "Incident", "RuleVersion"]
