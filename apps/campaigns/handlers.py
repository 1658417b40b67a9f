"""What campaigns, surveys and segments do when something was announced."""

from collections.abc import Mapping

from apps.core import clock
from apps.events import vocabulary as said
from apps.events.models import Event
from apps.events.vocabulary import AccountEvent, MessageNotSent, MessageReplied, SegmentEntered, TaskClosed

from . import services

Kind = services.segments.Kind
# Facts of accounts come together with those of their people and papers.
_FACTS = Kind.FIELDS | Kind.SURVEYS | Kind.TICKETS | Kind.CONTACTS
_KINDS: Mapping[type[said.DomainEvent], services.segments.Kind] = {
    said.ActivityReceived: Kind.ACTIVITY,
    said.AccountsChanged: _FACTS,
    said.AccountChurned: _FACTS,
    said.StoryChanged: _FACTS,
    said.HealthChanged: Kind.HEALTH,
    said.HealthBandChanged: Kind.HEALTH,
    said.RiskScored: Kind.RISK,
    said.RiskRaised: Kind.RISK,
    said.RiskLowered: Kind.RISK,
    said.ProgressMoved: Kind.MILESTONES,
    said.MilestoneAchieved: Kind.MILESTONES,
    said.MilestoneTakenBack: Kind.MILESTONES,
    said.MilestonePaceChanged: Kind.MILESTONES,
    said.TierReached: Kind.TIER,
    said.PlayEntered: Kind.PLAYS,
    said.PlayEnded: Kind.PLAYS,
    said.CoachingOutcome: Kind.COACHING,
    said.SurveyAnswered: Kind.SURVEYS,
    said.ConsentChanged: Kind.CONTACTS,
    said.ContactsMerged: Kind.CONTACTS | Kind.ACTIVITY,
}


def mark_segments(event: said.DomainEvent, row: Event) -> None:
    accounts = [event.account_id] if isinstance(event, said.AccountEvent) else list(getattr(event, "account_ids", ()))
    services.segments.mark(accounts, kinds=_KINDS[type(event)], now=clock.now(), cause=row)


def mark_all_segments(event: said.ImportFinished | said.MeaningGiven, row: Event) -> None:
    kinds = Kind.ACTIVITY if isinstance(event, said.MeaningGiven) else services.segments.EVERYTHING
    services.segments.mark_all(kinds=kinds, now=clock.now(), cause=row)


def note_answered(event: TaskClosed, row: Event) -> None:
    """A task about an answer to a survey is done: the answer has been answered."""
    services.surveys.close_loop(task_id=event.task_id, now=clock.now(), cause=row)


def start_campaigns(event: AccountEvent, row: Event) -> None:
    """Whatever is announced about an account may start a campaign for it."""
    services.campaigns.on_event(event, row, now=clock.now())


def welcome(event: SegmentEntered, row: Event) -> None:
    """Whoever comes into a segment may be awaited there."""
    services.campaigns.on_segment(event, row, now=clock.now())


def note_campaign_reply(event: MessageReplied, row: Event) -> None:
    services.campaigns.note_reply(message_id=event.message_id, at=row.at)


def note_campaign_not_sent(event: MessageNotSent, row: Event) -> None:
    if event.state != "unknown":
        services.campaigns.note_not_sent(message_id=event.message_id)
