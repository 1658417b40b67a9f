"""Invitations: an advocate asks us to write to somebody once, and nobody else can have us write to them about the same program again."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import Q

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging import selectors as told
from apps.messaging import services as messaging

from ..models import Advocate, Invite
from ..types import AdvocateState
from . import asked, hashes, links, programs

TEMPLATE = "invitation"
# Worth sending for so long; a night and a weekend fit in.
_WORTH = timedelta(days=5)
# One answer for whoever cannot be invited: it must not tell who is a customer, or whom others know.
NOT_THIS_PERSON = "This person cannot be invited."


def invite(advocate: Advocate, *, address: str, locale: str = "", actor: Actor, now: datetime) -> Invite:
    """Queue the one invitation of this person, in the sender's hours. Asked twice by the same advocate it is the same invite.

    Refused where the advocate declined, has asked often enough today, or the person is a customer, was invited by anybody, or said never.
    """
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused("no_address", "This is no email address.") from error
    with transaction.atomic():
        sender = Advocate.objects.select_for_update(of=("self",)).select_related("program__current", "contact__account").get(pk=advocate.pk)
        await_others(sender.program_id, told.guest_key(address))
        if found := Invite.objects.filter(program=sender.program_id, addressee__in=told.guest_keys(address)).first():
            if found.advocate_id == sender.pk:
                return found
            raise Refused("not_this_person", NOT_THIS_PERSON)
        _refuse(sender, address, now=now)
        row = Invite.objects.create(
            program=sender.program,
            advocate=sender,
            account_id=sender.account_id,
            addressee=told.guest_key(address),
            domain=hashes.keyed("domain", hashes.domain_of(address)),
            locale=locale,
            at=now,
        )
        row.message = messaging.compose_to_guest(
            sender=sender.contact,
            address=address,
            template_key=TEMPLATE,
            locale=locale,
            idem_key=f"referral-invite:{row.pk}",
            context=_words(sender, row, locale),
            due_at=now,
            expires_at=now + _WORTH,
            actor=actor,
            now=now,
        )
        row.save(update_fields=["message"])
    return row


def _words(sender: Advocate, row: Invite, locale: str) -> dict[str, str]:
    said = programs.says(programs.current(sender.program)).said_in(locale.partition("-")[0])
    return {"title": said.title, "text": said.text, "link": links.link(sender.code, row.pk)}


def _refuse(sender: Advocate, address: str, *, now: datetime) -> None:
    programs.refuse_unless_live(sender.program)
    if sender.state != AdvocateState.ACTIVE:
        raise Refused("stopped", "This code brings nothing new any more.")
    asked.refuse_unless_asked(sender.contact, now=now)
    most = programs.says(programs.current(sender.program)).invites_per_day
    if Invite.objects.filter(advocate=sender, at__gt=now - timedelta(days=1)).count() >= most:
        raise Refused("enough_today", f"{most} invitations a day are enough. Try again tomorrow.")
    if messaging.barred(address) or Contact.objects.filter(Q(email__iexact=address) | Q(email__iexact=told.plain_address(address))).exists():
        raise Refused("not_this_person", NOT_THIS_PERSON)


def await_others(program_id: int, key: str) -> None:
    """Until the transaction ends nobody else invites this person, or lets them sign up."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"community.referral:{program_id}:{key}"])


def take_back(contact_id: int, *, actor: Actor, now: datetime) -> int:
    """The sender does not want to recommend us any more: what has not left yet stays here. Returns how many were taken back."""
    waiting = Invite.objects.filter(advocate__contact=contact_id, message__isnull=False).values_list("message_id", flat=True)
    ids = [key for key in waiting if key is not None]
    return messaging.cancel_waiting(message_ids=ids, reason="The sender does not want to recommend us any more.", actor=actor, now=now)
