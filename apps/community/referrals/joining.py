"""Advocates: the offer is shown to somebody, who has a code from then on."""

from datetime import datetime

from django.db import IntegrityError, transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..models import Advocate, ReferralProgram
from ..types import AdvocateState
from . import asked, links, programs

_TRIES = 5


def join(program: ReferralProgram, *, contact: Contact, actor: Actor, now: datetime) -> Advocate:
    """Show the offer: the same person has the same code for good. Refused where they declined, or the offer is hidden from their account."""
    if found := Advocate.objects.filter(program=program, contact=contact).first():
        return found
    programs.refuse_unless_live(program)
    asked.refuse_unless_asked(contact, now=now)
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return Advocate.objects.create(
                    program=program, contact=contact, account_id=contact.account_id, code=links.new_code(), joined_at=now, actor=str(actor)
                )
        except IntegrityError:
            # Somebody else showed it at the same moment, or the code is taken, which happens once in years.
            if found := Advocate.objects.filter(program=program, contact=contact).first():
                return found
    raise Refused("no_code", "No code could be made. Try again.")


def stop(advocate: Advocate, *, actor: Actor, now: datetime) -> Advocate:
    """Their code brings nothing new from now on; what is under way goes on."""
    Advocate.objects.filter(pk=advocate.pk).update(state=AdvocateState.STOPPED, actor=str(actor))
    advocate.refresh_from_db()
    return advocate
