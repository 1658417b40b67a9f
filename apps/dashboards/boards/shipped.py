"""Dashboards that come with the product: for a success manager, a lead, an executive, and the machinery. Staff duplicate them to change them."""

from datetime import datetime
from typing import Any

from ..models import Dashboard
from ..types import Audience
from .kinds import KINDS
from .saving import create


def _w(kind: str, x: int, y: int, w: int = 0, h: int = 0, title: str = "", **more: Any) -> dict[str, Any]:
    metrics = [one for one in str(more.pop("of", "")).split() if one]
    options = more.pop("options", {})
    return {
        **{"kind": kind, "x": x, "y": y, "w": w or KINDS[kind].w, "h": h or KINDS[kind].h, "title": title, "metrics": metrics, "options": options},
        **more,
    }


SHIPPED: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "my-book",
        {
            "name": "My book",
            "why": "Whom to look after today, and whether my customers are doing better.",
            "widgets": [
                _w("figure", 0, 0, of="customers", filters={"owner": "me"}),
                _w("figure", 3, 0, of="arr_at_risk", filters={"owner": "me"}),
                _w("figure", 6, 0, of="health", filters={"owner": "me"}),
                _w("figure", 9, 0, of="engagement", filters={"owner": "me"}),
                _w("table", 0, 2, 7, 5, "Where most is at stake", filters={"owner": "me"}),
                _w("alerts", 7, 2, 5, 5, "Needs my eyes", filters={"owner": "me"}),
                _w("line", 0, 7, 7, 4, "ARR at high risk", of="arr_at_risk", days=90, filters={"owner": "me"}),
                _w("feed", 7, 7, 5, 8, "What my customers do"),
                _w("table", 0, 11, 7, 4, "Renews next", options={"rank": "renewal", "most": "5"}, filters={"owner": "me"}),
            ],
        },
    ),
    (
        "my-team",
        {
            "name": "My team",
            "why": "Where the team’s customers stand, who carries what, and what is coming.",
            "widgets": [
                _w("bands", 0, 0, 6, 2),
                _w("figure", 6, 0, of="arr_at_risk"),
                _w("figure", 9, 0, of="open_tasks"),
                _w("bar", 0, 2, 6, 4, "ARR at high risk by owner", of="arr_at_risk", dimension="owner"),
                _w("scatter", 6, 2, 6, 4),
                _w("line", 0, 6, 6, 4, "Health over time", of="health", days=90),
                _w("distribution", 6, 6, 6, 4, "How health is spread"),
                _w("alerts", 0, 10, 4, 5, options={"severity": "warning"}),
                _w("plays", 4, 10, 4, 5),
                _w("now", 8, 10, 4, 5, "The last hour"),
            ],
        },
    ),
    (
        "executive",
        {
            "name": "Executive",
            "why": "What we keep, what we are about to lose, and what our work changes.",
            "widgets": [
                _w("figure", 0, 0, of="arr", days=90),
                _w("figure", 3, 0, of="nrr", days=90),
                _w("figure", 6, 0, of="grr", days=90),
                _w("figure", 9, 0, of="expected_loss", days=90),
                _w("line", 0, 2, 8, 4, "ARR, and what is to be expected", of="arr", days=180, options={"ahead": "90"}),
                _w("goal", 8, 2, 4, 2, "Active accounts", of="engagement", options={"target": "80"}),
                _w("goal", 8, 4, 4, 2, "Customers’ health", of="health", options={"target": "75"}),
                _w("cohorts", 0, 6, 6, 5, "Who stayed, by quarter of start"),
                _w("bar", 6, 6, 6, 5, "ARR by plan", of="arr", dimension="plan"),
                _w("funnel", 0, 11, 4, 4, "From customer to active", of="customers active_7"),
                _w("table", 4, 11, 8, 4, "The largest at stake", options={"most": "5"}),
            ],
        },
    ),
    (
        "now",
        {
            "name": "What happens now",
            "why": "For the wall: the company as it moves, and the machinery behind it.",
            "widgets": [
                _w("bands", 0, 0, 6, 2),
                _w("figure", 6, 0, of="activity"),
                _w("figure", 9, 0, of="messages_sent"),
                _w("feed", 0, 2, 4, 6, options={"most": "15"}),
                _w("alerts", 4, 2, 4, 6),
                _w("now", 8, 2, 4, 6),
                _w("system", 0, 8, 4, 4),
                _w("plays", 4, 8, 4, 4),
                _w("line", 8, 8, 4, 4, "Activity", of="activity", days=30),
            ],
        },
    ),
)


def ensure(*, now: datetime) -> list[str]:
    """Create what is missing; what staff changed, also what they put away, stays as it is."""
    there = set(Dashboard.objects.exclude(key=None).values_list("key", flat=True))
    missing = [(key, says) for key, says in SHIPPED if key not in there]
    for key, says in missing:
        create(None, says, key=key, sees=Audience.EVERYBODY, now=now, note="As it is shipped")
    return [key for key, _ in missing]
