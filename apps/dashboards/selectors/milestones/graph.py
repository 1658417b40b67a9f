"""What needs what, as a picture: columns from what is open at once to what comes last, and a line for every need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.milestones.models import Milestone
from apps.milestones.types import MilestoneState

# A card's box and the room between two, in px.
WIDTH, HEIGHT, ACROSS, DOWN = 188, 72, 56, 16


@dataclass(frozen=True)
class Node:
    """A milestone at its place; `x` and `y` are its upper left corner."""

    key: str
    name: str
    state: str
    column: int
    row: int
    needs: tuple[str, ...] = ()
    is_this: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def x(self) -> int:
        return self.column * (WIDTH + ACROSS)

    @property
    def y(self) -> int:
        return self.row * (HEIGHT + DOWN)


@dataclass(frozen=True)
class Line:
    """From the right side of what is needed to the left side of what it opens; `path` is an SVG curve."""

    path: str
    fresh: bool = False


@dataclass(frozen=True)
class Graph:
    nodes: list[Node] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def names(self) -> dict[str, str]:
        return {node.key: node.name for node in self.nodes}

    @property
    def width(self) -> int:
        return max((node.x + WIDTH for node in self.nodes), default=0) + 2

    @property
    def height(self) -> int:
        return max((node.y + HEIGHT for node in self.nodes), default=0) + 2

    @property
    def node_width(self) -> int:
        return WIDTH

    @property
    def node_height(self) -> int:
        return HEIGHT


def of_live(counts: Mapping[int, Mapping[str, int]] | None = None) -> Graph:
    rows = list(Milestone.objects.filter(state=MilestoneState.LIVE).select_related("current"))
    return laid([_told(row, (counts or {}).get(row.pk, {})) for row in rows])


def with_draft(key: str, name: str, needs: Iterable[str]) -> Graph:
    """Everything that is not retired, with the one that is being written as it stands on the form."""
    rows = list(Milestone.objects.exclude(state=MilestoneState.RETIRED).select_related("current"))
    found = [_told(row, {}) for row in rows if row.key != key]
    mine = next((row for row in rows if row.key == key), None)
    before = set((mine.current.definition.get("needs") or ()) if mine and mine.current else ())
    place = next((place for place, row in enumerate(rows) if row.key == key), len(found))
    found.insert(place, {"key": key, "name": name or "This one", "state": mine.state if mine else "draft", "needs": tuple(needs), "is_this": True})
    return laid(found, fresh={(need, key) for need in needs if need not in before})


def _told(row: Milestone, counts: Mapping[str, int]) -> dict[str, Any]:
    said = row.current.definition if row.current else {}
    return {"key": row.key, "name": row.name, "state": row.state, "needs": tuple(said.get("needs") or ()), "counts": counts}


def laid(found: list[dict[str, Any]], fresh: Iterable[tuple[str, str]] = ()) -> Graph:
    """Each in the column after the last thing it needs, in the order of the catalogue; what leads in a circle stands where its circle closes."""
    by_key, new = {one["key"]: one for one in found}, set(fresh)
    columns: dict[str, int] = {}

    def column(key: str, way: tuple[str, ...]) -> int:
        if key in columns:
            return columns[key]
        if key in way:
            return 0
        after = [column(need, (*way, key)) + 1 for need in by_key[key]["needs"] if need in by_key]
        columns[key] = max(after, default=0)
        return columns[key]

    rows: dict[int, int] = {}
    nodes = []
    for one in found:
        at = column(one["key"], ())
        nodes.append(Node(column=at, row=rows.setdefault(at, 0), **one))
        rows[at] += 1
    placed = {node.key: node for node in nodes}
    lines = [Line(_curve(placed[need], node), (need, node.key) in new) for node in nodes for need in node.needs if need in placed]
    return Graph(nodes, lines)


def _curve(start: Node, stop: Node) -> str:
    x1, y1, x2, y2 = start.x + WIDTH, start.y + HEIGHT / 2, stop.x - 5, stop.y + HEIGHT / 2
    bend = max((x2 - x1) / 2, 20)
    return f"M{x1} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2} {y2:g}"
