"""The form of an escalation policy: steps as people fill them in, read into what a policy says and back. No queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from apps.alerts.types import StepKind, Whom

MOST = 20
_NEW: Mapping[str, dict[str, Any]] = {
    StepKind.NOTIFY: {"do": "notify", "whom": "owner"},
    StepKind.WAIT: {"do": "wait", "minutes": 240},
    StepKind.HOURS: {"do": "hours", "from": "08:00", "until": "20:00", "days": [0, 1, 2, 3, 4], "zone": "UTC"},
    StepKind.ONLY_IF: {"do": "only_if", "severity": "urgent"},
}


@dataclass
class PolicyDraft:
    """A policy as it stands in the form."""

    key: str = ""
    name: str = ""
    why: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)
    repeat: str = "1"
    least_severity: str = "warning"
    large_arr: str = "50000"
    head: str = ""
    rules: list[str] = field(default_factory=list)
    seen: int = 0
    told: str = ""
    fresh: int = -1


def posted(said: QueryDict, *, key: str = "") -> PolicyDraft:
    """What was typed, with the pressed button carried out: add, remove, up or down."""
    count = min(_whole(said.get("steps", "0")) or 0, MOST)
    draft = PolicyDraft(
        key=key or said.get("key", "").strip()[:60],
        name=said.get("name", "").strip()[:120],
        why=said.get("why", "").strip()[:250],
        steps=[_step(said, number) for number in range(count)],
        repeat=said.get("repeat", "1")[:2],
        least_severity=said.get("least_severity", "warning")[:10],
        large_arr=said.get("large_arr", "").strip()[:16],
        head=said.get("head", "")[:254],
        rules=[rule for rule in said.getlist("rules") if rule.isascii() and rule.isdigit()][:200],
        seen=_whole(said.get("seen", "0")) or 0,
    )
    return _pressed(draft, said.get("do", ""))


def _pressed(draft: PolicyDraft, button: str) -> PolicyDraft:
    what, _, which = button.partition(":")
    steps = draft.steps
    if what == "add" and which in _NEW and len(steps) < MOST:
        steps.append(dict(_NEW[which]))
        draft.fresh, draft.told = len(steps) - 1, f"Step {len(steps)} added."
        return draft
    place = _whole(which)
    if place is None or place >= len(steps):
        return draft
    if what == "remove":
        steps.pop(place)
        draft.told = f"Step {place + 1} removed."
    elif what in ("up", "down"):
        other = place + (-1 if what == "up" else 1)
        if 0 <= other < len(steps):
            steps[place], steps[other] = steps[other], steps[place]
            draft.told = f"Step {place + 1} is now step {other + 1}."
    return draft


def _step(said: QueryDict, number: int) -> dict[str, Any]:
    def value(name: str) -> str:
        return said.get(f"s{number}-{name}", "").strip()[:120]

    match value("do"):
        case StepKind.NOTIFY:
            whom, _, key = value("whom").partition(":")
            step: dict[str, Any] = {"do": "notify", "whom": whom}
            if key:
                step["key"] = key
            if value("urgent"):
                step["urgent"] = True
            return step
        case StepKind.WAIT:
            step = {"do": "wait", "minutes": _minutes(value("hours"))}
            if value("hours_large"):
                step["minutes_large"] = _minutes(value("hours_large"))
            if value("by") == "clock":
                step["by"] = "clock"
            return step
        case StepKind.HOURS:
            days = [int(day) for day in said.getlist(f"s{number}-days") if day in "0123456" and len(day) == 1]
            return {"do": "hours", "from": value("from"), "until": value("until"), "days": days, "zone": value("zone") or "UTC"}
        case StepKind.ONLY_IF if value("what") == "arr":
            return {"do": "only_if", "arr": _whole(value("arr"))}
        case StepKind.ONLY_IF:
            return {"do": "only_if", "severity": value("what")}
        case _:
            return {"do": value("do")}


def _whole(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 13 else None


def _minutes(hours: str) -> int:
    """Hours as typed, in whole minutes; 0 for what is no number, which no policy takes."""
    try:
        return round(float(hours.replace(",", ".")) * 60)
    except (ValueError, OverflowError):
        return 0


def value_of(step: Mapping[str, Any]) -> str:
    """What the one choice of a telling holds: `owner`, or `duty:weekend`."""
    key = step.get("key", "")
    return f"{step.get('whom', '')}:{key}" if key or step.get("whom") == Whom.TURN else str(step.get("whom", ""))


def hours_of(minutes: Any) -> str:
    return f"{minutes / 60:g}" if isinstance(minutes, int) and minutes else ""
