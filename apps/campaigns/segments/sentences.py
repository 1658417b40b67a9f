"""Rules as people say them."""

from typing import Any

from . import grammar as g

_MILESTONE = {
    "reached": "reached milestone {}",
    "not_reached": "has not reached milestone {}",
    "open": "is on the way to milestone {}",
    "behind": "is behind on milestone {}",
    "stuck": "is stuck on the way to milestone {}",
}
_PLAY = {"running": "{} runs for them", "entered": "entered {}", "ended": "came to the end of {}"}


def in_words(rule: g.Rule) -> str:
    """As a sentence reads it: “health is poor and (tier is gold or ARR is at least 50000)”."""
    if isinstance(rule, g.Node):
        if rule.joint == "none":
            return "not " + " and not ".join(_inner(part) for part in rule.parts)
        return (" and " if rule.joint == "all" else " or ").join(_inner(part) for part in rule.parts)
    return _leaf(rule)


def _inner(part: g.Rule) -> str:
    words = in_words(part)
    return f"({words})" if isinstance(part, g.Node) and (len(part.parts) > 1 or part.joint == "none") else words


def _leaf(leaf: Any) -> str:
    match leaf:
        case g.Everybody():
            return "everybody"
        case g.Field():
            return _compared(g.FIELDS[leaf.name][1], leaf)
        case g.Trait():
            return _compared(f"trait “{leaf.name}”", leaf)
        case g.Did():
            return f"did {_acts(leaf)} {_times(leaf)}{_within(leaf.within_days)}"
        case g.Last():
            if leaf.op in g.NO_VALUE:
                return f"{'did' if leaf.op == 'known' else 'never did'} {_acts(leaf)}"
            return f"the last time they did {_acts(leaf)} {g.OPS[leaf.op]} {leaf.days} days ago"
        case g.Sequence():
            return f"did “{leaf.first}” and within {leaf.within_days} days then “{leaf.then}”, the latter within the last {leaf.lately_days} days"
        case g.Health():
            return f"health {g.OPS[leaf.op]} {leaf.band}" if leaf.band else _compared("health", leaf)
        case g.Risk():
            return f"churn risk {g.OPS[leaf.op]} {leaf.band}" if leaf.band else _compared("churn risk in percent", leaf)
        case g.Driver():
            return f"“{leaf.feature}” raises their churn risk"
        case g.Milestone():
            return _MILESTONE[leaf.state].format(f"“{leaf.key}”") + _within(leaf.within_days)
        case g.Tier():
            return f"stands in tier “{leaf.key}”" if leaf.key else "stands in no tier"
        case g.Play():
            return _PLAY[leaf.state].format(f"play “{leaf.key}”" if leaf.key else "a play") + _within(leaf.within_days)
        case g.Coaching():
            return f"{'reached' if leaf.reached else 'missed'} a coaching goal{_within(leaf.within_days)}"
        case g.Revenue():
            return f"{leaf.movement} of revenue {g.OPS[leaf.op]} {_told(leaf.value)}{_within(leaf.within_days)}"
        case g.Renewal():
            return "renewal " + (g.OPS[leaf.op] if leaf.op in g.NO_VALUE else f"{g.OPS[leaf.op]} {leaf.days} days away")
        case g.Survey():
            return _compared(f"the newest {leaf.survey.upper()} answer", leaf) + _within(leaf.within_days)
        case g.Ticket():
            asked = "" if len(leaf.priorities) == 4 else f"{' or '.join(one.upper() for one in leaf.priorities)} "
            return f"{'a' if leaf.open else 'no'} {asked}ticket is open"
        case g.Consent():
            return f"{'somebody' if leaf.allowed else 'nobody'} may be written to about “{leaf.topic}” by {leaf.channel}"
        case g.In():
            return f"is in segment “{leaf.segment}”"
        case g.Bucket():
            return f"falls by lot into {_told(leaf.start)} to {_told(leaf.end)} of a hundred" + (f" (“{leaf.salt}”)" if leaf.salt else "")
        case _:
            return "is listed by hand"


def _compared(words: str, leaf: Any) -> str:
    value = leaf.value
    told = ", ".join(map(_told, value)) if isinstance(value, list) else _told(value)
    return f"{words} {g.OPS[leaf.op]} {told}".rstrip()


def _acts(leaf: Any) -> str:
    return f"“{leaf.name}”" if leaf.name else f"anything of {leaf.meaning}" if leaf.meaning else "anything in the product"


def _times(leaf: g.Did) -> str:
    how = {"is": "exactly", "is_not": "not", "at_least": "at least", "at_most": "at most", "over": "more than", "under": "fewer than"}[leaf.op]
    return f"{how} {leaf.times} time{'' if leaf.times == 1 else 's'}"


def _within(days: int | None) -> str:
    return "" if days is None else f" within the last {days} day{'' if days == 1 else 's'}"


def _told(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.15g}" if isinstance(value, int | float) else str(value)
