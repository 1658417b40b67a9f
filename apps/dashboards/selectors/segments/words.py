"""Rules in words, and what changed from one version to the next."""

from collections.abc import Mapping
from typing import Any

from apps.campaigns import services as campaigns
from apps.campaigns.models import SegmentVersion
from apps.interventions.services import differences

_rules = campaigns.segments.rules
Change = differences.Change


def in_words(rule: Any) -> str:
    try:
        return str(_rules.in_words(_rules.read(rule)))
    except _rules.Flaws:
        return "a rule that cannot be read any more"


def leaving_in_words(version: SegmentVersion) -> str:
    """How they leave, where that is not as soon as they no longer fit."""
    parts = []
    if version.leaves is not None:
        parts.append(f"Who no longer fits leaves when {in_words(version.leaves)}.")
    if version.stay_days:
        parts.append(f"Nobody leaves within {version.stay_days} days.")
    return " ".join(parts)


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Line by line what came, what went and how lines join; then how they leave."""
    found = _lines(before["rule"], after["rule"], "Rule") + _lines(before.get("leaves"), after.get("leaves"), "Who leaves")
    days = before.get("stay_days", 0), after.get("stay_days", 0)
    if days[0] != days[1]:
        found.append(Change("Nobody leaves sooner than", f"{days[0]} days", f"{days[1]} days"))
    return found


def of_version(version: SegmentVersion) -> dict[str, Any]:
    return {"rule": version.rule, "leaves": version.leaves, "stay_days": version.stay_days}


def _lines(before: Any, after: Any, heading: str) -> list[Change]:
    if before == after:
        return []
    old, new = _apart(before), _apart(after)
    gone = [words for words in old if words not in new]
    come = [words for words in new if words not in old]
    if not gone and not come:
        return [Change(heading, in_words(before), in_words(after))]
    most = max(len(gone), len(come))
    pairs = zip([*gone, *[None] * (most - len(gone))], [*come, *[None] * (most - len(come))], strict=True)
    return [Change(heading, was, now) for was, now in pairs]


def _apart(rule: Any) -> list[str]:
    """The lines of a rule in words; of a nested group as one line."""
    if rule is None:
        return []
    if isinstance(rule, dict) and isinstance(rule.get("all"), list):
        return [in_words(part) for part in rule["all"]]
    return [in_words(rule)]
