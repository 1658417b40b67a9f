"""Holdouts: who gets nothing for a while, so that it can be said what the rest is worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.shares import position
from apps.events import services as events
from apps.events.vocabulary import HoldoutDrawn, HoldoutEnded

from .models import Experiment, Holdout, HoldoutMember
from .types import HoldoutState, arr_band

QUARTER = timedelta(days=91)
_BATCH = 2_000
_MILLION = 1_000_000


def draw_holdout(
    *,
    key: str,
    share_percent: float,
    actor: Actor,
    now: datetime,
    period: timedelta = QUARTER,
    renews: bool = True,
    reason: str = "",
    account_ids: Sequence[int] | None = None,
) -> Holdout:
    """Hold out exactly this share of the customers, the same share of every tier and band of revenue, until the period is over."""
    if not 0 < share_percent <= 50:
        raise Refused("share_out_of_range", f"A holdout is above 0 and at most 50 %, not {share_percent:g}.")
    if not timedelta(days=1) <= period <= timedelta(days=731):
        raise Refused("period_out_of_range", "A holdout lasts a day to two years.")
    salt = _salt(key, now)
    if Experiment.objects.filter(key=salt).exists():
        raise Refused("salt_is_a_key", f"“{salt}” is the key of an experiment.")
    try:
        with transaction.atomic():
            holdout = Holdout.objects.create(
                key=key,
                share_percent=share_percent,
                salt=salt,
                starts_at=now,
                ends_at=now + period,
                renews=renews,
                everybody=account_ids is None,
                reason=reason[:250],
                actor=str(actor),
            )
            accounts = Account.objects.at_risk()
            if account_ids is not None:
                accounts = accounts.filter(pk__in=account_ids)
            members = drawn(salt, share_percent / 100, accounts.values_list("pk", "tier", "arr"))
            _write(holdout, members)
            held = sum(out for _, _, out in members)
            told = HoldoutDrawn(holdout_id=holdout.pk, key=key, share_percent=share_percent, accounts=len(members), held_out=held)
            events.publish(told, actor=actor, now=now)
    except IntegrityError as error:
        raise Refused("holdout_running", f"“{key}” has a holdout that is still running; who is in it stays in it until it ends.") from error
    return holdout


def _write(holdout: Holdout, members: Iterable[tuple[int, str, bool]]) -> None:
    """By COPY: the first customer who enters a play waits for the draw of all of them."""
    text = "copy experiments_holdoutmember (holdout_id, account_id, held_out, stratum, since) from stdin"
    with connection.cursor() as cursor, cursor.copy(text) as copy:
        for account_id, where, out in members:
            copy.write_row((holdout.pk, account_id, out, where, holdout.starts_at))


def _salt(key: str, now: datetime) -> str:
    return f"holdout:{key}:{now:%Y-%m-%dT%H:%M:%S}"


@dataclass(frozen=True)
class Foreseen:
    """A draw that nobody made: what `draw_holdout` would give at that moment, and to those who came later."""

    salt: str
    share_percent: float
    members: Mapping[int, bool]

    def held_out(self, account_ids: Iterable[int]) -> set[int]:
        return {key for key in account_ids if self.members.get(key, position(self.salt, key) * 100 < self.share_percent)}


def foreseen(key: str, share_percent: float, *, now: datetime) -> Foreseen:
    """The draw of all present customers as it would come out at `now`; nothing is written."""
    salt = _salt(key, now)
    rows = drawn(salt, share_percent / 100, Account.objects.at_risk().values_list("pk", "tier", "arr"))
    return Foreseen(salt, share_percent, {pk: out for pk, _, out in rows})


def drawn(salt: str, share: float, accounts: Iterable[tuple[int, str, object]]) -> list[tuple[int, str, bool]]:
    """(account, stratum, held out): every account has exactly the chance `share`, each stratum its share to within one account, and so has the whole.

    Accounts stand in a row, stratum by stratum and within one by their hash; from a start that the salt decides every 1/share-th is taken.
    """
    row = sorted((stratum(tier, arr), position(salt, pk), pk) for pk, tier, arr in accounts)
    # Whole millionths, so that no rounding of floats loses or gains an account.
    step, start = round(share * _MILLION), int(position(salt, "start") * _MILLION)
    return [(pk, where, (start + (index + 1) * step) // _MILLION > (start + index * step) // _MILLION) for index, (where, _, pk) in enumerate(row)]


def stratum(tier: str, arr: object) -> str:
    return f"{tier[:40] or 'no tier'} / ARR band {arr_band(arr)}"


def admit(holdout: Holdout, *, account_ids: Sequence[int], now: datetime) -> int:
    """Accounts that came after the draw get their place by the hash against the share, for the rest of the period. Returns how many were new."""
    if holdout.state != HoldoutState.RUNNING:
        return 0
    known = set(holdout.members.filter(account__in=account_ids).values_list("account_id", flat=True))
    fresh = [
        HoldoutMember(holdout=holdout, account_id=pk, held_out=falls_out(holdout, pk), stratum=stratum(tier, arr), since=now)
        for pk, tier, arr in Account.objects.filter(pk__in=set(account_ids) - known).order_by("pk").values_list("pk", "tier", "arr")
    ]
    HoldoutMember.objects.bulk_create(fresh, batch_size=_BATCH, ignore_conflicts=True)
    return len(fresh)


def falls_out(holdout: Holdout, account_id: int) -> bool:
    """Where the hash puts an account that was not there at the draw."""
    return position(holdout.salt, account_id) * 100 < holdout.share_percent


def admit_new(*, now: datetime) -> int:
    """Give every customer a place in every running holdout of everybody; those of chosen accounts are left to who chose them."""
    count = 0
    for holdout in Holdout.objects.filter(state=HoldoutState.RUNNING, everybody=True, starts_at__lte=now, ends_at__gt=now).order_by("pk"):
        mine = HoldoutMember.objects.filter(holdout=holdout).values("account")
        newcomers = list(Account.objects.at_risk().exclude(pk__in=mine).order_by("pk").values_list("pk", flat=True)[:10_000])
        count += admit(holdout, account_ids=newcomers, now=now)
    return count


def end_holdout(holdout: Holdout, *, actor: Actor, now: datetime) -> None:
    """End it before its time; who was in it, and until when, stays on record."""
    with transaction.atomic():
        _end(holdout, actor=actor, now=now, at=now)


def _end(holdout: Holdout, *, actor: Actor, now: datetime, at: datetime) -> None:
    ended = Holdout.objects.filter(pk=holdout.pk, state=HoldoutState.RUNNING).update(state=HoldoutState.OVER, ends_at=at)
    if not ended:
        raise Refused("holdout_over", f"This holdout of “{holdout.key}” is over already.")
    HoldoutMember.objects.filter(holdout=holdout, until__isnull=True).update(until=at)
    events.publish(HoldoutEnded(holdout_id=holdout.pk, key=holdout.key), actor=actor, now=now)


def renew_holdouts(*, actor: Actor, now: datetime) -> int:
    """End the periods that are over and draw the next ones, by another shuffle. Returns how many ended."""
    over = list(Holdout.objects.ended(now))
    for holdout in over:
        period = holdout.ends_at - holdout.starts_at
        with transaction.atomic():
            _end(holdout, actor=actor, now=now, at=holdout.ends_at)
            if holdout.renews:
                draw_holdout(
                    key=holdout.key,
                    share_percent=holdout.share_percent,
                    period=period,
                    reason=f"follows {holdout}",
                    account_ids=None if holdout.everybody else list(holdout.members.values_list("account_id", flat=True)),
                    actor=actor,
                    now=now,
                )
    return len(over)
