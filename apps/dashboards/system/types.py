"""A vital sign: one thing about the machinery, with its limit and what to do beyond it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    OK = "ok"
    SLOW = "slow"
    STOPPED = "stopped"
    UNKNOWN = "unknown"

    @property
    def tone(self) -> str:
        return {"ok": "good", "slow": "warn", "stopped": "bad"}.get(self.value, "calm")


# The worst first.
RANK = (State.STOPPED, State.SLOW, State.UNKNOWN, State.OK)


class Group(StrEnum):
    QUEUES = "queues"
    PROCESSES = "processes"
    JOBS = "jobs"
    READ_MODELS = "read_models"
    PROVIDERS = "providers"
    MODELS = "models"
    STORE = "store"
    PROMISES = "promises"


@dataclass(frozen=True)
class Vital:
    """`says` is its value in words; `why` and `todo` are empty while all is well. `value` and `limit` are in `unit`.

    `since`: from when on it has not been well, as far as is known. `about` is the shape of its table's row.
    """

    key: str
    group: Group
    name: str
    state: State
    says: str
    why: str = ""
    todo: str = ""
    since: datetime | None = None
    value: float | None = None
    limit: float | None = None
    unit: str = "s"
    about: dict[str, Any] = field(default_factory=dict)


Check = Callable[[datetime], list[Vital]]


def judged(seconds: float, *, slow: float, stopped: float) -> State:
    """By how old the oldest is."""
    return State.STOPPED if seconds >= stopped else State.SLOW if seconds >= slow else State.OK
