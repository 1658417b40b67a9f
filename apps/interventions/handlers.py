from apps.core import clock, flags
from apps.core.actor import Actor
from apps.core.jobs import after_commit
from apps.events.models import Event
from apps.events.vocabulary import AccountChurned, ActivityReceived, ImportFinished, MessageReplied, RiskRaised, StoryChanged

from . import selectors, services

_ACTOR = Actor.job("interventions.handlers")


def start_plays(event: RiskRaised, row: Event) -> None:
    for play in selectors.plays_for_risk(event.to_band):
        if flags.play_reaches(play.key, event.account_id):
            services.enrol(play, account_id=event.account_id, prediction_id=event.prediction_id, actor=_ACTOR, now=clock.now(), cause=row)
    after_commit("interventions.advance")


def check_goal(event: ActivityReceived, row: Event) -> None:
    services.check_goals(event.account_ids, actor=_ACTOR, now=clock.now(), cause=row)


def note_reply(event: MessageReplied, row: Event) -> None:
    services.note_reply(message_id=event.message_id, actor=Actor.contact(event.contact_id), now=clock.now(), cause=row)


def stop_for_leavers(event: AccountChurned | ImportFinished, row: Event) -> None:
    services.stop_for_leavers(actor=_ACTOR, now=clock.now(), cause=row)


def close_promised(event: StoryChanged, row: Event) -> None:
    """A settled promise needs no task any more."""
    if event.what == "promise":
        services.close_settled(event.account_ids, actor=_ACTOR, now=clock.now(), cause=row)
