"""Rules as staff write them: versions that are never edited, and the state that they are turned to."""

import re
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit
from apps.events import services as events
from apps.events.vocabulary import AlertRuleChanged

from ..models import Alert, AlertRule, RuleDay, RuleVersion, Watched
from ..types import AlertState, RuleKind, RuleState, Severity
from . import reading, tuning
from .definition import Baseline, Definition, Flaws, plain, read

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_TURNS = {RuleState.DRAFT: {RuleState.LIVE, RuleState.OFF}, RuleState.LIVE: {RuleState.OFF}, RuleState.OFF: {RuleState.LIVE}}


def checked(says: Any) -> Definition:
    """The definition, held against the figures, bands and segments that there are. Raises Flaws."""
    definition = read(says)
    reading.check(definition)
    return definition


def create(
    *, key: str, name: str, says: Any, why: str = "", severity: str = Severity.WARNING, note: str = "", by: User | None, actor: Actor, now: datetime
) -> AlertRule:
    """A draft with its first version. Raises Flaws."""
    definition = checked(says)
    if not _KEY.fullmatch(key):
        raise Flaws([("key", "Lower-case letters, digits and -, at most 60.")])
    if not name.strip():
        raise Flaws([("name", "It needs a name.")])
    with transaction.atomic():
        rule, fresh = AlertRule.objects.get_or_create(
            key=key,
            defaults={
                "name": name[:120],
                "why": why[:250],
                "kind": definition.kind,
                "severity": Severity(severity),
                "created_at": now,
                "changed_at": now,
            },
        )
        if not fresh:
            raise Refused("rule_exists", f"There is a rule {key!r} already.")
        rule.current = RuleVersion.objects.create(rule=rule, number=1, says=plain(definition), note=note[:250], written_by=by, written_at=now)
        rule.save(update_fields=["current"])
        _announce(rule, "made", actor, now)
    return rule


def save_version(rule: AlertRule, *, says: Any, note: str = "", by: User | None, actor: Actor, now: datetime) -> RuleVersion:
    """The next version; the same words again make none. A live rule goes on with what it remembers. Raises Flaws."""
    definition = checked(says)
    if rule.kind == RuleKind.NOTICE:
        raise Refused("rule_is_a_notice", f"“{rule.name}” is raised by the product itself; only its severity and state can be changed.")
    with transaction.atomic():
        row = AlertRule.objects.select_for_update(of=("self",)).select_related("current").get(pk=rule.pk)
        if row.current is not None and row.current.says == plain(definition):
            return row.current
        before = read(row.current.says) if row.current is not None else None
        number = (row.current.number if row.current else 0) + 1
        row.current = RuleVersion.objects.create(rule=row, number=number, says=plain(definition), note=note[:250], written_by=by, written_at=now)
        row.kind, row.changed_at = definition.kind, now
        # What it learned of its alerts was learned of another rule.
        row.score = row.tuned_at = None
        row.save(update_fields=["current", "kind", "changed_at", "score", "tuned_at"])
        if before is None or _pattern_of(before) != _pattern_of(definition):
            Watched.objects.filter(rule=row).update(pattern=None)
        _announce(row, f"version {number}", actor, now)
    rule.current, rule.kind, rule.score, rule.tuned_at = row.current, row.kind, None, None
    return row.current


def describe(rule: AlertRule, *, name: str, why: str, severity: str, actor: Actor, now: datetime) -> None:
    """What it is called and for, how loud it is; none of this makes a version."""
    if not name.strip():
        raise Flaws([("name", "It needs a name.")])
    said = {"name": name[:120], "why": why[:250], "severity": Severity(severity)}
    with transaction.atomic():
        if AlertRule.objects.filter(pk=rule.pk).exclude(**said).update(**said, changed_at=now):
            _announce(rule, "described", actor, now)
    for field, value in said.items():
        setattr(rule, field, value)


def turn(rule: AlertRule, state: str, *, actor: Actor, now: datetime) -> None:
    """Live: it is watched from now on, and what holds already is no news. Off: it forgets, and its alerts stay with whoever has them."""
    with transaction.atomic():
        row = AlertRule.objects.select_for_update(of=("self",)).select_related("current").get(pk=rule.pk)
        if state not in _TURNS[RuleState(row.state)]:
            raise Refused("rule_cannot_turn", f"“{row.name}” is {row.get_state_display()}; it cannot become {RuleState(state).label} from there.")
        if state == RuleState.LIVE and row.kind != RuleKind.NOTICE:
            if row.current is None:
                raise Refused("rule_empty", f"“{row.name}” says nothing yet.")
            checked(row.current.says)
        if state == RuleState.LIVE:
            row.live_at = now
            after_commit("alerts.look")
        else:
            Watched.objects.filter(rule=row).delete()
            RuleDay.objects.filter(rule=row).delete()
        row.state, row.changed_at = RuleState(state), now
        row.save(update_fields=["state", "live_at", "changed_at"])
        _announce(row, f"became {state}", actor, now)
    rule.state, rule.live_at = row.state, row.live_at


def remove_draft(rule: AlertRule, *, actor: Actor, now: datetime) -> None:
    """Only what never raised an alert can go."""
    with transaction.atomic():
        if rule.state == RuleState.LIVE or Alert.objects.filter(rule=rule).exists() or rule.kind == RuleKind.NOTICE:
            raise Refused("rule_in_use", f"“{rule.name}” has alerts or is live: turn it off instead.")
        _announce(rule, "removed", actor, now)
        AlertRule.objects.filter(pk=rule.pk).update(current=None)
        AlertRule.objects.filter(pk=rule.pk).delete()


def open_alerts(rule: AlertRule) -> int:
    return Alert.objects.filter(rule=rule).exclude(state=AlertState.RESOLVED).count()


def tuned(rule: AlertRule, *, useful: bool, now: datetime) -> float | None:
    """One of its alerts was called useful or not: a rule that tunes itself moves its score. Returns the new one."""
    with transaction.atomic():
        row = AlertRule.objects.select_for_update(of=("self",)).select_related("current").get(pk=rule.pk)
        says = read(row.current.says) if row.current is not None else None
        if not isinstance(says, Baseline) or not says.tunes:
            return None
        row.score = tuning.moved(row.score or says.score, useful=useful)
        row.tuned_at = now
        row.save(update_fields=["score", "tuned_at"])
    return row.score


def fade(*, now: datetime) -> int:
    """Let rules of whose alerts nobody has said anything for long go back to the score that is written; returns how many moved."""
    moved = 0
    for row in AlertRule.objects.filter(score__isnull=False, tuned_at__lt=now - tuning.FORGETS_AFTER).select_related("current"):
        says = read(row.current.says) if row.current is not None else None
        assert row.score is not None
        home = says.score if isinstance(says, Baseline) else row.score
        score = tuning.faded(row.score, home=home, last=row.tuned_at, now=now)
        near = abs(score - home) < 0.01
        # The way already gone is not gone again: the clock of forgetting starts anew from here.
        moved += AlertRule.objects.filter(pk=row.pk, score=row.score).update(score=None if near else score, tuned_at=now - tuning.FORGETS_AFTER)
    return moved


def _pattern_of(says: Definition) -> tuple[Any, ...]:
    """What a learned pattern belongs to."""
    return (says.figure, says.of, sorted(says.filters.items()), isinstance(says, Baseline) and says.by == "level")


def _announce(rule: AlertRule, change: str, actor: Actor, now: datetime) -> None:
    events.publish(AlertRuleChanged(rule_id=rule.pk, key=rule.key, change=change), actor=actor, now=now)
