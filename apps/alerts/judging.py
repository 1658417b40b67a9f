"""Was this useful? What people say of alerts, and what it does to rules that nobody finds useful."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import User
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import AlertJudged, AlertRuleTold

from .lifecycle import note
from .models import Alert, AlertRule, RuleTold
from .precision import NOTHING, Precision, of_rules
from .types import Deed

_DEEDS = {True: Deed.USEFUL, False: Deed.NOT_USEFUL, None: Deed.UNJUDGED}
ITSELF = Actor.job("alerts.quieten")


def judge(alert: Alert, *, useful: bool | None, by: User | None, actor: Actor, now: datetime) -> None:
    """Somebody says whether it was useful; None takes it back. The last word counts. A rule that is noise by then falls to digest."""
    # Said again, it changes nothing; `exclude(useful=...)` would keep out those of which nobody has said anything.
    other = Q(useful__isnull=False) if useful is None else Q(useful__isnull=True) | Q(useful=not useful)
    with transaction.atomic():
        said = None if useful is None else now
        changed = Alert.objects.filter(other, pk=alert.pk).update(useful=useful, useful_at=said, useful_by=by if said else None)
        if not changed:
            raise Refused("judged_so_already", f"That is what is said of “{alert.title}” already.")
        note(alert, _DEEDS[useful], actor, now)
        events.publish(AlertJudged(account_id=alert.account_id, alert_id=alert.pk, useful=useful), actor=actor, now=now)
        if useful is False and alert.rule_id is not None:
            quieten(alert.rule_id, now=now)


def quieten(rule_id: int, *, now: datetime) -> bool:
    """Let the rule fall to digest where fewer than 20 % of at least 10 judged alerts were useful. True where it fell now."""
    known = of_rules([rule_id], now=now, since_lifted=True).get(rule_id, NOTHING)
    return known.noisy and _turn(rule_id, digest=True, actor=ITSELF, now=now, known=known)


def tell_in_digest(rule: AlertRule, *, digest: bool, actor: Actor, now: datetime) -> None:
    """A person lets a rule fall to digest, or lifts it again; from then on it is judged anew."""
    with transaction.atomic():
        if not _turn(rule.pk, digest=digest, actor=actor, now=now, known=None):
            raise Refused("told_so_already", f"“{rule.name}” is told {'in a digest' if digest else 'at once'} already.")


def _turn(rule_id: int, *, digest: bool, actor: Actor, now: datetime, known: Precision | None) -> bool:
    by_itself, right, judged = known is not None, known.right if known else None, known.judged if known else None
    with transaction.atomic():
        if not AlertRule.objects.filter(pk=rule_id, digest=not digest).update(digest=digest, changed_at=now):
            return False
        RuleTold.objects.create(rule_id=rule_id, at=now, digest=digest, by_itself=by_itself, right=right, judged=judged, actor=str(actor))
        told = AlertRuleTold(rule_id=rule_id, digest=digest, by_itself=by_itself, right=right, judged=judged)
        events.publish(told, actor=actor, now=now)
    return True
