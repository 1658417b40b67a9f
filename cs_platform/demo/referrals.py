"""The demo company's recommendations: a program for both sides, advocates, invitations, sign-ups that got value, two doubts and a refund."""

from datetime import UTC, datetime, time, timedelta

from apps.accounts.models import Account, Contact
from apps.community import selectors
from apps.community import services as community
from apps.community.models import Advocate, Invite, Referral, ReferralClick, ReferralProgram
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.shares import position
from apps.experiments import services as experiments
from apps.messaging import selectors as messaging

ACTOR = Actor.job("demo_world")
# The offer stands since then; accounts that came since may have been recommended to.
_SINCE = timedelta(days=150)
_ADVOCATES, _FRIENDS = 70, 16
_HELD_OUT_PERCENT = 10.0
_SAYS = {
    "goes_to": "https://harbourlight.example/start",
    "words": {
        "en": {"title": "Harbourlight", "text": "Appointments and invoices in one place, for practices and studios."},
        "de": {"title": "Harbourlight", "text": "Termine und Rechnungen an einem Ort, für Praxen und Studios."},
    },
    "first_value": {"activity": "invoice.sent"},
    "advocate": {"unit": "points", "amount": 100},
    "friend": {"unit": "credits", "currency": "USD", "amount": 10},
    "per_month": 5,
}
referrals = community.referrals


def write(*, now: datetime) -> dict[str, int]:
    """After the past was lived through; deterministic by the keys of customers. Returns how many rows of each kind."""
    first = now - _SINCE
    why, length = "What does the offer bring?", timedelta(days=365)
    experiments.draw_holdout(key="referrals", share_percent=_HELD_OUT_PERCENT, period=length, reason=why, actor=ACTOR, now=first)
    program = referrals.create(key="friends", name="Recommend Harbourlight", says=_SAYS, actor=ACTOR, now=first)
    program = referrals.turn(program, "live", actor=ACTOR, now=first)
    advocates = _advocates(program, now=now)
    invites = _invite(program, advocates, now=now)
    signed_up = _sign_up(program, advocates, now=now)
    referrals.mature_due(actor=ACTOR, now=now)
    if signed_up:
        # The youngest of them asked for their money back.
        referrals.void(signed_up[-1], reason="Refunded within the first weeks", at=now, actor=ACTOR, now=now)
    return {"advocates": len(advocates), "invites": invites, "referrals": len(signed_up)}


def _advocates(program: ReferralProgram, *, now: datetime) -> list[Advocate]:
    """One person each of customers that were there before the offer, spread over its months."""
    old = Account.objects.at_risk().filter(started_on__lt=(now - _SINCE).date()).order_by("pk")
    made: list[Advocate] = []
    for account in sorted(old, key=lambda row: position("advocate", row.external_id)):
        person = Contact.objects.filter(account=account, departed_on=None).exclude(email="").order_by("pk").first()
        if person is None:
            continue
        at = now - _SINCE * position("offered", account.external_id)
        try:
            made.append(referrals.join(program, contact=person, actor=ACTOR, now=at))
        except Refused:
            # Held out, or they declined.
            continue
        if len(made) == _ADVOCATES:
            break
    return made


def _invite(program: ReferralProgram, advocates: list[Advocate], *, now: datetime) -> int:
    """Earlier invitations, of which only the keys are left, and two of today, which wait for their hour in the sender's day."""
    rows = []
    for number, advocate in enumerate(advocates):
        for one in range(int(4 * position("invites", advocate.contact.external_id) ** 2)):
            at = advocate.joined_at + (now - advocate.joined_at) * position("invited", f"{number}:{one}") * 0.9
            key = messaging.guest_key(f"guest{number}-{one}@visitors.example")
            rows.append(Invite(program=program, advocate=advocate, account_id=advocate.account_id, addressee=key, locale="en", at=at))
    Invite.objects.bulk_create(rows)
    for number, advocate in enumerate(advocates[:2]):
        referrals.invite(advocate, address=f"today{number}@visitors.example", locale=("en", "de")[number], actor=ACTOR, now=now)
    return len(rows) + 2


def _sign_up(program: ReferralProgram, advocates: list[Advocate], *, now: datetime) -> list[Referral]:
    """Accounts of these months, each by the link of an advocate who was there before it."""
    young = Account.objects.at_risk().filter(started_on__gt=(now - _SINCE).date(), started_on__lt=now.date()).order_by("started_on", "pk")
    came, made = list(young), list[Referral]()
    # Spread over these months, the youngest among them.
    chosen = came[:: -max(1, len(came) // _FRIENDS)][:_FRIENDS][::-1]
    for number, friend in enumerate(chosen):
        assert friend.started_on is not None
        at = min(datetime.combine(friend.started_on, time(10), UTC), now)
        before = [one for one in advocates if one.joined_at < at]
        if not before:
            continue
        # A few bring most.
        advocate = before[int(len(before) * position("by", friend.external_id) ** 3)]
        touched = at - timedelta(hours=20)
        click = ReferralClick.objects.create(program=program, advocate=advocate, account_id=advocate.account_id, at=touched)
        code = selectors.referrals.touch_token(advocate.code, click.pk)
        doubt = {"payer": "one-card"} if number in (4, 9) else {}
        if doubt:
            Account.objects.filter(pk=advocate.account_id).update(traits={**advocate.account.traits, **doubt})
        said = referrals.SignUp(
            key=f"demo-{friend.external_id}",
            at=at,
            code=code,
            external_id=friend.external_id,
            **doubt,
        )
        made.append(referrals.sign_up(program, said, actor=ACTOR, now=at))
    return made
