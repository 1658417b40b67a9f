"""What becomes of referrals as time passes: the friend's account gets value, the hold ends, the reward is due; or they leave, and nothing is."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q

from apps.accounts.models import Account, ActivityEvent
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.milestones.models import Progress
from apps.milestones.types import ProgressState

from ..models import Referral
from ..types import OPEN, ReferralState
from . import facts, fraud, moving, programs, rewarding

# Sources may tell the activity of a first day with a clock of their own.
_CLOCKS = timedelta(days=1)


def _held(referral_id: int) -> Referral:
    """The row, which nobody else changes until the transaction ends."""
    rows = Referral.objects.select_for_update(of=("self",)).select_related("version", "program", "advocate__contact", "account", "friend_account")
    return rows.get(pk=referral_id)


def look(referral_ids: Collection[int], *, actor: Actor, now: datetime, event: Event | None = None) -> int:
    """Look at these again: who has an account by now, who got value, who is ripe. Returns how many were approved."""
    return sum(_look(key, actor=actor, now=now, event=event) for key in sorted(referral_ids))


def _look(referral_id: int, *, actor: Actor, now: datetime, event: Event | None) -> bool:
    with transaction.atomic():
        row = _held(referral_id)
        if row.state not in OPEN:
            return False
        if row.friend_account is None and not _link(row):
            return False
        if row.valued_at is None:
            row.valued_at = value_at(row)
            if row.valued_at is None or row.valued_at > now:
                return False
            Referral.objects.filter(pk=row.pk).update(valued_at=row.valued_at)
        if row.state != ReferralState.PENDING or (row.hold_until is not None and now < row.hold_until):
            return False
        if not row.cleared and _judged_again(row, actor=actor, now=now, event=event):
            return False
        moving.move(row, ReferralState.APPROVED, reason="The friend's account got value.", actor=actor, now=now, event=event, approved_at=now)
        rewarding.promise_both(row, actor=actor, now=now, event=event)
    return True


def _link(row: Referral) -> bool:
    """The account that signed up, once a source has told us of it."""
    if not row.friend_external_id:
        return False
    row.friend_account = Account.objects.filter(external_id=row.friend_external_id).first()
    if row.friend_account is None:
        return False
    Referral.objects.filter(pk=row.pk).update(friend_account=row.friend_account)
    return True


def value_at(row: Referral) -> datetime | None:
    """When the friend's account first got what the program calls value, after they signed up."""
    wanted = programs.says(row.version).first_value
    since = row.signed_up_at - _CLOCKS
    if wanted.milestone:
        reached = Progress.objects.filter(account=row.friend_account_id, milestone__key=wanted.milestone, state=ProgressState.ACHIEVED)
        return reached.filter(achieved_at__gte=since).values_list("achieved_at", flat=True).first()
    done = ActivityEvent.objects.filter(account=row.friend_account_id, name=wanted.activity, at__gte=since)
    return done.aggregate(at=Min("at"))["at"]


def _judged_again(row: Referral, *, actor: Actor, now: datetime, event: Event | None) -> bool:
    """More is known by now than at the sign-up (the payer, the account, a ring): True where it has to wait for a person after all.

    What was found at the sign-up stays found: the address that told it is not kept.
    """
    rules = programs.says(row.version)
    found = {sign.sign: sign for sign in fraud.signs(facts.facts_of(row), window_days=rules.window_days)}
    old = {sign["sign"]: fraud.Found(sign["sign"], sign["weight"], sign["words"]) for sign in row.signs}
    together = [*{**old, **found}.values()]
    score = fraud.score(together)
    row.signs, row.score = [sign.as_json() for sign in together], score
    Referral.objects.filter(pk=row.pk).update(signs=row.signs, score=score)
    words = " ".join(sign.words for sign in together)
    if fraud.is_hard(together):
        moving.move(row, ReferralState.REFUSED, reason=words, actor=actor, now=now, event=event)
        return True
    if score >= rules.automatic_under:
        moving.move(row, ReferralState.FLAGGED, reason=words, actor=actor, now=now, event=event)
        return True
    return False


def look_at_accounts(account_ids: Collection[int], *, actor: Actor, now: datetime, event: Event | None = None) -> int:
    """Something changed at these accounts: the referrals that wait for them."""
    theirs = Account.objects.filter(pk__in=account_ids).values("external_id")
    mine = Q(friend_account__in=account_ids) | Q(friend_account=None, friend_external_id__in=theirs)
    waiting = list(Referral.objects.filter(mine, state__in=OPEN).values_list("pk", flat=True))
    return look(waiting, actor=actor, now=now, event=event)


def mature_due(*, actor: Actor, now: datetime, limit: int = 2_000) -> int:
    """The job: everything that is open, and what waited for a budget. Returns how many were approved."""
    waiting = list(Referral.objects.filter(state=ReferralState.PENDING).order_by("pk").values_list("pk", flat=True)[:limit])
    approved = look(waiting, actor=actor, now=now)
    rewarding.issue_due(actor=actor, now=now)
    return approved


def void(referral: Referral, *, reason: str, at: datetime, actor: Actor, now: datetime, event: Event | None = None) -> Referral:
    """A refund, or the friend's account left: within the program's days the referral is void and what was given is taken back. Told twice it is the
    same; later it is refused."""
    with transaction.atomic():
        row = _held(referral.pk)
        if row.state in (ReferralState.VOIDED, ReferralState.REFUSED):
            return row
        days = programs.says(row.version).void_days
        if at > row.signed_up_at + timedelta(days=days):
            raise Refused("too_late", f"That was more than {days} days after the sign-up: the referral stands.")
        moving.move(row, ReferralState.VOIDED, reason=reason, actor=actor, now=now, event=event, voided_at=now)
        rewarding.take_back(row, reason=reason, actor=actor, now=now, event=event)
    return row


def void_for_leaver(account_id: int, *, actor: Actor, now: datetime, event: Event | None = None) -> int:
    """An account left: referrals that brought it are void, where that was soon enough. Returns how many."""
    count = 0
    for row in Referral.objects.filter(friend_account=account_id, state__in=[*OPEN, ReferralState.APPROVED]).order_by("pk"):
        try:
            void(row, reason="The friend's account left.", at=now, actor=actor, now=now, event=event)
            count += 1
        except Refused:
            continue
    return count
