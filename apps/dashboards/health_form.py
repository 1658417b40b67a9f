"""The health model's tree as a form: every input is named by its place in the tree, so an answer that names a field points at its input.

Rows left empty are no rows: the last tier, row of tiers, measure and dimension of each list are there to be filled in.
"""

import re
from collections.abc import Mapping
from typing import Any

from apps.health import selectors as health

_PLACE = re.compile(r"dimensions(\.(\d{1,2}|weight|name|key|measures|source|missing|by|audience|field|value|table|from|tiers|points|remove)){1,10}")
_WORDS = {"name", "key", "source", "missing", "by", "field", "value"}


def read(posted: Mapping[str, str]) -> dict[str, Any]:
    """The tree that the form says, as JSON; what is no number stays a word, for the check to name."""
    nested: dict[str, Any] = {}
    for name, value in posted.items():
        if _PLACE.fullmatch(name):
            at = nested
            *way, last = name.split(".")
            for step in way:
                at = at.setdefault(step, {})
                if not isinstance(at, dict):
                    return {"dimensions": None}
            at[last] = value.strip() if last in _WORDS else _number(value)
    return {"dimensions": [_dimension(one, place) for place, one in enumerate(_kept(nested.get("dimensions"), "name"))]}


def _number(value: str) -> Any:
    words = value.strip().replace("−", "-")
    if not words:
        return None
    try:
        number = float(words)
    except ValueError:
        return words
    if not abs(number) < 1e15:
        return words
    return int(number) if number == int(number) else number


def _kept(rows: Any, needed: str) -> list[dict[str, Any]]:
    """Rows in the order of their places, without those that were emptied or marked to go."""
    found = [rows[key] for key in sorted(rows, key=int)] if isinstance(rows, dict) and all(key.isdigit() for key in rows) else []
    return [row for row in found if isinstance(row, dict) and row.get(needed) not in (None, "") and not row.get("remove")]


def _dimension(row: dict[str, Any], place: int) -> dict[str, Any]:
    name = str(row.get("name") or "")
    return {
        "key": row.get("key") or re.sub(r"\W+", "_", name.lower()).strip("_")[:30] + f"_{place}",
        "name": name,
        "weight": row.get("weight"),
        "measures": [_measure(one) for one in _kept(row.get("measures"), "source")],
    }


def _measure(row: dict[str, Any]) -> dict[str, Any]:
    audience = row.get("audience") if isinstance(row.get("audience"), dict) else {}
    assert isinstance(audience, dict)
    found = {
        "source": row.get("source"),
        "weight": row.get("weight"),
        "missing": row.get("missing") or "redistribute",
        "audience": audience if audience.get("field") or audience.get("value") else None,
        "by": row.get("by") or "",
        "table": [_row(one, place) for place, one in enumerate(_table(row.get("table")))],
    }
    if not found["table"] and found["source"] in health.BY_KEY:
        # A measure that was just chosen begins with the tiers it usually has.
        found |= {name: value for name, value in health.usual_rule(str(found["source"])).items() if name in ("by", "table")}
    return found


def _table(rows: Any) -> list[dict[str, Any]]:
    """The first row begins nowhere; later ones need their first day."""
    if not isinstance(rows, dict) or not all(key.isdigit() for key in rows):
        return []
    found = [rows[key] for key in sorted(rows, key=int) if isinstance(rows[key], dict)]
    return [row for place, row in enumerate(found) if place == 0 or row.get("from") is not None]


def _row(row: dict[str, Any], place: int) -> dict[str, Any]:
    tiers = [{"from": tier.get("from"), "points": tier.get("points")} for tier in _kept(row.get("tiers"), "points")]
    return {"from": row.get("from") if place else None, "tiers": tiers}
