"""What a dashboard says: read strictly, put in order, and never with two widgets on one place."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from apps.core.errors import Refused

from .kinds import COLUMNS, DAYS, FILTERS, KINDS, MOST_WIDGETS, REFRESH, Choice, Kind

MOST_ROWS = 200
_ID = re.compile(r"^[a-z0-9]{1,12}$")
_KEY = re.compile(r"^[a-z0-9][a-z0-9_.-]{0,79}$")
EMPTY: dict[str, Any] = {"name": "", "why": "", "widgets": []}


def read(said: Any, *, complete: bool = True) -> dict[str, Any]:
    """The whole, tidied. `complete`: it is to be saved, so it needs a name; a draft may be unfinished."""
    if not isinstance(said, Mapping):
        raise Refused("bad_board", "A dashboard is an object with name, why and widgets. Nothing was saved.")
    name, why = _text(said.get("name"), 80), _text(said.get("why"), 200)
    if complete and not name:
        raise Refused("no_name", "A dashboard needs a name. Nothing was saved; your draft is kept.")
    widgets = said.get("widgets", [])
    if not isinstance(widgets, list) or len(widgets) > MOST_WIDGETS:
        raise Refused("too_many_widgets", f"A dashboard holds up to {MOST_WIDGETS} widgets. Nothing was saved.")
    found, taken = [], set()
    for number, one in enumerate(widgets, 1):
        read_one = widget(one, number, complete=complete)
        if read_one["id"] in taken:
            read_one["id"] = _free(taken)
        taken.add(read_one["id"])
        found.append(read_one)
    return {"name": name, "why": why, "widgets": settled(found)}


def widget(said: Any, number: int = 1, *, complete: bool = True) -> dict[str, Any]:
    """One widget, tidied; what its kind does not know is left out."""
    kind = KINDS.get(str(said.get("kind"))) if isinstance(said, Mapping) else None
    if kind is None:
        raise Refused("bad_widget", f"Widget {number} is of no kind that there is. Nothing was saved.")
    title = _text(said.get("title"), 80)
    metrics = [key for key in _list(said.get("metrics")) if _KEY.match(key)][: kind.metrics[1]]
    if complete and len(metrics) < kind.metrics[0]:
        needs = "a figure" if kind.metrics[0] == 1 else f"{kind.metrics[0]} figures"
        raise Refused("bad_widget", f"“{title or kind.name}” needs {needs}: choose one at the side. Nothing was saved; your draft is kept.")
    dimension = _text(said.get("dimension"), 20) if kind.dimension else ""
    if complete and kind.dimension == "needed" and not dimension:
        raise Refused("bad_widget", f"“{title or kind.name}” needs to know by what it is split. Nothing was saved; your draft is kept.")
    filters = said.get("filters") if isinstance(said.get("filters"), Mapping) else {}
    options = said.get("options") if isinstance(said.get("options"), Mapping) else {}
    identity = str(said.get("id") or "")
    w = max(kind.min_w, min(COLUMNS, _whole(said.get("w"), kind.w)))
    return {
        "id": identity if _ID.match(identity) else f"w{number}",
        "kind": kind.key,
        "title": title,
        "metrics": metrics,
        "dimension": dimension if re.fullmatch(r"[a-z_]{0,20}", dimension) else "",
        "filters": {name: _text(filters.get(name), 80) for name in FILTERS if name in kind.filters and _text(filters.get(name), 80)},
        "days": _one_of(said.get("days"), DAYS, kind.days) if kind.days else 0,
        "refresh": _one_of(said.get("refresh"), REFRESH, 0),
        "options": {choice.name: _option(choice, options.get(choice.name)) for choice in kind.choices},
        "x": max(0, min(COLUMNS - w, _whole(said.get("x"), 0))),
        "y": max(0, min(MOST_ROWS, _whole(said.get("y"), 0))),
        "w": w,
        "h": max(kind.min_h, min(12, _whole(said.get("h"), kind.h))),
    }


def settled(widgets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In reading order, each moved down until nothing overlaps and then up as far as it goes: what gridstack shows is what is stored."""
    placed: list[dict[str, Any]] = []
    for one in sorted(widgets, key=lambda each: (each["y"], each["x"])):
        while any(_meet(one, other) for other in placed):
            one["y"] += 1
        while one["y"] and not any(_meet({**one, "y": one["y"] - 1}, other) for other in placed):
            one["y"] -= 1
        placed.append(one)
    return sorted(placed, key=lambda each: (each["y"], each["x"]))


def blank(kind: Kind) -> dict[str, Any]:
    """A widget as the catalogue offers it."""
    return widget({"kind": kind.key}, complete=False)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What differs between two versions, in words."""
    old, new = ({one["id"]: one for one in said.get("widgets", [])} for said in (before, after))
    places = ("x", "y", "w", "h")
    told = []
    for words, names in (
        ("added", [_name(new[key]) for key in new if key not in old]),
        ("removed", [_name(old[key]) for key in old if key not in new]),
        ("changed", [_name(new[key]) for key in new if key in old and _but(old[key], places) != _but(new[key], places)]),
    ):
        if names:
            told.append(f"{words} {', '.join(names[:3])}" + (f" and {len(names) - 3} more" if len(names) > 3 else ""))
    if moved := sum(1 for key in new if key in old and any(old[key][place] != new[key][place] for place in places)):
        told.append(f"moved {moved}")
    if before.get("name") != after.get("name"):
        told.append(f"named “{after.get('name')}”")
    return "; ".join(told)[:200]


def _name(one: Mapping[str, Any]) -> str:
    return str(one["title"] or KINDS[one["kind"]].name)


def _but(one: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name not in names}


def _meet(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


def _option(choice: Choice, value: Any) -> str:
    if choice.choices:
        return str(value) if str(value) in dict(choice.choices) else choice.default
    if choice.words:
        words = "" if value is None else str(value).replace("\x00", "")[: choice.words]
        return words if choice.lines else _day(words) if choice.name == "by" else " ".join(words.split())
    try:
        number = float(str(value))
    except ValueError:
        return choice.default
    return f"{number:.12g}" if choice.least <= number <= choice.most else choice.default


def _day(words: str) -> str:
    try:
        return date.fromisoformat(words).isoformat()
    except ValueError:
        return ""


def _text(value: Any, most: int) -> str:
    return " ".join(str(value).replace("\x00", "").split())[:most] if isinstance(value, str | int | float) else ""


def _list(value: Any) -> list[str]:
    return list(dict.fromkeys(one for one in value if isinstance(one, str))) if isinstance(value, list) and len(value) < 50 else []


def _whole(value: Any, usual: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else usual


def _one_of(value: Any, known: tuple[int, ...], usual: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in known else usual


def _free(taken: set[str]) -> str:
    return next(name for number in range(1, 999) if (name := f"w{number}") not in taken)
