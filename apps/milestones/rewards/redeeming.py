"""Asking for something of the catalogue: its price is set aside and its stock counted in the same transaction, so that nothing is sold twice."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q

from apps.accounts.models import Account, Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import RewardRedeemed

from ..models import CatalogueItem, Redemption, Tier, TierStanding
from ..types import REDEMPTION_WAYS, Book, ItemState, Move, RedemptionState
from . import ledger


def redeem(*, account: Account, item: CatalogueItem, idem_key: str, actor: Actor, now: datetime, contact: Contact | None = None) -> Redemption:
    """Ask for one piece. The same `idem_key` again gives the first answer. Refused where the balance, the stock or the tier does not reach."""
    with transaction.atomic():
        ledger.hold_accounts([account.pk])
        if known := Redemption.objects.filter(idem_key=idem_key).first():
            if (known.account_id, known.item_id) != (account.pk, item.pk):
                raise Refused("key_taken", "This key asked for something else before. Take another.")
            return known
        row = CatalogueItem.objects.get(pk=item.pk)
        _may_have(account, row)
        _take_from_stock(row)
        asked = Redemption.objects.create(
            account=account,
            contact=contact,
            item=row,
            unit=row.unit,
            currency=row.currency,
            cost=row.cost,
            state=RedemptionState.ASKED if row.needs_approval else RedemptionState.APPROVED,
            asked_at=now,
            idem_key=idem_key,
        )
        try:
            ledger.post(_entry(asked, Move.RESERVE, f"{row.name}"), actor=actor, now=now)
        except Refused as refusal:
            has = ledger.balance(Book.ACCOUNT, unit=row.unit, currency=row.currency, account_id=account.pk)
            words = f"“{row.name}” costs {row.cost} {row.currency or row.unit}; {has} are there. Nothing was changed."
            raise Refused("not_enough", words) from refusal
        _tell(asked, actor=actor, now=now)
    return asked


def _may_have(account: Account, item: CatalogueItem) -> None:
    if item.state != ItemState.OFFERED:
        raise Refused("withdrawn", f"“{item.name}” is not offered any more.")
    if item.tier:
        asked = Tier.objects.filter(key=item.tier).first()
        mine = Tier.objects.filter(key__in=TierStanding.objects.filter(account=account).values("tier")).first()
        if asked is not None and (mine is None or mine.threshold < asked.threshold):
            raise Refused("tier", f"“{item.name}” is for {asked.name} and above.")


def _take_from_stock(item: CatalogueItem) -> None:
    if item.stock is not None and not CatalogueItem.objects.filter(pk=item.pk, stock__gt=0).update(stock=F("stock") - 1):
        raise Refused("none_left", f"“{item.name}” is not there any more. Nothing was changed.")


def approve_redemption(redemption: Redemption, *, actor: Actor, now: datetime) -> Redemption:
    return _move(redemption, RedemptionState.APPROVED, note="", actor=actor, now=now)


def hand_over(redemption: Redemption, *, note: str = "", actor: Actor, now: datetime) -> Redemption:
    """They have it: what was set aside is spent."""
    with transaction.atomic():
        ledger.hold_accounts([redemption.account_id])
        row = _move(redemption, RedemptionState.HANDED_OVER, note=note, actor=actor, now=now)
        ledger.post(_entry(row, Move.HAND_OVER, note or row.item.name), actor=actor, now=now)
    return row


def refuse_redemption(redemption: Redemption, *, note: str, actor: Actor, now: datetime) -> Redemption:
    """Not this time: they get back what was set aside, and the piece is in stock again."""
    if not note.strip():
        raise Refused("no_reason", "Say why it is refused; the customer reads it.")
    return _give_back(redemption, RedemptionState.REFUSED, note=note, actor=actor, now=now)


def call_off(redemption: Redemption, *, actor: Actor, now: datetime) -> Redemption:
    """They changed their mind before it was handed over."""
    return _give_back(redemption, RedemptionState.CALLED_OFF, note="", actor=actor, now=now)


def _give_back(redemption: Redemption, to: RedemptionState, *, note: str, actor: Actor, now: datetime) -> Redemption:
    with transaction.atomic():
        ledger.hold_accounts([redemption.account_id])
        row = _move(redemption, to, note=note, actor=actor, now=now)
        ledger.post(_entry(row, Move.GIVE_BACK, note or to.label), actor=actor, now=now)
        CatalogueItem.objects.filter(pk=row.item_id, stock__isnull=False).update(stock=F("stock") + 1)
    return row


def _move(redemption: Redemption, to: RedemptionState, *, note: str, actor: Actor, now: datetime) -> Redemption:
    """The only place where a redemption's state changes."""
    sources = [state for state, ways in REDEMPTION_WAYS.items() if to in ways]
    with transaction.atomic():
        fields = {"state": to, "decided_at": now, "decided_by": str(actor), "note": note.strip()[:250]}
        moved = Redemption.objects.filter(pk=redemption.pk, state__in=sources).update(**fields)
        row = Redemption.objects.select_related("item").get(pk=redemption.pk)
        if not moved:
            raise Refused(f"cannot_be_{to}", f"“{row.item.name}” is {row.get_state_display()} and cannot be {to.label}.")
        _tell(row, actor=actor, now=now)
    return row


def _entry(row: Redemption, kind: Move, reason: str) -> ledger.Entry:
    key = f"redemption:{row.pk}:{kind}"
    return ledger.Entry(kind, row.unit, row.currency, row.cost, key, account_id=row.account_id, redemption_id=row.pk, reason=reason)


def _tell(row: Redemption, *, actor: Actor, now: datetime) -> None:
    said = RewardRedeemed(account_id=row.account_id, redemption_id=row.pk, item=row.item.key, state=row.state)
    events.publish(said, actor=actor, now=now)


def affordable(account: Account) -> list[tuple[CatalogueItem, bool]]:
    """Everything that is offered, the cheapest first, and whether this account could ask for it now."""
    have: dict[tuple[str, str], Decimal] = {}
    for one in ledger.balances_of(account.pk):
        if one.book == Book.ACCOUNT:
            have[one.unit, one.currency] = one.amount
    offered = CatalogueItem.objects.filter(Q(stock__isnull=True) | Q(stock__gt=0), state=ItemState.OFFERED)
    return [(item, have.get((item.unit, item.currency), Decimal()) >= item.cost) for item in offered]
