"""In-app: the row in the inbox is the delivery, so it is delivered exactly once; the socket only carries a hint."""

from apps.core.jobs import call_after_commit
from apps.messaging import live
from apps.messaging.models import Message
from apps.messaging.types import Ability, Channel, Outcome, Result


class InApp:
    channels = (Channel.IN_APP,)
    can = Ability(within_transaction=True)

    def missing(self, channel: str) -> str:
        return ""

    def deliver(self, message: Message) -> Result:
        call_after_commit(live.hint, message.contact_id, message.pk)
        return Result(Outcome.OK, provider_message_id=f"inbox:{message.pk}")

    def look_up(self, message: Message) -> Result | None:
        return None
