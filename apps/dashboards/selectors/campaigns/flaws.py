"""Every flaw of a campaign's definition at once: a reader of types stops at the first."""

from collections.abc import Mapping
from typing import Any

from apps.campaigns import services as campaigns

_definition = campaigns.definition


def flaws_of(says: Mapping[str, Any], kind: str) -> list[tuple[str, str]]:
    """(place, words) of everything that is wrong; empty when the definition can be taken."""
    found: dict[tuple[str, str], None] = {}
    for name, part in says.items():
        alone = {"when": {"kind": "manual"}, name: part}
        for place, words in _flaws(alone, ""):
            if place.split(".")[0].split("[")[0] == name:
                found.setdefault((place, words))
    if not found:
        for place, words in _flaws(says, kind):
            found.setdefault((place, words))
    if kind == "survey" and isinstance(says.get("survey"), dict):
        for place, words in campaigns.surveys.flaws_of(says["survey"]) if hasattr(campaigns.surveys, "flaws_of") else ():
            found.setdefault((f"survey.{place}", words))
    return list(found)


def _flaws(says: Any, kind: str) -> list[tuple[str, str]]:
    try:
        _definition.read(says, kind)
    except _definition.Flaws as flaws:
        return list(flaws.flaws)
    return []
