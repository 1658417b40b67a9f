"""What a rehearsal tells; as JSON it is kept with the run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

_MOMENTS = ("since", "until", "at", "ended_at", "goal_met_at", "entered_at", "fate_at")


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


def as_json(foretold: Foretold) -> dict[str, Any]:
    """Plain data; moments as ISO."""
    made: dict[str, Any] = _plain(asdict(foretold))
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


def from_json(said: Mapping[str, Any]) -> Foretold:
    """The inverse of as_json."""
    parts = {
        "entries": tuple(Entered(**_moments(one)) for one in said["entries"]),
        "lines": tuple(Foreseen(**_moments(one)) for one in said["lines"]),
    }
    return Foretold(**{**_moments(said), **parts})


def _moments(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name in _MOMENTS and isinstance(value, str) else value for name, value in said.items()}
