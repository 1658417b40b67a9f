"""What segments do when something was announced: accounts are marked for those that look at such a change, many by one statement."""

from collections.abc import Mapping

from apps.core import clock
from apps.events import vocabulary as said
from apps.events.models import Event

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
    # Words of theirs are gone, and activity may be another's.
    said.PersonErased: services.segments.EVERYTHING,
    said.AccountErased: services.segments.EVERYTHING,
    said.ConsentChanged: Kind.CONTACTS,
    said.ContactsMerged: Kind.CONTACTS | Kind.ACTIVITY,
}


def mark_segments(event: said.DomainEvent, row: Event) -> None:
    accounts = [event.account_id] if isinstance(event, said.AccountEvent) else list(getattr(event, "account_ids", ()))
    services.segments.mark(accounts, kinds=_KINDS[type(event)], now=clock.now(), cause=row)


def mark_all_segments(event: said.ImportFinished | said.MeaningGiven, row: Event) -> None:
    kinds = Kind.ACTIVITY if isinstance(event, said.MeaningGiven) else services.segments.EVERYTHING
    services.segments.mark_all(kinds=kinds, now=clock.now(), cause=row)
