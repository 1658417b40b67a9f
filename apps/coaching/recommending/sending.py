"""Sending a tip to somebody at the customer, through the governor like every message."""

from datetime import datetime, timedelta

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging import services as messaging
from apps.messaging.models import Message, Template
from apps.messaging.types import Channel, Lane

from ..definition import ENGLISH
from ..models import Recommendation
from ..types import RecommendationState

# A tip that did not leave within a week would arrive out of season.
_LIFE = timedelta(days=7)
_SENT_WHILE = (RecommendationState.OPEN, RecommendationState.ACCEPTED, RecommendationState.LATER)


def send_tip(recommendation_id: int, *, contact_id: int, now: datetime, actor: Actor, channel: str = Channel.EMAIL) -> Message:
    """Write the tip to this person in the language that its words and the template both have; sent twice, it is one message.

    The governor decides whether and when it leaves. Sending is no answer: the tip waits for one as before.
    """
    row = Recommendation.objects.select_related("tip", "version", "account").get(pk=recommendation_id)
    says = row.version.says
    if row.held_back:
        raise Refused("tip_held_back", "This tip was held back at random so that its effect can be told; nobody may be shown it.")
    if row.state not in _SENT_WHILE:
        raise Refused("tip_over", f"“{row.tip.name}” is {row.get_state_display()}; there is nothing to send any more.")
    if not says.template:
        raise Refused("tip_without_template", f"“{row.tip.name}” names no message template, so it is told in person.")
    contact = Contact.objects.filter(account=row.account_id, pk=contact_id, departed_on__isnull=True).first()
    if contact is None:
        raise Refused("no_such_contact", "Nobody of that number is at this account.")
    said = says.said(_language(says.template, channel, contact, row))
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(said.steps, 1))
    return messaging.compose(
        contact=contact,
        channel=channel,
        template_key=says.template,
        lane=Lane.NURTURE,
        idem_key=f"tip:{row.pk}:{contact.pk}:{channel}",
        context={"tip_title": said.title, "tip_text": said.text, "tip_steps": steps},
        due_at=now,
        expires_at=now + _LIFE,
        actor=actor,
        now=now,
    )


def _language(template: str, channel: str, contact: Contact, row: Recommendation) -> str:
    """Theirs, where the template speaks it; a letter in two languages reads like a mistake."""
    own = (contact.locale or row.account.locale or ENGLISH).lower().replace("_", "-").split("-")[0]
    spoken = {locale.lower().split("-")[0] for locale in Template.objects.filter(key=template, channel=channel).values_list("locale", flat=True)}
    return own if own in spoken else ENGLISH
