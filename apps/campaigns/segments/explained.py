"""Why an account fulfils a rule or does not: the rule part by part, each with its answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import grammar as g
from .facts import Facts
from .judged import judge
from .sentences import in_words


@dataclass(frozen=True)
class Explained:
    """A rule with its answer, part by part; `joint` is empty for a single condition."""

    words: str
    holds: bool
    value: Any
    flips_at: datetime | None
    joint: str = ""
    parts: tuple["Explained", ...] = ()


def explain(rule: g.Rule, facts: Facts, segment_id: int | None = None) -> Explained:
    found = judge(rule, facts, segment_id)
    if isinstance(rule, g.Node):
        parts = tuple(explain(part, facts, segment_id) for part in rule.parts)
        return Explained(in_words(rule), found.holds, None, found.flips_at, rule.joint, parts)
    return Explained(in_words(rule), found.holds, found.value, found.flips_at)
