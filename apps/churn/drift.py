"""Drift: do the present accounts look like those a model learned from? It finds broken tracking and changed habits, not whether the model is right.

The distance is the population stability index of ten groups of equal size (Siddiqi 2006): sum of (now - then) x ln(now / then). Without any change
it averages (groups - 1) x (1 / then + 1 / now) by chance alone, so small companies are not judged and a limit grows where few are compared.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from . import population
from .dataset import Dataset
from .models import ModelVersion
from .registry import DATED, TRAIT, describe, plain
from .scoring import encoding
from .types import DefinitionKind, Look

LEAST_ACCOUNTS = 500
ALARM, WARN = 0.25, 0.10
# An alarm stands this many times above what chance makes.
_ABOVE_CHANCE = 3.0
_GROUPS = 10
_LEVELS = 12
_SHOWN = 40
_ROWS = 20_000
# A share of nothing would make the distance endless.
_SMOOTH = 0.5
# Old rows say how a young record looked, so only the newest quarter of the dates is kept to compare with.
_NEWEST = 0.25
# These move with the calendar alone: age, the way to the next renewal, and sums over a year while the record is younger.
_MOVING = {"tenure", "renewal", "n_year", "active_year", "worth_year"}
_NAMES = {
    "since": "days without activity",
    "since_usual": "silence against its usual gap",
    "active_7": "active days of the last 7",
    "active_28": "active days of the last 28",
    "worth_28": "amounts in 28 days",
}
# Where the value stands in the words of a figure.
_GAP = re.compile(r"\{\w+\}( times(?= “))?")


def reference(data: Dataset) -> dict[str, Any]:
    """How the newest rows looked, small enough to be kept with a model: {"accounts": count, "dates": [...], "features": {key: shares of groups}}."""
    first = max(0, len(data.dates) - max(1, round(_NEWEST * len(data.dates))))
    chosen = data.when >= first
    table = data.part(chosen)
    return {
        "accounts": len(np.unique(data.accounts[chosen])),
        "dates": [day.isoformat() for day in data.dates[first:]],
        "features": {key: _numeric(values) if isinstance(values, np.ndarray) else _texts(values) for key, values in table.items() if _compared(key)},
    }


def look(version: ModelVersion, *, as_of: datetime) -> Look | None:
    """The accounts at risk at `as_of` against those that the version learned from; none where it did not keep how they looked."""
    then = version.metrics.get("reference")
    if not then or version.definition.kind == DefinitionKind.SNAPSHOT:
        return None
    seen = population.at_risk(version.definition, as_of=as_of, names=version.parameters.get("names", ()))
    if len(seen) > _ROWS:
        seen = seen.part(np.random.default_rng(0).choice(len(seen), _ROWS, replace=False))
    return compare(then, seen, len(seen))


def compare(then: Mapping[str, Any], source: encoding.Source, count: int) -> Look:
    """A distance for every figure that was kept, largest first, and what they mean together."""
    figures: dict[str, Any] = {"rows_now": count, "rows_then": then["accounts"], "features": []}
    if min(count, then["accounts"]) < LEAST_ACCOUNTS:
        words = f"{count:,} accounts now and {then['accounts']:,} then: below {LEAST_ACCOUNTS} of each, chance alone looks like change."
        return Look(figures, False, words)
    found = [_distance(key, kept, source(key), count, then["accounts"]) for key, kept in then["features"].items()]
    found.sort(key=lambda one: -one["psi"])
    moved, drifting = [one for one in found if one["alarm"]], [one for one in found if one["warn"]]
    figures |= {"features": found[:_SHOWN], "compared": len(found), "moved": len(moved)}
    if moved:
        told = "; ".join(f"{one['words']} ({one['change']})" for one in moved[:3])
        more = f" and {len(moved) - 3} more" if len(moved) > 3 else ""
        return Look(figures, True, f"Not alike any more: {told}{more}. Look first whether the data still arrives; if customers changed, train anew.")
    if drifting:
        told = ", ".join(one["words"] for one in drifting[:3])
        return Look(figures, False, f"A little has moved ({told}), less than asks for anything.")
    return Look(figures, False, f"Alike: none of {len(found)} figures has moved.")


def name(key: str) -> str:
    """A figure by what it counts: actions in 28 days."""
    if key in _NAMES:
        return _NAMES[key]
    words = describe(key).words
    if not words:
        return plain(key.removeprefix(TRAIT))
    return " ".join(_GAP.sub(" ", words).split())


def _compared(key: str) -> bool:
    return key not in _MOVING and not key.startswith(DATED)


def _numeric(values: np.ndarray) -> dict[str, Any]:
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.arange(1, _GROUPS) / _GROUPS)) if len(known) else np.empty(0)
    middle = round(float(np.median(known)), 6) if len(known) else None
    return {"edges": [float(edge) for edge in edges], "shares": _rounded(_groups(values, edges)), "middle": middle}


def _groups(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Rows in each group: up to the first edge, up to the second, ..., above the last, unknown."""
    unknown = np.isnan(values)
    places = np.where(unknown, len(edges) + 1, np.searchsorted(edges, values, "left"))
    return np.bincount(places, minlength=len(edges) + 2).astype(float)


def _texts(values: Sequence[Any]) -> dict[str, Any]:
    told = encoding.levels(values)
    names, counts = np.unique(told.astype(str), return_counts=True)
    levels = [str(names[place]) for place in np.argsort(-counts, kind="stable")[:_LEVELS]]
    return {"levels": levels, "shares": _rounded(_by_level(told, levels))}


def _by_level(told: np.ndarray, levels: Sequence[str]) -> np.ndarray:
    """Rows of each level, and of all others."""
    places = {level: place for place, level in enumerate(levels)}
    return np.bincount([places.get(level, len(levels)) for level in told.tolist()], minlength=len(levels) + 1).astype(float)


def _rounded(counts: np.ndarray) -> list[float]:
    return [round(float(share), 6) for share in counts / max(1.0, counts.sum())]


def _distance(key: str, kept: Mapping[str, Any], values: Sequence[Any], now: int, then: int) -> dict[str, Any]:
    if "edges" in kept:
        figures = encoding.numbers(values)
        counts = _groups(figures, np.array(kept["edges"]))
        change = _middles(kept["middle"], figures)
    else:
        counts = _by_level(encoding.levels(values), kept["levels"])
        change = _levels(kept, counts / max(1.0, counts.sum()))
    before = np.array(kept["shares"]) * then
    filled = (before > 0) | (counts > 0)
    groups = int(filled.sum())
    old, new = ((part[filled] + _SMOOTH) / (part[filled] + _SMOOTH).sum() for part in (before, counts))
    psi = float(((new - old) * np.log(new / old)).sum())
    chance = (groups - 1) * (1 / then + 1 / now)
    limit = max(ALARM, _ABOVE_CHANCE * chance)
    return {
        "key": key,
        "words": name(key),
        "psi": round(psi, 4),
        "limit": round(limit, 4),
        "alarm": psi > limit,
        "warn": psi > max(WARN, _ABOVE_CHANCE * chance),
        "change": change,
    }


def _middles(before: float | None, figures: np.ndarray) -> str:
    known = figures[~np.isnan(figures)]
    if before is None or not len(known):
        return "unknown now" if before is not None else "known now"
    return f"half were above {before:.3g}, now above {float(np.median(known)):.3g}"


def _levels(kept: Mapping[str, Any], now: np.ndarray) -> str:
    most = int(np.argmax(np.abs(now - np.array(kept["shares"]))))
    level = "others" if most == len(kept["levels"]) else f"“{kept['levels'][most] or 'none'}”"
    return f"{level} {kept['shares'][most]:.0%} then, {now[most]:.0%} now"
