"""On which channel a message goes, and when, with the reason in words."""

from dataclasses import dataclass
from datetime import datetime

from apps.messaging import selectors as messaging
from apps.messaging.types import Channel

from .definition import AUTO, MessageStep
from .models import Enrolment

# What costs least and disturbs least comes first.
_ORDER = (Channel.EMAIL, Channel.IN_APP, Channel.PUSH, Channel.WHATSAPP, Channel.SMS, Channel.VOICE)


@dataclass(frozen=True)
class Choice:
    """`channel` is empty where none reaches the person; `why` says so, and why this one."""

    channel: str
    why: str
    due_at: datetime


def choose(enrolment: Enrolment, step: MessageStep, now: datetime) -> Choice:
    """The named channel, or the first of the fixed order that has words for this step and on which this person can be reached."""
    if step.channel != AUTO:
        return Choice(step.channel, "", now)
    assert enrolment.contact is not None
    open_ones = messaging.reaches(enrolment.contact, template_key=step.template, now=now)
    for channel in step.channels or _ORDER:
        if channel in open_ones:
            return Choice(channel, f"{Channel(channel).label} is the first channel that reaches them", now)
    return Choice("", "no channel with words for this step reaches them", now)
