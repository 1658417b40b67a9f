"""Sign-ups that sources tell of with an account or a person instead of by the API: a trait holds the code."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from apps.accounts.models import Account, Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event

from ..models import Advocate, Invite, Referral, ReferralProgram
from ..types import ProgramState
from . import facts, links, maturing
from .signing_up import SignUp, sign_up

# account.traits.referral_code or contact.traits.referral_code: a code, a link, or the token that our page passed on.
TRAIT = "referral_code"
# Without a code, only accounts as young as this are looked up among the invited.
_YOUNG = timedelta(days=30)


def take(account_ids: Collection[int], *, actor: Actor, now: datetime, event: Event | None = None) -> int:
    """New sign-ups among accounts of which something was told, and referrals that waited for them. Returns how many are new."""
    if not ReferralProgram.objects.exclude(state=ProgramState.DRAFT).exists():
        return 0
    maturing.look_at_accounts(account_ids, actor=actor, now=now, event=event)
    # With a code, or young enough to be looked up among the invited; an import of old customers is one statement here.
    maybe = Q(traits__has_key=TRAIT) | Q(Exists(Contact.objects.filter(account=OuterRef("pk"), traits__has_key=TRAIT)))
    if Invite.objects.filter(at__gt=now - _YOUNG).exists():
        maybe |= Q(created_at__gt=now - _YOUNG)
    accounts = list(Account.objects.filter(maybe, pk__in=account_ids, referred_by=None).order_by("pk"))
    return sum(_take(account, actor=actor, now=now, event=event) for account in accounts)


def _take(account: Account, *, actor: Actor, now: datetime, event: Event | None) -> int:
    code, email = _told(account)
    if not code:
        if now - facts.since(account) > _YOUNG:
            return 0
        programs = list(ReferralProgram.objects.filter(state=ProgramState.LIVE))
    else:
        programs = [row.program for row in Advocate.objects.filter(code=links.meaning(code).code).select_related("program")]
    said = SignUp(key=f"account:{account.pk}", at=max(facts.since(account), now - _YOUNG), code=code, email=email, external_id=account.external_id)
    for program in programs:
        before = Referral.objects.filter(program=program, friend_external_id=account.external_id).exists()
        try:
            row = sign_up(program, said, actor=actor, now=now, event=event)
        except Refused:
            # No code of ours, or the program takes nothing new: the account is simply a new customer.
            continue
        maturing.look([row.pk], actor=actor, now=now, event=event)
        return 0 if before else 1
    return 0


def _told(account: Account) -> tuple[str, str]:
    """(code, email): of the account's own trait, else of the first person who brought one; the first person's address."""
    people = list(Contact.objects.filter(account=account).order_by("pk")[:50])
    with_code = next((person for person in people if person.traits.get(TRAIT)), None)
    code = account.traits.get(TRAIT) or (with_code.traits[TRAIT] if with_code else "")
    person = with_code or next((person for person in people if person.email), None)
    return str(code)[:200], person.email if person else ""
