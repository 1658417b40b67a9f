"""Who enters a play: the checks in their one order, each refusal kept with its reason, and the rows of those let in.

A batch of accounts costs a fixed number of statements. Entering again for the same trigger does nothing.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from apps.accounts.models import Account, Contact, DailyRollup
from apps.accounts.types import ContactRole, Stage
from apps.core.actor import Actor
from apps.core.jobs import after_commit
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import PlayEntered
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.messaging.types import Lane

from . import arms, facts, tasks_for_people
from .conditions import facts_in, holds
from .definition import Definition
from .models import Enrolment, PassedOver, Play, StepRecord, Task
from .types import Approval, Arm, EnrolmentState, NotEntered, PlayState

_PREFERRED = (ContactRole.CHAMPION, ContactRole.ADMIN, ContactRole.SPONSOR, ContactRole.USER)
_BASELINE_WEEKS = 8
_TO_ANSWER = timedelta(hours=24)

# In the order of accounts, so that two workers with the same accounts queue up; whoever comes second enters nobody.
_ENTER = """
insert into interventions_enrolment (play_id, version_id, account_id, contact_id, prediction_id, arm, trigger_key, exclusive, paused, position, state,
    due_at, waits_for, entered_at, window_ends_at, baseline, exit_reason, cause_id)
select %(play)s, %(version)s, i.account_id, i.contact_id, %(prediction)s, i.arm, i.trigger_key, %(exclusive)s, false, 0, %(state)s,
    case when i.arm = 'held_out' then %(window)s else %(now)s end, '', %(now)s, %(window)s, i.baseline, '', %(cause)s
from jsonb_to_recordset(%(rows)s::jsonb) as i(account_id bigint, contact_id bigint, arm text, trigger_key text, baseline float8)
order by i.account_id
on conflict do nothing
returning id, account_id, arm
"""


@dataclass(frozen=True)
class Known:
    """What the doors ask about one account. `facts` is None for whoever is no customer at that moment."""

    facts: Mapping[str, Any] | None
    running: bool = False
    last_entered_at: datetime | None = None


@dataclass(frozen=True)
class Spent:
    """What the play has cost in this calendar month."""

    money: Decimal = Decimal(0)
    minutes: int = 0


@dataclass
class Entered:
    """`runs` by account, of those who came in; `passed_over` the reason of everybody else."""

    runs: dict[int, int] = field(default_factory=dict)
    passed_over: dict[int, NotEntered] = field(default_factory=dict)


def asked_of(says: Definition) -> set[str]:
    """The facts that the doors need."""
    return {"stage", "age_days", *facts_in(says.audience)}


def for_leavers(says: Definition) -> bool:
    """Whether the play is meant for customers who have left."""
    return "left_days" in facts_in(says.audience)


def obstacle(says: Definition, known: Known, *, spent: Spent, in_rollout: bool, now: datetime) -> NotEntered | None:
    """The first reason why an account does not enter a live play; None lets it in."""
    entry, budget, last = says.entry, says.budget, known.last_entered_at
    if known.facts is None or (known.facts["stage"] == Stage.CHURNED and not for_leavers(says)):
        return NotEntered.LEFT
    if not says.on_leaving and not holds(says.audience, known.facts):
        return NotEntered.AUDIENCE
    if known.running and not entry.parallel:
        return NotEntered.RUNNING
    if last is not None and entry.again == "never":
        return NotEntered.ONCE
    if last is not None and entry.again == "after_cooldown" and last > now - timedelta(days=entry.cooldown_days):
        return NotEntered.COOLDOWN
    if known.facts["age_days"] < entry.min_age_days:
        return NotEntered.YOUNG
    if (budget.money is not None and spent.money >= Decimal(str(budget.money))) or (
        budget.csm_minutes is not None and spent.minutes >= budget.csm_minutes
    ):
        return NotEntered.BUDGET
    return None if in_rollout else NotEntered.ROLLOUT


def enter(
    play: Play,
    keys: Mapping[int, str],
    *,
    actor: Actor,
    now: datetime,
    cause: Event | None = None,
    prediction_id: int | None = None,
    reached: Collection[int] | None = None,
    looped: bool = False,
    by_hand: bool = False,
) -> Entered:
    """Let accounts in, or into the holdout; `keys` names by account what made them enter. `reached`: the accounts within the rollout (None: all).

    A testing play is entered by hand only.
    """
    found = Entered()
    if not keys:
        return found
    with transaction.atomic():
        # Nobody enters while the play turns: a pause finds every run.
        state = Play.objects.raw("select id, state from interventions_play where id = %s for share", [play.pk])[0].state
        if play.current is None or not (state == PlayState.LIVE or (by_hand and state == PlayState.TESTING)):
            found.passed_over = dict.fromkeys(keys, NotEntered.NOT_LIVE)
        elif looped:
            found.passed_over = dict.fromkeys(keys, NotEntered.LOOP)
        else:
            _judge(play, keys, found, actor=actor, now=now, cause=cause, prediction_id=prediction_id, reached=reached)
        _keep(play, found.passed_over, now=now, cause=cause)
    return found


def _judge(
    play: Play,
    keys: Mapping[int, str],
    found: Entered,
    *,
    actor: Actor,
    now: datetime,
    cause: Event | None,
    prediction_id: int | None,
    reached: Collection[int] | None,
) -> None:
    says = play.says
    past = _past(play, keys)
    fresh = {account: key for account, key in keys.items() if not past.get(account, _NO_PAST)[2]}
    if not fresh:
        return
    told = facts.of(sorted(fresh), names=asked_of(says), now=now)
    spent = spent_in_month(play, says, now)
    for account in fresh:
        running, last, _ = past.get(account, _NO_PAST)
        known = Known(told.get(account), running, last)
        reason = obstacle(says, known, spent=spent, in_rollout=reached is None or account in reached, now=now)
        if reason is not None:
            found.passed_over[account] = reason
    welcome = {account: key for account, key in fresh.items() if account not in found.passed_over}
    if welcome:
        found.runs = _let_in(play, says, welcome, actor=actor, now=now, cause=cause, prediction_id=prediction_id)


# Running, last entered, and whether the same trigger let it in before.
_NO_PAST: tuple[bool, datetime | None, bool] = (False, None, False)


def _past(play: Play, keys: Mapping[int, str]) -> dict[int, tuple[bool, datetime | None, bool]]:
    of_play = Enrolment.objects.filter(play=play, account__in=list(keys)).order_by().values("account_id")
    rows = of_play.annotate(
        last=Max("entered_at"),
        open=Max("pk", filter=~Q(state=EnrolmentState.ENDED)),
        again=Max("pk", filter=Q(trigger_key__in=[key for key in keys.values() if key])),
    )
    return {row["account_id"]: (row["open"] is not None, row["last"], row["again"] is not None) for row in rows}


def _let_in(
    play: Play, says: Definition, keys: Mapping[int, str], *, actor: Actor, now: datetime, cause: Event | None, prediction_id: int | None
) -> dict[int, int]:
    people = contacts_for(keys, now)
    usual = baselines(keys, now)
    arms.draw(play.key, says, keys, actor=actor, now=now)
    arm = arms.arm_of(play.key, says, keys, now)
    asks = says.approval == Approval.CSM
    rows = [
        {
            "account_id": account,
            "contact_id": people[account].pk if account in people else None,
            "arm": arm[account].value,
            "trigger_key": key[:160],
            "baseline": usual.get(account, 0.0),
        }
        for account, key in keys.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _ENTER,
            {
                "play": play.pk,
                "version": play.current_id,
                "prediction": prediction_id,
                "exclusive": not says.entry.parallel,
                "state": (EnrolmentState.CANDIDATE if asks else EnrolmentState.WAITING).value,
                "now": now,
                "window": now + timedelta(days=says.goal.window_days),
                "cause": cause.pk if cause else None,
                "rows": json.dumps(rows),
            },
        )
        made = sorted(cursor.fetchall())
    if asks:
        _ask(play, [key for key, *_ in made], actor=actor, now=now, cause=cause)
    else:
        keep_promotions(play.name, says, made, now=now)
        announce(play.key, made, actor=actor, now=now, cause=cause)
    return {account: key for key, account, _ in made}


def keep_promotions(name: str, says: Definition, made: Iterable[tuple[int, int, str]], *, now: datetime) -> None:
    """While a save runs its customers are sold nothing: in the transaction that begins the runs (id, account, arm), whatever is queued already."""
    if says.lane == Lane.SAVE:
        saved = {hold_of(key): account for key, account, arm in made if arm != Arm.HELD_OUT}
        messaging.hold_promotions(saved, reason=f"the save play “{name}” runs.", now=now)


def hold_of(enrolment_id: int) -> str:
    return f"enrolment:{enrolment_id}"


def announce(play_key: str, made: Iterable[tuple[int, int, str]], *, actor: Actor, now: datetime, cause: Event | None) -> None:
    """Tell that runs (id, account, arm) began; the news is the cause of all that they do."""
    made = list(made)
    said = [PlayEntered(account_id=account, enrolment_id=key, play_key=play_key, arm=arm) for key, account, arm in made]
    told = events.publish_all(said, actor=actor, now=now, cause=cause)
    if not told:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """update interventions_enrolment e set cause_id = t.event from unnest(%(runs)s::bigint[], %(events)s::bigint[]) as t(run, event)
               where e.id = t.run""",
            {"runs": [key for key, *_ in made], "events": told},
        )
    after_commit("interventions.advance")


def _ask(play: Play, run_ids: Collection[int], *, actor: Actor, now: datetime, cause: Event | None) -> None:
    """The success manager has the last word: a task for each."""
    for run in Enrolment.objects.filter(pk__in=run_ids).select_related("account__owner", "play"):
        tasks_for_people.open_task(
            account=run.account,
            enrolment=run,
            title=f"Let into “{play.name}”?"[:200],
            why=play.why,
            minutes=2,
            kind="let_in",
            due_at=now + _TO_ANSWER,
            actor=actor,
            now=now,
            cause=cause,
        )


def _keep(play: Play, reasons: Mapping[int, NotEntered], *, now: datetime, cause: Event | None) -> None:
    rows = [
        PassedOver(play=play, account_id=account, reason=reason, on=now.date(), at=now, cause=cause) for account, reason in sorted(reasons.items())
    ]
    known = Account.objects.filter(pk__in=reasons).values_list("pk", flat=True) if rows else ()
    PassedOver.objects.bulk_create([row for row in rows if row.account_id in set(known)], ignore_conflicts=True)


def contacts_for(account_ids: Collection[int], now: datetime) -> dict[int, Contact]:
    """By account the person to write to: still there, with an address, champions first."""
    there = Contact.objects.filter(Q(departed_on__isnull=True) | Q(departed_on__gt=now.date()), account__in=list(account_ids)).exclude(
        email="", phone=""
    )
    found: dict[int, Contact] = {}
    for person in sorted(there, key=lambda person: (not person.email, _PREFERRED.index(ContactRole(person.role)), person.pk)):
        found.setdefault(person.account_id, person)
    return found


def in_role(people: QuerySet[Contact], role: str, now: datetime) -> Contact | None:
    """The person of a role to write to instead."""
    there = people.filter(Q(departed_on__isnull=True) | Q(departed_on__gt=now.date()), role=role)
    return there.exclude(email="", phone="").order_by("pk").first()


def baselines(account_ids: Collection[int], now: datetime) -> dict[int, float]:
    """By account its own pattern: activity events per week over the 8 weeks before today."""
    since = now.date() - timedelta(weeks=_BASELINE_WEEKS)
    days = DailyRollup.objects.filter(account__in=list(account_ids), day__gte=since, day__lt=now.date()).order_by()
    return {row["account_id"]: row["total"] / _BASELINE_WEEKS for row in days.values("account_id").annotate(total=Sum("count"))}


def month_of(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def spent_in_month(play: Play, says: Definition, now: datetime) -> Spent:
    """What messages of the play that left in this month cost, and the minutes of its tasks opened in it; read only where there is a budget."""
    money, minutes, since = Decimal(0), 0, month_of(now)
    if says.budget.money is not None:
        ours = StepRecord.objects.filter(enrolment__play=play, message__isnull=False).values("message")
        sent = Message.objects.filter(pk__in=ours, claimed_at__gte=since, cost_estimate__isnull=False)
        money = sent.aggregate(sum=Sum(Coalesce("cost_actual", "cost_estimate")))["sum"] or Decimal(0)
    if says.budget.csm_minutes is not None:
        minutes = Task.objects.filter(enrolment__play=play, created_at__gte=since).aggregate(sum=Sum("minutes"))["sum"] or 0
    return Spent(money, minutes)
