"""What came of the channels that were chosen for people, told to the policy that chose them."""

from datetime import datetime

from apps.experiments import services as experiments
from apps.experiments.models import PolicyDecision
from apps.interventions.services import CHANNEL_POLICY
from apps.messaging.models import Message


def note_reply(*, message_id: int, at: datetime) -> None:
    """They answered a campaign's message: its channel worked."""
    for key in _decisions(message_id):
        experiments.settle(key, success=True, at=at)


def note_not_sent(*, message_id: int) -> None:
    """It reached nobody: nothing is learned from its channel."""
    experiments.drop(_decisions(message_id))


def _decisions(message_id: int) -> list[int]:
    key = Message.objects.filter(pk=message_id, series__startswith="campaign:").values_list("idem_key", flat=True).first()
    return list(PolicyDecision.objects.filter(policy=CHANNEL_POLICY, key=key).values_list("pk", flat=True)) if key else []
