"""The facts that a sign-up is judged by, read for it alone."""

from datetime import UTC, datetime, time, timedelta

from django.db.models import Q, QuerySet

from apps.accounts.models import Account, Contact
from apps.messaging import selectors as told

from ..models import Referral, ReferralClick
from ..types import ReferralState
from . import graph, hashes
from .disposable import is_disposable
from .fraud import Facts

_DAY = timedelta(days=1)
# A source may tell us of an account a little before its sign-up.
_CLOCKS = timedelta(days=1)
# Under this name the billing side tells what it knows a payer by, and sources the coupon an account used.
PAYER, COUPON = "payer", "coupon"


def facts_of(referral: Referral, *, address: str = "") -> Facts:
    """`address` is at hand at the sign-up only; what depends on it is judged then and kept as the referral's signs."""
    advocate, friend = referral.advocate, referral.friend_account
    touched = referral.click.at if referral.click else referral.invite.at if referral.invite else referral.signed_up_at
    same_person = _same_person(referral, address)
    return Facts(
        same_person=same_person,
        # Whoever recommends us to themselves is a customer too; the first reason says it all.
        existing="" if same_person else _existing(referral, address, touched),
        already="" if same_person else _already(referral),
        disposable=bool(address) and is_disposable(address),
        late_days=(referral.signed_up_at - touched).days,
        organisation=_organisation(referral, address),
        same_payer=bool(payer_of(referral)) and payer_of(referral) == hashes.keyed(PAYER, str(advocate.account.traits.get(PAYER) or "")),
        in_a_day=_others(referral).filter(advocate=advocate).count() + 1,
        of_network=_of_network(referral),
        ring=graph.steps_between(friend.pk, referral.account_id, without=referral.pk or 0) if friend else 0,
        coupon=_coupon(referral),
    )


def payer_of(referral: Referral) -> str:
    """As it was told with the sign-up, or as the billing side tells it of the account since."""
    friend = referral.friend_account
    return referral.payer or (hashes.keyed(PAYER, str(friend.traits.get(PAYER) or "")) if friend else "")


def _same_person(referral: Referral, address: str) -> bool:
    own = referral.advocate.contact.email
    same_account = referral.friend_account_id == referral.account_id or referral.friend_external_id == referral.account.external_id
    return same_account or bool(address and own and told.plain_address(address) == told.plain_address(own))


def since(account: Account) -> datetime:
    """From when on an account was known: by its own beginning, or by its row, whichever is earlier."""
    if account.started_on is None:
        return account.created_at
    return min(account.created_at, datetime.combine(account.started_on, time(0), UTC))


def _existing(referral: Referral, address: str, touched: datetime) -> str:
    friend = referral.friend_account
    if friend is not None and since(friend) < touched - _CLOCKS:
        return f"The account has been a customer since {since(friend):%-d %b %Y}, before anybody recommended us to them."
    if address:
        known = Contact.objects.filter(Q(email__iexact=address) | Q(email__iexact=told.plain_address(address))).select_related("account")
        for person in known:
            if person.account_id != referral.friend_account_id and since(person.account) < touched - _CLOCKS:
                return "This person is with a customer already."
    return ""


def _already(referral: Referral) -> str:
    others = Referral.objects.exclude(pk=referral.pk).exclude(state=ReferralState.REFUSED)
    if referral.pk:
        # The first who recommended us counts, whoever is looked at first.
        others = others.filter(pk__lt=referral.pk)
    mine = Q(pk__in=[])
    if referral.friend:
        mine |= Q(program=referral.program_id, friend=referral.friend)
    if referral.friend_external_id:
        mine |= Q(program=referral.program_id, friend_external_id=referral.friend_external_id)
    if referral.friend_account_id:
        mine |= Q(friend_account=referral.friend_account_id)
    return "Somebody else has recommended us to them before." if others.filter(mine).exists() else ""


def _organisation(referral: Referral, address: str) -> str:
    ours, friend = referral.account, referral.friend_account
    domains = {domain.lower() for domain in (ours.domain, *ours.domains, hashes.domain_of(referral.advocate.contact.email)) if domain}
    if address and hashes.domain_of(address) in domains:
        return f"Both are at {hashes.domain_of(address)}."
    if friend is None:
        return ""
    if shared := sorted(domains & {domain.lower() for domain in (friend.domain, *friend.domains) if domain}):
        return f"Both accounts are at {shared[0]}."
    related = friend.parent_id == ours.pk or ours.parent_id == friend.pk or (friend.parent_id is not None and friend.parent_id == ours.parent_id)
    return "Both accounts belong to one group of companies." if related else ""


def _others(referral: Referral) -> QuerySet[Referral]:
    rows = Referral.objects.filter(signed_up_at__gt=referral.signed_up_at - _DAY, signed_up_at__lte=referral.signed_up_at)
    return rows.exclude(pk=referral.pk)


def _of_network(referral: Referral) -> int:
    if not referral.network:
        return 0
    clicks = ReferralClick.objects.filter(network=referral.network, at__gt=referral.signed_up_at - _DAY, at__lte=referral.signed_up_at)
    # Their own click is no other visitor.
    own = [referral.click_id] if referral.click_id else []
    return clicks.exclude(pk__in=own).count() + _others(referral).filter(network=referral.network).count() + 1


def _coupon(referral: Referral) -> str:
    if not referral.coupon:
        return ""
    if referral.coupon == hashes.keyed(COUPON, str(referral.account.traits.get(COUPON) or "")):
        return "The friend used the coupon that the advocate's own account had used."
    others = Referral.objects.filter(coupon=referral.coupon).exclude(pk=referral.pk)
    if others.filter(friend_account=referral.account_id).exists():
        return "The friend used the coupon with which the advocate was recommended."
    return "Other friends of this advocate used the same coupon." if others.filter(advocate=referral.advocate_id).exists() else ""
