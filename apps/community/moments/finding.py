"""Moments are found when something happened and once a day, and end when they have passed or when anything speaks against them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import Account
from apps.accounts.services import Marks
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import MomentFound
from apps.experiments import selectors as held
from apps.experiments import services as experiments
from apps.experiments.models import Holdout

from ..asks import asking
from ..models import Ask, AskRules, Moment, MomentMark
from ..types import OPEN_ASKS, AskState, MomentState
from .judging import Judged, judge, rules_now
from .stops import stops_of, tired_of

MARKS = Marks(MomentMark, job="community.find_moments")
mark_stale, mark_all_stale = MARKS.some, MARKS.all
HOLDOUT, HELD_OUT_PERCENT = "asks", 10
_AT_ONCE = 500


def find_stale(*, now: datetime, actor: Actor, limit: int = _AT_ONCE) -> int:
    """Look at up to `limit` accounts that carry a mark; returns how many marks were settled."""
    with transaction.atomic():
        claimed = list(MomentMark.objects.stale_now(now).select_for_update(skip_locked=True, of=("self",))[:limit])
        if not claimed:
            return 0
        ensure_holdout(actor=actor, now=now)
        find([mark.account_id for mark in claimed], causes={mark.account_id: mark.stale_cause_id for mark in claimed}, now=now, actor=actor)
        MomentMark.objects.filter(pk__in=[mark.pk for mark in claimed], stale_since__lte=now).update(stale_since=None, stale_cause=None)
    return len(claimed)


def find_all(*, now: datetime, actor: Actor) -> int:
    """Everybody: what was missed, what time alone made right, and what has passed. The first time it draws who is held out."""
    ensure_holdout(actor=actor, now=now)
    asking.expire(now=now, actor=actor)
    _let_pass(now=now)
    found, last = 0, 0
    while ids := list(Account.objects.at_risk().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        found += find(ids, now=now, actor=actor)
        last = ids[-1]
    return found


def ensure_holdout(*, actor: Actor, now: datetime) -> None:
    """A tenth of the customers is asked for nothing, so that it can be told what asking brings. Staff may end it; then nobody draws another."""
    drawn = Holdout.objects.filter(key=HOLDOUT)
    if drawn.exists():
        return
    try:
        experiments.draw_holdout(key=HOLDOUT, share_percent=HELD_OUT_PERCENT, reason="What does asking bring?", actor=actor, now=now)
    except Refused:
        # Another worker drew it meanwhile.
        if not drawn.exists():
            raise


def find(account_ids: Sequence[int], *, now: datetime, actor: Actor, causes: dict[int, int | None] | None = None) -> int:
    """Open the moments that are right, end those that are not any more; returns how many are new."""
    rules = rules_now()
    with transaction.atomic():
        # Two who look at the same accounts come one after the other.
        list(Account.objects.filter(pk__in=account_ids).order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
        _call_off(account_ids, now=now, actor=actor, rules=rules)
        taken = set(Moment.objects.filter(account__in=account_ids, closed_at=None).values_list("account_id", flat=True))
        right = [one for one in judge([key for key in account_ids if key not in taken], now=now, rules=rules) if one.kind and not one.against]
        out = held.held_out(HOLDOUT, [one.account_id for one in right], now)
        rests = _rests([one.account_id for one in right], rules, now)
        because = {one.account_id: one.because for one in right}
        rows = Moment.objects.bulk_create(_row(one, one.account_id in out, causes or {}, rules, now) for one in right if one.account_id not in rests)
        for row in rows:
            if row.state == MomentState.HELD_OUT:
                continue
            words = because[row.account_id][:500]
            said = MomentFound(account_id=row.account_id, moment_id=row.pk, contact_id=row.contact_id, kind=row.kind, because=words)
            event = events.publish(said, actor=actor, now=now)
            asking.propose(moment=row, actor=actor, now=now, event=event, rules=rules)
    return len(rows)


def _rests(account_ids: Sequence[int], rules: AskRules, now: datetime) -> set[int]:
    """A moment that just passed is not found again the next morning from the same facts, nor one that was held out."""
    lately = Moment.objects.filter(account__in=account_ids, closed_at__gt=now - timedelta(days=rules.any_days))
    return set(lately.exclude(state=MomentState.CALLED_OFF).values_list("account_id", flat=True))


def _row(one: Judged, held_out: bool, causes: dict[int, int | None], rules: AskRules, now: datetime) -> Moment:
    assert one.contact_id is not None
    return Moment(
        account_id=one.account_id,
        contact_id=one.contact_id,
        kind=one.kind,
        state=MomentState.HELD_OUT if held_out else MomentState.OPEN,
        score=one.score,
        reasons=one.reasons,
        found_at=now,
        expires_at=now + timedelta(days=rules.moment_days),
        cause_id=causes.get(one.account_id),
    )


def _call_off(account_ids: Sequence[int], *, now: datetime, actor: Actor, rules: AskRules) -> None:
    """Trouble ends a moment, and takes back an ask that has not left."""
    waiting = list(Ask.objects.filter(account__in=account_ids, state__in=OPEN_ASKS).select_related("contact", "message", "moment").order_by("pk"))
    open_moments = list(Moment.objects.filter(account__in=account_ids, state=MomentState.OPEN, closed_at=None))
    if not waiting and not open_moments:
        return
    concerned = {ask.account_id for ask in waiting} | {moment.account_id for moment in open_moments}
    stops = stops_of(sorted(concerned), now=now, rules=rules)
    for ask in waiting:
        why = " ".join(stops.get(ask.account_id, []))
        if not why and ask.state in (AskState.PROPOSED, AskState.ASKED):
            why = _unwilling(ask, now, rules)
        if why and ask.state != AskState.AGREED:
            asking.call_off(ask=ask, why=why, actor=actor, now=now)
    for moment in open_moments:
        if why := " ".join(stops.get(moment.account_id, [])):
            close(moment, MomentState.CALLED_OFF, why=why, now=now)


def _unwilling(ask: Ask, now: datetime, rules: AskRules) -> str:
    """Only what the person themselves said or did; that they are being asked is no reason against it."""
    words = tired_of([ask.contact_id], now=now, rules=rules, but=ask.pk).get((ask.contact_id, ask.kind), "")
    return words if words.startswith("They do not want") else ""


def close(moment: Moment, state: MomentState, *, why: str = "", now: datetime) -> bool:
    """End a moment; the first end stands."""
    return bool(Moment.objects.filter(pk=moment.pk, closed_at=None).update(state=state, closed_at=now, closed_why=why[:250]))


def _let_pass(*, now: datetime) -> int:
    """Moments pass; those held out stay what they were and are over."""
    over = Moment.objects.filter(closed_at=None, expires_at__lte=now)
    over.filter(state=MomentState.HELD_OUT).update(closed_at=now)
    return over.filter(~Q(state=MomentState.HELD_OUT)).update(state=MomentState.EXPIRED, closed_at=now, closed_why="Nobody asked in time.")


def call_off(*, moment: Moment, why: str, actor: Actor, now: datetime) -> None:
    """Staff know better: not now."""
    if not why.strip():
        raise Refused("no_reason", "Say why; the next one who looks wants to know.")
    with transaction.atomic():
        for ask in Ask.objects.filter(moment=moment, state__in=OPEN_ASKS).select_related("contact", "message", "moment"):
            asking.call_off(ask=ask, why=why, actor=actor, now=now)
        if not close(moment, MomentState.CALLED_OFF, why=why, now=now) and not Moment.objects.filter(pk=moment.pk, closed_why=why[:250]).exists():
            raise Refused("moment_over", "This moment is over already.")
