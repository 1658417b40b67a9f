"""Parts of a campaign in words, and what changed from one version to the next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.campaigns import services as campaigns
from apps.campaigns.models import Segment
from apps.interventions import services as interventions
from apps.interventions.services import differences
from apps.messaging.types import Channel

_definition = campaigns.definition
_NAMES = {
    "segment": "Segment",
    "people": "Whom",
    "when": "When",
    "channels": "Channels",
    "choice": "Among the channels",
    "hour": "Hour",
    "variants": "Variants",
    "blocks": "Blocks",
    "sequence": "Play",
    "survey": "Question",
    "holdout_percent": "Held out",
    "goal": "Success",
    "window_days": "Window",
    "promotion": "Promotion",
    "still_in_segment": "Still in the segment",
    "lane": "Priority lane",
    "again_days": "Again after",
    "budget": "Budget",
    "throttle_per_hour": "At most an hour",
    "expires_hours": "Worthless after",
}


def when_in_words(when: Any) -> str:
    """When a campaign goes out."""
    if isinstance(when, _definition.Once):
        return f"once, {datetime.fromisoformat(when.at):%-d %b %Y %H:%M}{' on each clock' if when.local else ' UTC'}"
    if isinstance(when, _definition.Recurring):
        on = {"day": "every day", "week": f"every {when.weekday.capitalize()}", "month": f"on day {when.day} of every month"}[when.every]
        return f"{on} at {when.at}{' on each clock' if when.local else ' UTC'}"
    if isinstance(when, _definition.OnEvent):
        only = f", where {', '.join(f'{name} is {value}' for name, value in when.when.items())}" if when.when else ""
        told = interventions.sentences.event_in_words(when.event)
        return f"when {told[:1].lower()}{told[1:]}{only}"
    return "when an account comes into the segment" if isinstance(when, _definition.Enters) else "when somebody starts it"


def told(says: Any) -> list[tuple[str, str]]:
    """A definition in sentences, heading by heading."""
    found = [
        ("To", f"{_segment(says.segment)}; {'everybody there' if says.people.who == 'all' else 'the person we know best'}{_roles(says)}"),
        ("When", when_in_words(says.when)),
        ("By", ", ".join(str(Channel(one).label) for one in says.channels if one in Channel.values)),
    ]
    if says.sequence:
        found.append(("Steps of", says.sequence))
    if says.variants:
        found.append(("Words", _variants(says)))
    for name, choices in says.blocks.items():
        found.append((f"Block {name}", "; ".join(f"{one.segment or 'everybody else'}: {', '.join(one.words)}" for one in choices)))
    found.append(("Held out", f"{says.holdout_percent:g} % of the accounts" if says.holdout_percent else "nobody, so no effect can be told"))
    if says.goal:
        goal = interventions.definition.Goal(reached=says.goal.reached, window_days=says.window_days)
        found.append(("Success", interventions.sentences.goal_in_words(goal)))
    found.append(("Never", _never(says)))
    if limits := _limits(says):
        found.append(("Limits", limits))
    return found


def _segment(key: str) -> str:
    if not key:
        return "every customer"
    name = Segment.objects.filter(key=key).values_list("name", flat=True).first()
    return f"segment “{name}”" if name else f"segment “{key}”, which is not there"


def _roles(says: Any) -> str:
    return f", {' or '.join(says.people.roles)} only" if says.people.roles else ""


def _variants(says: Any) -> str:
    if len(says.variants) == 1:
        return says.variants[0].template
    whole = sum(one.weight for one in says.variants)
    return ", ".join(f"{one.name} ({one.template}) {100 * one.weight / whole:.0f} %" for one in says.variants)


def _never(says: Any) -> str:
    parts = ["while a save play runs or an urgent ticket is open"] if says.promotion else []
    parts.append(f"again within {says.again} days" if says.again else "twice at one time")
    return ", ".join(parts)


def _limits(says: Any) -> str:
    parts = []
    if says.budget.money is not None:
        parts.append(f"{says.budget.money:g} of money")
    if says.budget.recipients is not None:
        parts.append(f"{says.budget.recipients:,} people")
    if says.throttle_per_hour:
        parts.append(f"{says.throttle_per_hour:,} an hour")
    parts.append(f"worthless after {says.expires_hours} hours")
    return ", ".join(parts)


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[differences.Change]:
    """Every part that differs, in the order of a campaign."""
    return [
        differences.Change(label, _short(before.get(name)), _short(after.get(name)))
        for name, label in _NAMES.items()
        if before.get(name) != after.get(name)
    ]


def _short(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return "; ".join(f"{name} {_short(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(str(_short(one)) for one in value)
    return str(value)
