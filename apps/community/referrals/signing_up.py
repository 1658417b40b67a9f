"""A sign-up comes in: whose it is, what speaks against it, and what it becomes. Told twice it is the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.messaging import selectors as told

from ..models import Advocate, Invite, Referral, ReferralClick, ReferralProgram
from ..types import AdvocateState, ReferralState, ReferralVia
from . import facts, fraud, hashes, links, moving, programs
from .inviting import await_others


@dataclass(frozen=True)
class SignUp:
    """What is told of it. `key` names it; `code` is a code, a link or the token that our page passed on; one of `email` and `external_id` is there.
    `payer`, `coupon` and `address` (the IP) are kept as keyed hashes only, the email likewise."""

    key: str
    at: datetime
    code: str = ""
    email: str = ""
    external_id: str = ""
    payer: str = ""
    coupon: str = ""
    address: str = ""


@dataclass(frozen=True)
class _Source:
    advocate: Advocate
    via: ReferralVia
    invite: Invite | None = None
    click: ReferralClick | None = None


def sign_up(program: ReferralProgram, said: SignUp, *, actor: Actor, now: datetime, event: Event | None = None) -> Referral:
    """Refused where nothing says whose it is. Who must not count becomes a refused referral with its reason, to be asked about."""
    if not (said.email or said.external_id):
        raise Refused("nobody", "Say who signed up: an email address, or the account's id.")
    with transaction.atomic():
        await_others(program.pk, told.guest_key(said.email) if said.email else said.external_id)
        if found := _told_before(program, said):
            return found
        source = _source(program, said)
        if source is None:
            raise Refused("unknown_code", "Nothing says who recommended us: the code is not known here, and nobody invited this person.")
        if found := _same(program, said, source.advocate):
            return found
        if source.via != ReferralVia.RECOVERED:
            programs.refuse_unless_live(program)
        version = programs.current(program)
        row = Referral(
            program=program,
            version=version,
            advocate=source.advocate,
            account=source.advocate.account,
            key=_key(program, said.key),
            via=source.via,
            invite=source.invite,
            click=source.click,
            friend=told.guest_key(said.email) if said.email else "",
            friend_external_id=said.external_id,
            friend_account=Account.objects.filter(external_id=said.external_id).first() if said.external_id else None,
            payer=hashes.keyed(facts.PAYER, said.payer),
            coupon=hashes.keyed(facts.COUPON, said.coupon),
            network=hashes.network(said.address),
            signed_up_at=said.at,
            noticed_at=now,
        )
        rules = programs.says(version)
        if source.via == ReferralVia.RECOVERED:
            row.hold_until = said.at + timedelta(days=rules.hold_days)
        found_signs = fraud.signs(facts.facts_of(row, address=said.email), window_days=rules.window_days)
        row.signs, row.score = [one.as_json() for one in found_signs], fraud.score(found_signs)
        row.reason = " ".join(one.words for one in found_signs)[:250]
        row.state = _state(found_signs, row.score, rules.automatic_under)
        row.save()
        moving.log(row, reason=row.reason or "Nothing speaks against it.", actor=actor, now=now, event=event)
    return row


def _state(found: list[fraud.Found], score: int, automatic_under: int) -> ReferralState:
    if fraud.is_hard(found):
        return ReferralState.REFUSED
    return ReferralState.PENDING if score < automatic_under else ReferralState.FLAGGED


def _key(program: ReferralProgram, key: str) -> str:
    return f"{program.pk}:{key}"[:160]


def _told_before(program: ReferralProgram, said: SignUp) -> Referral | None:
    return Referral.objects.filter(key=_key(program, said.key)).select_related("program").first()


def _same(program: ReferralProgram, said: SignUp, advocate: Advocate) -> Referral | None:
    """The same friend of the same advocate under another key."""
    mine = Q(friend_external_id=said.external_id) if said.external_id else Q(pk__in=[])
    if said.email:
        mine |= Q(friend__in=told.guest_keys(said.email))
    rows = Referral.objects.filter(mine, program=program, advocate=advocate).exclude(state=ReferralState.REFUSED)
    return rows.select_related("program").first()


def _source(program: ReferralProgram, said: SignUp) -> _Source | None:
    if not said.code.strip():
        return _recovered(program, said)
    meaning = links.meaning(said.code)
    advocates = Advocate.objects.filter(program=program, state=AdvocateState.ACTIVE).select_related("account", "contact")
    advocate = advocates.filter(code=meaning.code).first() if meaning.code else None
    if advocate is None:
        return None
    click = ReferralClick.objects.filter(pk=meaning.click_id, advocate=advocate).select_related("invite").first() if meaning.click_id else None
    invite = click.invite if click else Invite.objects.filter(pk=meaning.invite_id, advocate=advocate).first() if meaning.invite_id else None
    via = ReferralVia.INVITE if invite else ReferralVia.LINK if click or "~" in said.code else ReferralVia.CODE
    return _Source(advocate, via, invite, click)


def _recovered(program: ReferralProgram, said: SignUp) -> _Source | None:
    """Without a code: by the invitation that this person had, else by the only advocate who invited somebody of their domain."""
    if not said.email:
        return None
    window = timedelta(days=programs.says(programs.current(program)).window_days)
    invites = Invite.objects.filter(program=program, at__gt=said.at - window, at__lte=said.at, advocate__state=AdvocateState.ACTIVE)
    invites = invites.select_related("advocate__account", "advocate__contact")
    if own := invites.filter(addressee__in=told.guest_keys(said.email)).first():
        return _Source(own.advocate, ReferralVia.RECOVERED, own)
    domain = hashes.keyed("domain", hashes.domain_of(said.email))
    of_domain = list(invites.filter(domain=domain).order_by("at")) if domain else []
    if of_domain and len({invite.advocate_id for invite in of_domain}) == 1:
        return _Source(of_domain[0].advocate, ReferralVia.RECOVERED, of_domain[0])
    return None
