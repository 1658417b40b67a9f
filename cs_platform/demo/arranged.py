"""The demo company's own dashboards: what a success manager, a team and the management look at, beside those that are shipped."""

from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import User
from apps.accounts.types import Role
from apps.dashboards.boards import links, saving
from apps.dashboards.boards.kinds import KINDS


def _w(kind: str, x: int, y: int, w: int, h: int, title: str = "", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "x": x, "y": y, "w": w, "h": h, "title": title, **more}


_MONDAY = {
    "name": "Monday morning",
    "why": "What changed over the weekend, and whom I call first.",
    "widgets": [
        _w("text", 0, 0, 12, 1, "", options={"text": "First the red ones, then who renews, then the promises of last week."}),
        _w("figure", 0, 1, 3, 2, "", metrics=["arr_at_risk"], filters={"owner": "me"}),
        _w("figure", 3, 1, 3, 2, "", metrics=["renewals_30"], filters={"owner": "me"}),
        _w("figure", 6, 1, 3, 2, "", metrics=["open_tasks"], filters={"owner": "me"}),
        _w("goal", 9, 1, 3, 2, "Active this week", metrics=["engagement"], options={"target": "90"}, filters={"owner": "me"}),
        _w("table", 0, 3, 7, 5, "Call first", options={"rank": "stake", "most": "8"}, filters={"owner": "me"}),
        _w("alerts", 7, 3, 5, 5, "New since Friday", filters={"owner": "me"}),
    ],
}
_QUARTER = {
    "name": "Our quarter",
    "why": "Where the team stands against what it promised.",
    "widgets": [
        _w("goal", 0, 0, 4, 2, "Health we promised", metrics=["health"], options={"target": "75"}, filters={"team": "mine"}),
        _w("goal", 4, 0, 4, 2, "Milestones", metrics=["milestone_completion"], options={"target": "60"}, filters={"team": "mine"}),
        _w("goal", 8, 0, 4, 2, "At high risk, at most", metrics=["arr_at_risk_share"], options={"target": "5"}, filters={"team": "mine"}),
        _w("bar", 0, 2, 6, 4, "Customers by owner", metrics=["customers"], dimension="owner", filters={"team": "mine"}),
        _w("distribution", 6, 2, 6, 4, "How risk is spread", options={"measure": "risk", "limit": "50"}, filters={"team": "mine"}),
        _w("line", 0, 6, 12, 4, "ARR at high risk", metrics=["arr_at_risk"], days=60, filters={"team": "mine"}),
    ],
}
_MEETING = {
    "name": "Board meeting",
    "why": "Five figures, one line, and who stayed.",
    "widgets": [
        _w("figure", 0, 0, 4, 2, "", metrics=["arr"], days=90),
        _w("figure", 4, 0, 4, 2, "", metrics=["expected_loss"], days=90),
        _w("figure", 8, 0, 4, 2, "", metrics=["engagement"], days=90),
        _w("line", 0, 2, 7, 4, "ARR, and what is to be expected", metrics=["arr"], days=180, options={"ahead": "90"}),
        _w("bar", 7, 2, 5, 4, "ARR by plan", metrics=["arr"], dimension="plan"),
        _w("cohorts", 0, 6, 7, 5, "Who stayed"),
        _w("scatter", 7, 6, 5, 5, "Who could leave"),
    ],
}


def write(*, now: datetime) -> int:
    """Three of them, one with a second version and a link; returns how many there are."""
    assert {each["kind"] for board in (_MONDAY, _QUARTER, _MEETING) for each in board["widgets"]} <= set(KINDS)  # type: ignore[index]
    manager = User.objects.filter(groups__name=Role.CSM).order_by("pk").first()
    lead = User.objects.filter(groups__name=Role.TEAM_LEAD).exclude(team=None).order_by("pk").first()
    chief = User.objects.filter(is_active=True).filter(groups__name=Role.ADMINISTRATOR).order_by("pk").first() or manager
    then, made = now - timedelta(days=9), 0
    if manager is not None:
        first = {**_MONDAY, "widgets": _MONDAY["widgets"][1:]}
        board = saving.create(manager, first, now=then)
        saving.save(board, _MONDAY, user=manager, seen=1, now=now - timedelta(days=2), note="Say what comes first")
        made += 1
    if lead is not None:
        saving.create(lead, _QUARTER, now=then, sees="team")
        made += 1
    if chief is not None:
        board = saving.create(chief, _MEETING, now=then, sees="everybody")
        links.make(board, user=chief, days=30, now=now)
        made += 1
    return made
