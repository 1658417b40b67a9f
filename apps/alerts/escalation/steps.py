"""What a step of an escalation policy may say, and how it reads. Pure.

`{"do": "notify", "whom": "duty", "key": "weekend", "urgent": true}`: tell somebody; `key` names the team, rota, person or channel.
`{"do": "wait", "minutes": 240, "minutes_large": 60, "by": "working"}`: whoever was told last has so long, in their working time or by the clock.
`{"do": "hours", "from": "08:00", "until": "20:00", "days": [0, 1, 2, 3, 4], "zone": "Europe/Berlin"}`: go on only then; before that it waits.
`{"do": "only_if", "arr": 50000}` or `{"do": "only_if", "severity": "urgent"}`: otherwise it goes no further.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.alerts.types import Severity, StepKind, Whom

MOST_STEPS = 20
MOST_MINUTES = 10_080
MOST_REPEATS = 2
# Who is meant follows from the alert; the others are named by a key.
NAMED = (Whom.TURN, Whom.DUTY, Whom.PERSON, Whom.TEAM, Whom.CHANNEL)
_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.URGENT: 2}
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_MOST_ARR = 10**12
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Step = Mapping[str, Any]


def usual() -> list[dict[str, Any]]:
    """The owner; after 4 working hours (1 for large accounts) the backup, after 8 more the lead, after 24 more the head."""
    return [
        {"do": "notify", "whom": "owner"},
        {"do": "wait", "minutes": 240, "minutes_large": 60},
        {"do": "notify", "whom": "backup"},
        {"do": "wait", "minutes": 480},
        {"do": "notify", "whom": "lead", "urgent": True},
        {"do": "wait", "minutes": 1440},
        {"do": "notify", "whom": "head", "urgent": True},
    ]


def problem(steps: Any) -> str:
    """Why these steps make no policy, or nothing. What keys name is looked up by `policies`."""
    if not isinstance(steps, list) or not steps:
        return "A policy needs at least one step."
    if len(steps) > MOST_STEPS:
        return f"A policy has at most {MOST_STEPS} steps, this one has {len(steps)}."
    for number, step in enumerate(steps, 1):
        if words := _problem_of(step):
            return f"Step {number}: {words}"
    if not any(step["do"] == StepKind.NOTIFY for step in steps):
        return "A policy tells somebody: add a step that does."
    if steps[-1]["do"] != StepKind.NOTIFY:
        return "The last step has to tell somebody; after anything else nothing would happen."
    return ""


def _problem_of(step: Any) -> str:
    if not isinstance(step, dict) or step.get("do") not in StepKind.values:
        return f"use one of {', '.join(StepKind.values)} for what it does."
    known = {
        StepKind.NOTIFY: {"do", "whom", "key", "urgent"},
        StepKind.WAIT: {"do", "minutes", "minutes_large", "by"},
        StepKind.HOURS: {"do", "from", "until", "days", "zone"},
        StepKind.ONLY_IF: {"do", "arr", "severity"},
    }[StepKind(step["do"])]
    if unknown := sorted(set(step) - known):
        return f"there is no {unknown[0]!r} in a step that does {step['do']}."
    return {StepKind.NOTIFY: _notify, StepKind.WAIT: _wait, StepKind.HOURS: _hours, StepKind.ONLY_IF: _only_if}[StepKind(step["do"])](step)


def _notify(step: Step) -> str:
    if step.get("whom") not in Whom.values:
        return f"use one of {', '.join(Whom.values)} for whom it tells."
    if not isinstance(step.get("urgent", False), bool):
        return "urgent is true or false."
    key = step.get("key", "")
    if not isinstance(key, str) or len(key) > 80:
        return "the key is a word of at most 80 letters."
    if step["whom"] in NAMED and step["whom"] != Whom.TURN and not key:
        return f"say which {Whom(step['whom']).value}."
    if key and step["whom"] not in NAMED:
        return f"who the {step['whom']} is follows from the account; leave the key out."
    return ""


def _wait(step: Step) -> str:
    for name in ("minutes", "minutes_large"):
        value = step.get(name, None if name == "minutes_large" else 0)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_MINUTES):
            return f"{name} is {value!r}; use whole minutes from 1 to {MOST_MINUTES}."
    return "" if step.get("by", "working") in ("working", "clock") else "count minutes by working time or by the clock."


def _hours(step: Step) -> str:
    if not all(isinstance(step.get(name), str) and _CLOCK.fullmatch(step[name]) for name in ("from", "until")):
        return "give from and until as 08:00."
    if step["from"] >= step["until"]:
        return "the hours end after they begin."
    days = step.get("days", list(range(7)))
    if not isinstance(days, list) or not days or not all(isinstance(day, int) and not isinstance(day, bool) and 0 <= day <= 6 for day in days):
        return "name days from 0 (Monday) to 6."
    try:
        ZoneInfo(step.get("zone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        return f"{step.get('zone')!r} is no time zone."
    return ""


def _only_if(step: Step) -> str:
    if ("arr" in step) == ("severity" in step):
        return "name either an ARR or a severity."
    if "severity" in step:
        return "" if step["severity"] in Severity.values else f"use one of {', '.join(Severity.values)} for the severity."
    arr = step["arr"]
    return "" if isinstance(arr, int) and not isinstance(arr, bool) and 0 <= arr < _MOST_ARR else "give the ARR as a whole number."


def flaw(step: Any) -> str:
    """What is wrong with one step, or nothing."""
    words = _problem_of(step)
    return f"{words[:1].upper()}{words[1:]}"


def minutes_of(step: Step, *, large: bool) -> int:
    return int((step.get("minutes_large") if large else None) or step["minutes"])


def holds(step: Step, *, arr: Decimal, severity: str) -> bool:
    """Whether an `only_if` lets the climb go on."""
    return arr >= step["arr"] if "arr" in step else at_least(severity, step["severity"])


def at_least(severity: str, least: str) -> bool:
    return _RANK[Severity(severity)] >= _RANK[Severity(least)]


def clock_of(step: Step) -> tuple[time, time]:
    return time.fromisoformat(step["from"]), time.fromisoformat(step["until"])


def length(minutes: int) -> str:
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes} min"


def in_words(step: Step, names: Mapping[tuple[str, str], str] | None = None) -> str:
    """How a step reads. `names` says what keys stand for: {("duty", "weekend"): "Weekend watch"}."""
    match step["do"]:
        case StepKind.NOTIFY:
            return f"Tell {whom_in_words(step, names)}{', urgently' if step.get('urgent') else ''}"
        case StepKind.WAIT:
            large = step.get("minutes_large")
            other = f" ({length(large)} for large accounts)" if large and large != step["minutes"] else ""
            return f"Wait {length(step['minutes'])} of {'working time' if step.get('by', 'working') == 'working' else 'the clock'}{other}"
        case StepKind.HOURS:
            days = step.get("days", list(range(7)))
            return f"Go on only from {step['from']} to {step['until']}, {days_in_words(days)}, {step.get('zone', 'UTC')}"
        case _:
            what = f"the ARR is at least {step['arr']:,}" if "arr" in step else f"it is at least {Severity(step['severity']).label}"
            return f"Go on only if {what}"


def whom_in_words(step: Step, names: Mapping[tuple[str, str], str] | None = None) -> str:
    whom, key = step["whom"], step.get("key", "")
    name = (names or {}).get((whom, key), key)
    return {
        Whom.OWNER: "the owner",
        Whom.BACKUP: "the backup",
        Whom.LEAD: "the team lead",
        Whom.HEAD: "the head",
        Whom.TURN: f"the next of {name or 'the success managers'}",
        Whom.DUTY: f"who is on duty ({name})",
        Whom.PERSON: name,
        Whom.TEAM: f"everybody of {name}",
        Whom.CHANNEL: name,
    }[Whom(whom)]


def days_in_words(days: Sequence[int]) -> str:
    found = sorted(set(days))
    if found == list(range(7)):
        return "every day"
    if len(found) > 2 and found == list(range(found[0], found[-1] + 1)):
        return f"{_DAYS[found[0]]} to {_DAYS[found[-1]]}"
    return ", ".join(_DAYS[day] for day in found)
