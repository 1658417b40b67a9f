"""What a draft would mean, while it is typed: whose path it is on, who would have reached it, what each variant asks, what changes, what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.milestones import selectors as milestones
from apps.milestones.models import Milestone

from . import one, words

DAYS = 90


@dataclass(frozen=True)
class Consequence:
    """`foreseen` is None while the draft cannot be judged by; `on_path` while its audience cannot be read."""

    flaws: Sequence[tuple[str, str]]
    told: list[tuple[str, str]]
    spoken: list[tuple[str, Mapping[str, str]]]
    counted: list[tuple[str, str]]
    changes: list[words.Change] = field(default_factory=list)
    is_new: bool = True
    manual: bool = False
    on_path: int | None = None
    foreseen: milestones.Foreseen | None = None

    @property
    def told_of(self) -> str:
        """How long it took them, in a sentence or two."""
        seen = self.foreseen
        assert seen is not None
        parts = [f"{seen.already:,} were there before."] if seen.already else []
        if seen.done_at_once:
            parts.append(f"{seen.done_at_once:,} had done it all when it opened to them.")
        if seen.half is not None and seen.most is not None:
            whose = "Of the others half" if seen.done_at_once else "Half of them"
            parts.append(f"{whose} were there {seen.half:.0f} days after it opened, three quarters after {seen.most:.0f}.")
        if seen.sampled > 1:
            parts.append(f"Reckoned from every {seen.sampled}th customer.")
        return " ".join(parts) or "Nobody was there before either: an easier number, or longer days, would let some win it."


def flaws_of(says: Mapping[str, Any], key: str) -> list[tuple[str, str]]:
    """In the words of the form where the definition is not even begun."""
    if not says.get("criteria"):
        return [("criteria", "Say what must have happened."), *(() if says.get("value") else [("value", "Say what it is worth to the customer.")])]
    return milestones.flaws_of(says, key)


def consequence(
    says: Mapping[str, Any], flaws: Sequence[tuple[str, str]], *, told: Sequence[tuple[str, str]], milestone: Milestone | None, now: datetime
) -> Consequence:
    names = one.names()
    typed = milestones.readable(says)
    before = milestone.current.definition if milestone and milestone.current else None
    judged = typed is not None and not typed.manual
    return Consequence(
        flaws=told,
        told=words.told(says, names),
        spoken=words.spoken(says),
        counted=_counted(says, names) if typed is not None and len(typed.variants) > 1 else [],
        changes=words.changes(before, says, names) if before else [],
        is_new=before is None,
        manual=typed is not None and typed.manual,
        on_path=one.audience(says).count() if typed is None or typed.manual else None,
        foreseen=milestones.foresee(typed, days=DAYS, now=now) if judged and typed is not None else None,
    )


def _counted(says: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The criteria as each variant asks them."""
    found = []
    for variant in says.get("variants") or ():
        factor = float(variant.get("factor", 1.0))
        found.append((f"{variant.get('key')} × {words.figure(factor)}", words.criterion(_made(says.get("criteria"), factor), names)))
    return found


def _made(said: Any, factor: float) -> Any:
    """The criteria with every counted number times the factor; counts are whole, rounded and at least 1."""
    if not isinstance(said, Mapping):
        return said
    for joint in ("all", "any"):
        if isinstance(said.get(joint), list):
            return {joint: [_made(part, factor) for part in said[joint]]}
    if "count" in said and isinstance(said.get("at_least"), int | float):
        return {**said, "at_least": max(1, int(said["at_least"] * factor + 0.5))}
    if "sum" in said and isinstance(said.get("at_least"), int | float):
        return {**said, "at_least": said["at_least"] * factor}
    return said
