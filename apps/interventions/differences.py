"""What changed from one version of a play to the next, by place and in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from . import definition
from .selectors import lasting

_NAMES = {
    "trigger": "Trigger",
    "audience": "Audience",
    "entry": "Entry",
    "goal": "Goal",
    "exit_mode": "Exit",
    "stop_on_reply": "Stops on a reply",
    "lane": "Priority lane",
    "approval": "Approval",
    "holdout_percent": "Held out",
    "budget": "Budget",
}


@dataclass(frozen=True)
class Change:
    """`before` and `after` are None where the part was not there, or is not there any more."""

    place: str
    before: str | None
    after: str | None


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every part that differs, in the order of a play; steps are known by their id, so a step that only moved is told as moved."""
    before, after = _canonical(before), _canonical(after)
    found: list[Change] = []
    for name, label in _NAMES.items():
        found += _compared(label, before.get(name), after.get(name))
    old, new = _by_id(before), _by_id(after)
    for step_id in [*new, *(key for key in old if key not in new)]:
        found += _compared(f"Step {step_id}", old.get(step_id), new.get(step_id))
    kept_before, kept_after = [key for key in old if key in new], [key for key in new if key in old]
    if kept_before != kept_after:
        found.append(Change("Order of the steps", " → ".join(kept_before), " → ".join(kept_after)))
    return found


def _canonical(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what stands at its default, where it can be read: saying a default is no difference."""
    try:
        return definition.plain(definition.read(said))
    except definition.Flaws:
        return said


def _by_id(said: Mapping[str, Any]) -> dict[str, Any]:
    return {str(step.get("id", place)): step for place, step in enumerate(said.get("steps") or [], 1) if isinstance(step, dict)}


def _compared(place: str, before: Any, after: Any) -> list[Change]:
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict) and before.get("kind") == after.get("kind") and not _is_condition(before, after):
        names = [*after, *(name for name in before if name not in after)]
        return [change for name in names for change in _compared(f"{place}: {name.replace('_', ' ')}", before.get(name), after.get(name))]
    return [Change(place, _length(place, before) or _shown(before), _length(place, after) or _shown(after))]


def _length(place: str, value: Any) -> str:
    """Minutes and hours of waits as a person says them."""
    unit = place.rpartition(": ")[2]
    if isinstance(value, bool) or not isinstance(value, int | float) or unit not in ("minutes", "review minutes", "due in hours"):
        return ""
    return lasting(timedelta(hours=value) if unit == "due in hours" else timedelta(minutes=value))


def _is_condition(*parts: Mapping[str, Any]) -> bool:
    return any(name in part for part in parts for name in ("fact", "all", "any", "none"))


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')} {_shown(part)}" for name, part in value.items() if name != "id") or "as usual"
    if isinstance(value, list):
        return ", ".join(str(_shown(part)) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
