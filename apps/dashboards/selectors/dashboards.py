"""Lists of dashboards, and what is known of one."""

from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When

from apps.accounts.models import User
from apps.core.reading import Reading

from ..models import Dashboard, DashboardDraft, DashboardVersion

MOST = 300


def listed(user: User, *, words: str = "") -> Reading[dict[str, Any]]:
    """One's own first, then the team's, then everybody's; each group by name."""
    mine = Case(When(owner=user, then=Value(0)), When(sees="team", then=Value(1)), default=Value(2), output_field=IntegerField())
    rows = Dashboard.objects.for_user(user).in_use().select_related("owner", "team", "current").annotate(rank=mine).order_by("rank", "name", "id")
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(why__icontains=words))
    rows = rows[: MOST + 1]
    drafts = DashboardDraft.objects.filter(user=user).values_list("dashboard_id", "changed_at")
    yield rows, drafts
    drafted = dict(drafts)
    groups: list[tuple[str, list[dict[str, Any]]]] = [("Yours", []), ("Your team’s", []), ("For everybody", [])]
    for board in rows[:MOST]:
        widgets = board.current.says["widgets"] if board.current else []
        groups[board.rank][1].append({"board": board, "widgets": len(widgets), "boxes": _boxes(widgets), "draft": drafted.get(board.pk)})  # type: ignore[attr-defined]
    return {"groups": [group for group in groups if group[1]], "new_draft": drafted.get(None), "more": len(rows) > MOST}


def _boxes(widgets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The picture of its arrangement: places in a field of 12 x 8, what is below is left out."""
    return [{name: one[name] for name in ("x", "y", "w", "h", "kind")} for one in widgets if one["y"] < 8]


def versions(board: Dashboard) -> list[DashboardVersion]:
    return list(board.versions.select_related("created_by").order_by("-number")[:100])


def draft_of(user: User, board: Dashboard | None) -> DashboardDraft | None:
    return DashboardDraft.objects.filter(user=user, dashboard=board).first()


def others_writing(user: User, board: Dashboard, *, now: datetime) -> list[DashboardDraft]:
    """Who else has a draft of it that is not old."""
    return list(board.drafts.exclude(user=user).select_related("user").order_by("-changed_at")[:3])


def found(user: Any, words: str) -> list[Dashboard]:
    """For Ctrl-K."""
    return list(Dashboard.objects.for_user(user).in_use().filter(name__icontains=words).order_by("name", "id")[:5])
