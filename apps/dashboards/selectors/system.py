"""The health of the system as pages, widgets and doors show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..system import registry
from ..system.types import RANK, Group, State, Vital
from ..types import Spark
from . import sparks

TITLES = {
    Group.QUEUES: "What waits",
    Group.PROCESSES: "Who works",
    Group.JOBS: "Periodic jobs",
    Group.READ_MODELS: "How old figures are",
    Group.PROVIDERS: "Who carries messages",
    Group.MODELS: "Churn models",
    Group.STORE: "What keeps it all",
    Group.PROMISES: "Promises",
}
WORDS = {State.OK: "well", State.SLOW: "slow", State.STOPPED: "stopped", State.UNKNOWN: "not known"}


@dataclass(frozen=True)
class Verdict:
    """One sentence, the worst state, and the signs that made it."""

    state: State
    sentence: str
    ill: tuple[Vital, ...]

    @property
    def tone(self) -> str:
        return self.state.tone

    @property
    def word(self) -> str:
        return WORDS[self.state]


@dataclass(frozen=True)
class Stop:
    """A station on the path of an event: what waits there, and how it does."""

    key: str
    title: str
    icon: str
    says: str
    state: State
    door: str = ""

    @property
    def tone(self) -> str:
        return self.state.tone

    @property
    def word(self) -> str:
        return WORDS[self.state]


@dataclass(frozen=True)
class Row:
    """A sign with how it is drawn; `spark` is the line of a job's last durations."""

    vital: Vital
    spark: Spark | None = None

    @property
    def tone(self) -> str:
        return self.vital.state.tone

    @property
    def word(self) -> str:
        return WORDS[self.vital.state]


@dataclass(frozen=True)
class Part:
    """One table: its title, its worst state, its rows; what is ill stands first."""

    key: str
    title: str
    state: State
    rows: tuple[Row, ...]

    @property
    def tone(self) -> str:
        return self.state.tone

    @property
    def word(self) -> str:
        return WORDS[self.state]


def verdict(now: datetime, vitals: Sequence[Vital] | None = None) -> Verdict:
    """How it all is, in one sentence; what has stopped is named before what is slow. Promises are of a day or more, and have a table of their own."""
    vitals = [vital for vital in (registry.look(now) if vitals is None else vitals) if vital.group != Group.PROMISES]
    stopped, slow = registry.ill(vitals, State.STOPPED), registry.ill(vitals, State.SLOW)
    known = [vital for vital in vitals if vital.state != State.UNKNOWN]
    if stopped:
        sentence = f"{_named(stopped)} {'has' if len(stopped) == 1 else 'have'} stopped" + (
            f", and {len(slow)} more {_are(slow)} slow." if slow else "."
        )
    elif slow:
        sentence = f"{_named(slow)} {'needs' if len(slow) == 1 else 'need'} a look; everything runs."
    else:
        sentence = f"Everything runs: {len(known)} of {len(vitals)} signs are well" + (
            "." if len(known) == len(vitals) else f", {len(vitals) - len(known)} are not known."
        )
    return Verdict(registry.worst(vitals), sentence, (*stopped, *slow))


def parts(now: datetime, vitals: Sequence[Vital] | None = None) -> list[Part]:
    """The signs by their tables, in the order of the page."""
    vitals = registry.look(now) if vitals is None else vitals
    found = []
    for group, title in TITLES.items():
        mine = sorted((vital for vital in vitals if vital.group == group), key=lambda vital: RANK.index(vital.state))
        found.append(Part(group.value, title, registry.worst(mine), tuple(Row(vital, _durations(vital)) for vital in mine)))
    return found


def _durations(vital: Vital) -> Spark | None:
    """The last durations of a job, the oldest first; nothing where it ran once or never."""
    run = vital.about.get("run")
    if run is None or len(run.recent) < 2:
        return None
    seconds = list(reversed(run.recent))
    return sparks.line(
        seconds, words=f"The last {len(seconds)} runs took {min(seconds):.2g} to {max(seconds):.2g} s, the newest {seconds[-1]:.2g} s."
    )


def path(vitals: Sequence[Vital]) -> list[Stop]:
    """The path of an event through the house, station by station, with what waits at each."""
    by_key = {vital.key: vital for vital in vitals}
    messages = [vital for vital in vitals if vital.key.startswith("messages-")]
    carriers = [vital for vital in vitals if vital.group == Group.PROVIDERS]
    figures = [vital for vital in vitals if vital.group == Group.READ_MODELS]
    workers = [by_key[key] for key in ("workers-celery", "beat") if key in by_key]
    web = by_key.get("web")
    behind = sum(int(vital.about.get("depth", 0)) for vital in figures)
    waiting = sum(int(vital.about.get("depth", 0)) for vital in messages)
    pages = int(web.about.get("sockets", 0)) if web else 0
    return [
        Stop("door", "Door", "login", f"{web.about.get('processes', 0)} web" if web else "not known", _worst(web, by_key.get("database"))),
        Stop("events", "Events", "bolt", by_key["deliveries"].says if "deliveries" in by_key else "not known", _worst(by_key.get("deliveries"))),
        Stop("workers", "Workers", "engineering", workers[0].says if workers else "not known", _worst(*workers)),
        Stop("figures", "Scores and segments", "speed", f"{behind:,} behind" if behind else "up to date", _worst(*figures)),
        Stop("messages", "Messages", "mail", f"{waiting:,} due" if waiting else "none waits", _worst(*messages, by_key.get("workers-messages"))),
        Stop("carriers", "Carriers", "local_shipping", _carry(carriers), _worst(*carriers), "channels"),
        Stop("pages", "Open pages", "web", f"{pages:,} live", _worst(by_key.get("valkey"), by_key.get("promise-push"))),
    ]


def as_json(now: datetime) -> dict[str, Any]:
    """Everything, for support and for supervisors; figures and words, nothing of a customer."""
    vitals = registry.look(now)
    said = verdict(now, vitals)
    return {"state": said.state.value, "sentence": said.sentence, "as_of": now.isoformat(), "vitals": [_plain(vital) for vital in vitals]}


def _plain(vital: Vital) -> dict[str, Any]:
    return {
        "key": vital.key,
        "group": vital.group.value,
        "name": vital.name,
        "state": vital.state.value,
        "says": vital.says,
        "why": vital.why,
        "todo": vital.todo,
        "since": vital.since.isoformat() if vital.since else None,
        "value": vital.value,
        "limit": vital.limit,
        "unit": vital.unit,
        **_run(vital.about),
    }


def _run(about: Mapping[str, Any]) -> dict[str, Any]:
    run = about.get("run")
    if run is None:
        return {}
    told = {"runs": run.runs, "failures": run.failures, "seconds": run.seconds, "recent_seconds": list(run.recent)}
    return {"job": {"task": about["task"], "every": about["every"], "last_success_at": run.last_success_at, **told}}


def _named(vitals: Sequence[Vital]) -> str:
    names = [vital.name[:1].lower() + vital.name[1:] for vital in vitals]
    first = names[0][:1].upper() + names[0][1:]
    if len(names) == 1:
        return first
    return f"{first} and {names[1]}" if len(names) == 2 else f"{first}, {names[1]} and {len(names) - 2} more"


def _are(vitals: Sequence[Vital]) -> str:
    return "is" if len(vitals) == 1 else "are"


def _carry(carriers: Sequence[Vital]) -> str:
    carry = sum(vital.state != State.STOPPED for vital in carriers)
    return f"{carry} of {len(carriers)} channels" if carriers else "none set up"


def _worst(*vitals: Vital | None) -> State:
    known = [vital for vital in vitals if vital is not None]
    if known and all(vital.state == State.UNKNOWN for vital in known):
        return State.UNKNOWN
    return registry.worst(known)
