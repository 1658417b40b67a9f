"""How an alert comes to be: once per matter, within its account's one open incident, by the rule that says it is worth somebody's eyes."""

from datetime import datetime

from django.db import IntegrityError, transaction
from psycopg.types.json import Jsonb

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import AlertOpened

from .matters import Matter
from .models import Alert, AlertRule, Incident
from .types import RuleKind, RuleState

_LONGEST_TITLE = 200
# A matter may be resolved by somebody between "it is there" and "count it"; more often than this in a row it is not.
_TRIES = 5
# One statement however often the same is seen: a storm must cost next to nothing. What sleeps goes on sleeping.
_COUNT = """
update alerts_alert set seen = seen + 1, last_seen_at = greatest(last_seen_at, %(now)s), why = %(why)s,
    facts = case when %(facts)s::jsonb = '{}'::jsonb then facts else %(facts)s::jsonb end
where dedup_key = %(key)s and not (state = 'resolved')
returning *
"""


class _Raced(Exception):
    """Somebody else opened the alert at this moment."""


def open_alert(matter: Matter, *, actor: Actor, now: datetime, cause: Event | None = None) -> Alert | None:
    """Open the alert, or count the matter as seen again while it is unresolved. None where its rule is off.

    Whoever opens alerts of several accounts in one transaction does it in the order of the accounts' ids: each holds its account's incident.
    """
    for _ in range(_TRIES):
        if (seen := _counted(matter, now)) is not None:
            return seen
        try:
            return _opened(matter, actor, now, cause)
        except _Raced:
            continue
    raise RuntimeError(f"the alert {matter.key} was opened and resolved {_TRIES} times while this was trying to count it")


def _counted(matter: Matter, now: datetime) -> Alert | None:
    values = {"now": now, "why": Jsonb(matter.why), "facts": Jsonb(matter.facts), "key": matter.key}
    return next(iter(Alert.objects.raw(_COUNT, values)), None)


def _opened(matter: Matter, actor: Actor, now: datetime, cause: Event | None) -> Alert | None:
    with transaction.atomic():
        rule = rule_of(matter, now)
        if rule.state == RuleState.OFF:
            return None
        severity = matter.severity or rule.severity
        incident = incident_of(matter.account.pk, now=now) if matter.account is not None else None
        try:
            with transaction.atomic():
                alert = Alert.objects.create(
                    account=matter.account,
                    kind=matter.kind,
                    severity=severity,
                    title=matter.title[:_LONGEST_TITLE],
                    why=matter.why,
                    dedup_key=matter.key,
                    opened_at=now,
                    last_seen_at=now,
                    cause=cause,
                    rule=rule,
                    version=matter.version,
                    facts=matter.facts,
                    incident=incident,
                )
        except IntegrityError as error:
            # An incident that was opened for it goes with the transaction.
            raise _Raced from error
        opened = AlertOpened(account_id=alert.account_id, alert_id=alert.pk, severity=severity)
        events.publish(opened, actor=actor, now=now, cause=cause)
    return alert


def rule_of(matter: Matter, now: datetime) -> AlertRule:
    """The matter's rule. One that is not there yet is made: what the product itself raises is told whether or not somebody has prepared it."""
    rule, _ = AlertRule.objects.get_or_create(
        key=matter.rule,
        defaults={
            "name": matter.rule.replace("-", " ").capitalize(),
            "kind": RuleKind.NOTICE,
            "state": RuleState.LIVE,
            "created_at": now,
            "changed_at": now,
            **({"severity": matter.severity} if matter.severity else {}),
        },
    )
    return rule


def incident_of(account_id: int, *, now: datetime, former: int | None = None) -> Incident:
    """The account's one open incident, held until the transaction ends, so that it does not close under what comes to it.

    `former` is opened again where none is open.
    """
    held = Incident.objects.select_for_update(no_key=True).filter(account=account_id, closed_at__isnull=True)
    for _ in range(_TRIES):
        if (found := held.first()) is not None:
            return found
        try:
            with transaction.atomic():
                if former is None or not Incident.objects.filter(pk=former).update(closed_at=None):
                    return Incident.objects.create(account_id=account_id, opened_at=now)
        except IntegrityError:
            continue
    raise RuntimeError(f"the incident of account {account_id} was opened and closed {_TRIES} times while this was trying to hold it")
