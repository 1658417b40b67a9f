"""A dashboard as its page and its builder draw it, before any figure is there."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from ..models import Dashboard
from .kinds import KINDS


def widgets(says: Mapping[str, Any]) -> list[dict[str, Any]]:
    """In reading order, with what the page needs of each: its place, and what makes it move."""
    return [shown(one) for one in says.get("widgets", []) if one.get("kind") in KINDS]


def shown(one: Mapping[str, Any]) -> dict[str, Any]:
    kind = KINDS[one["kind"]]
    return {
        **one,
        "title": one["title"],
        "label": one["title"] or kind.name,
        "icon": kind.icon,
        "topics": [f"metric:{key}" for key in one["metrics"]],
        "moves": [*kind.moves, *(["metrics"] if one["metrics"] else [])],
    }


def config(board: Dashboard, says: Mapping[str, Any], *, link: str = "") -> dict[str, Any]:
    """For the browser."""
    return {
        "id": board.pk,
        "name": board.name,
        "version": board.version,
        "link": link,
        "data": reverse("dashboard_data", args=[board.pk]),
        "widgets": [
            {
                name: each[name]
                for name in ("id", "kind", "label", "title", "metrics", "topics", "moves", "refresh", "x", "y", "w", "h", "options", "days")
            }
            for each in widgets(says)
        ],
    }


def rows(says: Mapping[str, Any]) -> int:
    """How many rows of the grid it takes."""
    return max((one["y"] + one["h"] for one in says.get("widgets", [])), default=4)
