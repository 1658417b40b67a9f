"""The states of a coaching session, and what a goal may be measured by."""

from dataclasses import dataclass

from django.db.models import TextChoices


class SessionState(TextChoices):
    PROPOSED = "proposed", "proposed"
    ACCEPTED = "accepted", "accepted, needs a time"
    SCHEDULED = "scheduled", "scheduled"
    LIVE = "live", "under way"
    HELD = "held", "held, needs a follow-up"
    FOLLOW_UP = "follow_up", "followed up, effect awaited"
    DONE = "done", "done, effect read"
    NO_SHOW = "no_show", "nobody came"
    CALLED_OFF = "called_off", "called off"


# The only moves a session may make. Whoever did not come may get another time; what was called off is over.
SESSION_MOVES: dict[SessionState, tuple[SessionState, ...]] = {
    SessionState.PROPOSED: (SessionState.ACCEPTED, SessionState.CALLED_OFF),
    SessionState.ACCEPTED: (SessionState.SCHEDULED, SessionState.CALLED_OFF),
    SessionState.SCHEDULED: (SessionState.SCHEDULED, SessionState.LIVE, SessionState.NO_SHOW, SessionState.CALLED_OFF),
    SessionState.LIVE: (SessionState.HELD, SessionState.NO_SHOW),
    SessionState.HELD: (SessionState.FOLLOW_UP,),
    SessionState.FOLLOW_UP: (SessionState.DONE,),
    SessionState.DONE: (),
    SessionState.NO_SHOW: (SessionState.SCHEDULED, SessionState.CALLED_OFF),
    SessionState.CALLED_OFF: (),
}
# In which of them a session still wants something of somebody, and in which it took place.
WAITING = (SessionState.PROPOSED, SessionState.ACCEPTED, SessionState.SCHEDULED, SessionState.LIVE, SessionState.HELD, SessionState.NO_SHOW)
TOOK_PLACE = (SessionState.HELD, SessionState.FOLLOW_UP, SessionState.DONE)


class Mode(TextChoices):
    VIDEO = "video", "video call"
    CALL = "call", "telephone"
    ON_SITE = "on_site", "at theirs"


class Measure(TextChoices):
    """What a goal is read from."""

    ACTIVITY = "activity", "times a week of one activity"
    ACTIONS = "actions", "actions a week of any kind"
    DAYS = "days", "days a week with use"
    SEATS = "seats", "per cent of the seats in use"
    MILESTONE = "milestone", "a milestone reached"


@dataclass(frozen=True)
class Agreed:
    """What was agreed: an action in words, and how one will see that it was done, by 7 or 30 days after the session."""

    action: str
    measure: Measure
    target: float
    name: str = ""
    within_days: int = 30


# After so many days a goal is read.
READ_AFTER = (7, 30)
# What the learning policy of apps.experiments calls the choice of a strategy; the share of goals reached that one expects before anything is known.
STRATEGY_POLICY = "coaching_strategy"
STRATEGY_PRIOR = 0.4
