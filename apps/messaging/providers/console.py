"""For the demo and for trying out: takes everything and carries nothing. What was taken is read beside the mailbox."""

from apps.messaging import texts
from apps.messaging.models import Message
from apps.messaging.types import BY_PHONE, Ability, Channel, Outcome, Result


class Console:
    channels = (*BY_PHONE, Channel.PUSH)
    can = Ability(within_transaction=True)

    def missing(self, channel: str) -> str:
        return ""

    def deliver(self, message: Message) -> Result:
        parts = texts.size(message.body).parts if message.channel == Channel.SMS else None
        return Result(Outcome.OK, provider_message_id=f"console:{message.pk}", parts=parts)

    def look_up(self, message: Message) -> Result | None:
        return None
