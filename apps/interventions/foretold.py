"""What a dry run found: who would have entered, every step, and what it would have cost. As JSON it is kept with the run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

_MOMENTS = ("since", "until", "at", "ended_at", "goal_met_at", "entered_at")


@dataclass(frozen=True)
class Entered:
    """One run that would have begun."""

    account_id: int
    at: datetime
    arm: str
    trigger_key: str = ""
    exit_reason: str = ""
    ended_at: datetime | None = None
    goal_met_at: datetime | None = None


@dataclass(frozen=True)
class Foreseen:
    """One step that would have been taken; `fate` of a message: sent, or why the governor would have held it."""

    account_id: int
    entered_at: datetime
    arm: str
    position: int
    step: str
    kind: str
    at: datetime
    what: str = ""
    went: str = ""
    because: str = ""
    fate: str = ""


@dataclass(frozen=True)
class Foretold:
    """`passed_over` by reason, `messages` by channel, `withheld` by the governor's words, `money` in the house's currency."""

    since: datetime
    until: datetime
    entries: list[Entered] = field(default_factory=list)
    lines: list[Foreseen] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)
    withheld: dict[str, int] = field(default_factory=dict)
    tasks: int = 0
    csm_minutes: int = 0
    money: Decimal = Decimal(0)


def as_json(foretold: Any) -> dict[str, Any]:
    """Plain data; moments as ISO, money as a word so that nothing is rounded."""
    made: dict[str, Any] = _plain(asdict(foretold))
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


def from_json(said: Mapping[str, Any]) -> Foretold:
    """The inverse of as_json."""
    whole = _moments(said)
    return Foretold(
        **{
            **whole,
            "entries": [Entered(**_moments(one)) for one in said.get("entries", [])],
            "lines": [Foreseen(**_moments(one)) for one in said.get("lines", [])],
            "money": Decimal(str(said.get("money", "0"))),
        }
    )


def _moments(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name in _MOMENTS and isinstance(value, str) else value for name, value in said.items()}
