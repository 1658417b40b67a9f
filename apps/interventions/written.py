"""Writing plays: versions that are never changed, and the states a play goes through."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import PlayChanged

from . import definition, fits, trials
from .models import Enrolment, Play, PlayVersion
from .types import PLAY_TURNS, EnrolmentState, PlayState


def create_play(*, key: str, name: str, why: str, says: Any, tests: Sequence[Any] = (), note: str = "", actor: Actor, now: datetime) -> Play:
    """A new play as a draft with its first version. Raises Flaws where the definition cannot be understood."""
    definition.read(says)
    with transaction.atomic():
        if Play.objects.filter(key=key).exists():
            raise Refused("play_exists", f"There is a play {key!r} already; save a new version of it.")
        play = Play.objects.create(key=key, name=name, why=why)
        save_version(play, says=says, tests=tests, note=note or "First version.", actor=actor, now=now)
    return play


def save_version(play: Play, *, says: Any, tests: Sequence[Any] = (), note: str = "", actor: Actor, now: datetime) -> PlayVersion:
    """The next version; new runs take it at once, runs in progress finish on theirs. The same words again make no new version."""
    said = definition.plain(definition.read(says))
    with transaction.atomic():
        Play.objects.select_for_update().get(pk=play.pk)
        latest = play.versions.order_by("-number").first()
        if latest is not None and definition.plain(latest.says) == said and list(latest.tests) == list(tests):
            return latest
        number = (play.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        version = PlayVersion.objects.create(
            play=play, number=number, definition=said, tests=list(tests), note=note[:250], created_at=now, created_by=str(actor)
        )
        before = play.current
        play.current, play.starts_on = version, starts_on(version.says.trigger)
        play.save(update_fields=["current", "starts_on"])
        if play.state == PlayState.LIVE and (
            before is None or before.says.audience != version.says.audience or before.says.trigger != version.says.trigger
        ):
            # Who fits the new words from the start has not begun to fit.
            _begin(play, now)
        if play.state == PlayState.LIVE:
            trials.begin(play, version.says, actor=actor, now=now)
        events.publish(PlayChanged(play_id=play.pk, key=play.key, change=f"version {number}", state=play.state), actor=actor, now=now)
    return version


def turn(play: Play, state: str, *, actor: Actor, now: datetime) -> None:
    """Move a play to another state. Pausing keeps its runs where they are; going on lets them continue, late where their time has passed."""
    with transaction.atomic():
        row = Play.objects.select_for_update().get(pk=play.pk)
        if state not in PLAY_TURNS[row.state]:
            raise Refused("play_cannot_turn", f"“{row.name}” is {row.get_state_display()}; it cannot become {PlayState(state).label} from there.")
        if state == PlayState.LIVE and row.current is None:
            raise Refused("play_empty", f"“{row.name}” has no version yet.")
        Play.objects.filter(pk=row.pk).update(state=state)
        if state == PlayState.LIVE:
            _begin(row, now)
            trials.begin(row, row.says, actor=actor, now=now)
        running = Enrolment.objects.filter(play=row).exclude(state=EnrolmentState.ENDED)
        if state == PlayState.PAUSED:
            running.update(paused=True)
        elif row.state == PlayState.PAUSED:
            running.update(paused=False)
        events.publish(PlayChanged(play_id=row.pk, key=row.key, change=f"became {state}", state=state), actor=actor, now=now)
    play.state = state


def _begin(play: Play, now: datetime) -> None:
    """From now on its looks and hours count; what passed before does not."""
    Play.objects.filter(pk=play.pk).update(looked_at=now)
    fits.seed(play, now=now)


def starts_on(trigger: definition.Trigger) -> str:
    """The trigger as an event looks it up: event:risk.raised, activity:NAME, audience, schedule, manual, api."""
    match trigger:
        case definition.OnEvent():
            return f"event:{trigger.event}"
        case definition.OnActivity():
            return f"activity:{trigger.name}"[:140]
        case definition.OnAudience():
            return "audience"
        case definition.OnSchedule():
            return "schedule"
        case definition.ByApi():
            return "api"
        case _:
            return "manual"


def rename(play: Play, *, name: str, why: str, actor: Actor, now: datetime) -> None:
    """What a play is called and what it is for; neither changes what it does, so no version is made."""
    with transaction.atomic():
        if Play.objects.filter(pk=play.pk).exclude(name=name, why=why).update(name=name, why=why):
            events.publish(PlayChanged(play_id=play.pk, key=play.key, change="was described anew", state=play.state), actor=actor, now=now)
    play.name, play.why = name, why


def note_share(play: Play, *, percent: float, actor: Actor, now: datetime) -> None:
    """Keep in the history that somebody let a play reach another share of accounts; the share itself is a flag."""
    with transaction.atomic():
        words = f"reaches {percent:g} % of accounts"
        events.publish(PlayChanged(play_id=play.pk, key=play.key, change=words, state=play.state), actor=actor, now=now)
