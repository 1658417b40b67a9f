"""What time does to an invitation: its message leaves or does not, one reminder after some days, and an end."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.messaging.types import LEFT, MessageState

from ..models import Invitation
from ..types import CampaignState, InvitationState, RecipientState
from . import definition, inviting

ACTOR = Actor.job("campaigns.follow_surveys")
_GONE_OUT = (*LEFT, MessageState.MERGED)
_NEVER = (MessageState.SUPPRESSED, MessageState.FAILED, MessageState.EXPIRED, MessageState.CANCELLED, MessageState.RETURNED)
# A recipient without a message after so long was skipped after all.
_UNWRITTEN = timedelta(days=1)
_MOST = 500
_WORTH_SENDING = timedelta(days=3)


def follow(*, now: datetime) -> dict[str, int]:
    """One round; returns how many were found sent, withdrawn, expired and reminded."""
    found = {"sent": _note_sent(now), "withdrawn": _withdraw(now)}
    found["expired"] = Invitation.objects.filter(state=InvitationState.ASKED, expires_at__lte=now).update(state=InvitationState.EXPIRED)
    return {**found, "reminded": sum(_remind(pk, now) for pk in _to_remind(now))}


def _note_sent(now: datetime) -> int:
    moment = Message.objects.filter(campaign_recipient=OuterRef("recipient")).values("sent_at")[:1]
    left = Invitation.objects.filter(sent_at=None, recipient__message__state__in=_GONE_OUT)
    # A dead message that a person gave another try: the invitation lives again, unless they were asked something else meanwhile.
    for row in left.filter(state=InvitationState.WITHDRAWN)[:_MOST]:
        try:
            with transaction.atomic():
                Invitation.objects.filter(pk=row.pk, state=InvitationState.WITHDRAWN).update(state=InvitationState.ASKED)
        except IntegrityError:
            continue
    return left.exclude(state=InvitationState.WITHDRAWN).update(sent_at=Coalesce(Subquery(moment), now))


def _withdraw(now: datetime) -> int:
    never = Q(recipient__message__state__in=_NEVER)
    unwritten = Q(recipient__message=None, asked_at__lte=now - _UNWRITTEN) & ~Q(recipient__state=RecipientState.HANDED)
    return Invitation.objects.filter(never | unwritten, state=InvitationState.ASKED).update(state=InvitationState.WITHDRAWN, sent_at=None)


def _to_remind(now: datetime) -> list[int]:
    """The earliest reminder is a day after the asking; the survey's own days are read from its definition."""
    sent = Invitation.objects.open(now).filter(reminded_at=None, sent_at__lte=now - timedelta(days=1), asked_at__gt=now - timedelta(days=91))
    going = sent.filter(campaign__state__in=[CampaignState.LIVE, CampaignState.DONE]).exclude(recipient__message__state=MessageState.REPLIED)
    days = _days(going)
    due = [version for version, wait in days.items() if wait]
    found: list[int] = []
    for version in due:
        ready = going.filter(version=version, sent_at__lte=now - timedelta(days=days[version]))
        found += ready.order_by("sent_at", "pk").values_list("pk", flat=True)[: _MOST - len(found)]
    return found


def _days(invitations: QuerySet[Invitation]) -> dict[int, int]:
    rows = invitations.order_by().values_list("version_id", "version__definition").distinct("version_id")
    return {pk: definition.read(said.get("survey")).reminder_days for pk, said in rows.order_by("version_id")}


def _remind(invitation_id: int, now: datetime) -> bool:
    """Once and for all, on the channel they were asked on; the governor decides whether it may leave."""
    with transaction.atomic():
        mine = Invitation.objects.select_for_update(of=("self",)).select_related("contact__account", "version", "recipient__message")
        row = mine.filter(pk=invitation_id, reminded_at=None, state=InvitationState.ASKED).first()
        message = row.recipient.message if row and row.recipient else None
        if row is None or message is None:
            return False
        Invitation.objects.filter(pk=row.pk).update(reminded_at=now)
        survey = definition.read(row.version.definition.get("survey"))
        try:
            with transaction.atomic():
                messaging.compose(
                    contact=row.contact,
                    channel=message.channel,
                    template_key=survey.reminder_template,
                    lane=message.lane,
                    idem_key=f"survey:{row.pk}:reminder",
                    context={"survey": inviting.context_of(row, reminder=True)},
                    due_at=now,
                    expires_at=min(now + _WORTH_SENDING, row.expires_at),
                    actor=ACTOR,
                    now=now,
                )
        except Refused:
            # No words for this channel, no address any more: nobody is reminded, and nobody tries again every minute.
            return False
    return True
