"""The portfolio's columns: what there is, and how somebody has arranged it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..types import Column

NARROWEST, WIDEST = 60, 480
COLUMNS = (
    Column("name", "Account", 206, sort="name"),
    Column("health", "Health", 150, sort="health", hint="0 to 100, and its momentum in points per 28 days"),
    Column("risk", "Risk", 170, sort="risk", hint="Chance of leaving, and its change against a week ago in points"),
    Column("arr", "ARR", 84, right=True, sort="arr"),
    Column("stake", "At stake", 88, right=True, sort="stake", hint="ARR × risk: what is likely to be lost if nothing is done"),
    Column("renewal", "Renews", 100, sort="renewal", edit="date", field="renews_on"),
    Column("next_step", "Next step", 196),
    Column("activity", "12 weeks", 96, hint="Activity per week over 12 weeks"),
    Column("two_way", "Last contact", 104, right=True, hint="The last time they and we exchanged words"),
    Column("last_activity", "Last activity", 104, right=True),
    Column("owner", "Owner", 124, edit="choice", field="owner_id"),
    Column("stage", "Stage", 96, edit="choice", field="stage"),
    Column("tier", "Tier", 96, edit="text", field="tier"),
    Column("segment", "Segment", 120, edit="text", field="segment", shown=False),
    Column("tags", "Tags", 150, edit="tags", field="tags", shown=False),
    Column("coverage", "Known", 84, right=True, shown=False, hint="How much of the health's weight is known"),
    Column("plan", "Plan", 110, shown=False),
    Column("seats", "Seats", 92, right=True, shown=False, hint="Used of bought"),
)
BY_KEY = {column.key: column for column in COLUMNS}
# Column -> the account's field that is edited in place.
EDITABLE = {column.key: column.field for column in COLUMNS if column.edit}


def arranged(layout: Iterable[Mapping[str, Any]] | None) -> list[Column]:
    """The columns of a layout in its order and widths; without one, those shown at first. The name always stands first."""
    chosen = [replace(BY_KEY[item["key"]], width=item["width"]) for item in tidy(layout or ())]
    chosen = chosen or [column for column in COLUMNS if column.shown]
    return [column for column in chosen if column.key == "name"] + [column for column in chosen if column.key != "name"]


def tidy(layout: Any) -> list[dict[str, Any]]:
    """What of a layout makes sense: known columns once each, with widths that can be seen. Without the name there is no layout."""
    found: dict[str, dict[str, Any]] = {}
    for item in layout if isinstance(layout, list | tuple) else ():
        key = item.get("key") if isinstance(item, Mapping) else None
        if isinstance(key, str) and key in BY_KEY and key not in found:
            width = item.get("width")
            width = width if isinstance(width, int) and not isinstance(width, bool) else BY_KEY[key].width
            found[key] = {"key": key, "width": min(WIDEST, max(NARROWEST, width))}
    return list(found.values()) if "name" in found else []
