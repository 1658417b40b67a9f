"""What a rehearsal tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Entered:
    """A run that would have begun; `exit_reason` is empty where it would still be going on."""

    account_id: int
    at: datetime
    arm: str
    trigger_key: str
    exit_reason: str = ""
    ended_at: datetime | None = None
    goal_met_at: datetime | None = None


@dataclass(frozen=True)
class Foreseen:
    """A step that would have been taken: as its record would say it. `fate` is what would have become of its message: sent, held (to the end of the
    days looked at), suppressed, expired, cancelled, gathered; `held_for` the governor's reason, where it had one, in words."""

    account_id: int
    entered_at: datetime
    arm: str
    position: int
    step: str
    kind: str
    at: datetime
    what: str
    went: str = ""
    because: str = ""
    fate: str = ""
    held_for: str = ""
    fate_at: datetime | None = None


@dataclass(frozen=True)
class Foretold:
    """What a play would have done from `since` until `until`.

    `passed_over` counts accounts once a day and reason. `messages` counts by channel what would have been sent, `withheld` by reason what would have
    been held or dropped (a message that was held and then sent counts in both). `money` by the contact policy's prices, in its currency.
    """

    since: datetime
    until: datetime
    entries: tuple[Entered, ...] = ()
    lines: tuple[Foreseen, ...] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
    messages: Mapping[str, int] = field(default_factory=dict)
    withheld: Mapping[str, int] = field(default_factory=dict)
    tasks: int = 0
    csm_minutes: int = 0
    money: float = 0.0
