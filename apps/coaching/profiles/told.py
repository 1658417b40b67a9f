"""Strengths and gaps of an account, and the names of patterns, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..behaviours import BEHAVIOURS, BY_KEY, Behaviour
from . import clusters
from .clusters import Numbers

_AHEAD, _BEHIND = 0.75, 0.25
# Among fewer accounts a place says nothing.
LEAST_TO_COMPARE = 10
# A centre this far from the middle is worth a word (in standard deviations).
_MARKED = 0.25


def measures(values: Mapping[str, float | None], scales: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """By behaviour its value and its place; what is not known is left out."""
    return {
        key: {"value": round(value, 4), "place": round(clusters.place(value, scales.get(key, ())), 3)}
        for key, value in values.items()
        if value is not None
    }


def ahead_and_behind(
    measured: Mapping[str, Mapping[str, float]], scales: Mapping[str, Sequence[float]], *, accounts: int
) -> tuple[list[Any], list[Any]]:
    """(strengths, gaps), the farthest from the middle first."""
    if accounts < LEAST_TO_COMPARE:
        return [], []
    strengths, gaps = [], []
    for behaviour in BEHAVIOURS:
        if behaviour.key not in measured:
            continue
        own = measured[behaviour.key]
        good = own["place"] if behaviour.better > 0 else 1 - own["place"]
        told = {"behaviour": behaviour.key, "good": round(good, 3), "words": sentence(behaviour, own["value"], own["place"], scales[behaviour.key])}
        if good >= _AHEAD:
            strengths.append(told)
        elif good <= _BEHIND:
            gaps.append(told)
    return sorted(strengths, key=lambda one: -one["good"]), sorted(gaps, key=lambda one: one["good"])


def sentence(behaviour: Behaviour, value: float, place: float, quantiles: Sequence[float]) -> str:
    """“Days of use: 3 of 28 days; half of all accounts have 9 or more. More than 12 of 100.”"""
    half = float(np.median(np.array(quantiles)))
    return (
        f"{behaviour.name[0].upper()}{behaviour.name[1:]}: {behaviour.told(value)}; half of all accounts come to {behaviour.told(half)} or more. "
        f"{place * 100:.0f} of 100 accounts come to less."
    )


def named(centre: Numbers, taken: set[str]) -> tuple[str, str]:
    """(name, words) of a pattern from its centre: what is most unlike the middle first, with as many words as make it unlike the other names."""
    order = np.argsort(-np.abs(centre))
    parts = [_word(BEHAVIOURS[int(index)], float(centre[index])) for index in order]
    for count in range(2, len(parts) + 1):
        name = _joined(parts[:count])
        if name not in taken:
            break
    marked = [int(index) for index in order if abs(centre[index]) >= _MARKED][:4]
    more = [BEHAVIOURS[index].name for index in marked if centre[index] > 0]
    less = [BEHAVIOURS[index].name for index in marked if centre[index] < 0]
    told = [f"more {', '.join(more)}" if more else "", f"less {', '.join(less)}" if less else ""]
    return name, f"Compared with all accounts: {'; '.join(part for part in told if part) or 'like most in everything'}."[:250]


def _word(behaviour: Behaviour, at: float) -> str:
    return behaviour.more if at > 0 else behaviour.less


def _joined(parts: Sequence[str]) -> str:
    words = ", ".join(parts[:-1]) + f" and {parts[-1]}"
    return words[0].upper() + words[1:80]


def name_of(key: str) -> str:
    return BY_KEY[key].name
