"""How a dashboard changes: each save is a version, each version can be brought back, and whoever was slower is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import Refused
from apps.core.jobs import call_after_commit

from .. import live
from ..models import Dashboard, DashboardDraft, DashboardVersion
from ..types import Audience
from . import layout

# Nobody arranges more than this; a program that runs wild is stopped here.
MOST_OWN = 200


def create(user: User | None, says: Any, *, now: datetime, sees: str = Audience.OWNER, key: str | None = None, note: str = "") -> Dashboard:
    """A dashboard with its first version. Its draft, where one was being written, is done with."""
    said = layout.read(says)
    with transaction.atomic():
        if user is not None and Dashboard.objects.filter(owner=user, archived_at=None).count() >= MOST_OWN:
            raise Refused("too_many_boards", f"You have {MOST_OWN} dashboards. Put one into the archive first. Nothing was saved.")
        team_id = user.team_id if user is not None else None
        sees = _audience(sees, team_id)
        board = Dashboard.objects.create(
            key=key, name=said["name"], why=said["why"], owner=user, sees=sees, team_id=team_id, created_at=now, changed_at=now
        )
        board.current = _version(board, said, number=1, note=note, user=user, now=now)
        board.save(update_fields=["current"])
        if user is not None:
            DashboardDraft.objects.filter(user=user, dashboard=None).delete()
    return board


def save(board: Dashboard, says: Any, *, user: User | None, seen: int, now: datetime, note: str = "") -> DashboardVersion:
    """The next version; the same again makes none. `seen`: the version that the edit began with; refused where it is another by now."""
    said = layout.read(says)
    with transaction.atomic():
        board = Dashboard.objects.select_for_update().get(pk=board.pk)
        last = board.current
        if last is not None and last.number != seen:
            who = last.created_by or "Somebody"
            words = f"{who} saved version {last.number} meanwhile ({last.note or 'no note'}). Yours is kept as a draft: save again to put it on top."
            raise Refused("board_moved", words)
        if last is not None and last.says == said:
            return last
        note = " ".join(note.split())[:200] or layout.changes(last.says if last else layout.EMPTY, said)
        number = (board.versions.values_list("number", flat=True).first() or 0) + 1
        version = _version(board, said, number=number, note=note, user=user, now=now)
        Dashboard.objects.filter(pk=board.pk).update(current=version, name=said["name"], why=said["why"], changed_at=now)
        if user is not None:
            DashboardDraft.objects.filter(user=user, dashboard=board).delete()
        call_after_commit(live.publish, "board.changed", f"board:{board.pk}")
    return version


def restore(board: Dashboard, number: int, *, user: User, seen: int, now: datetime) -> DashboardVersion:
    """What a former version said, as the newest one."""
    former = board.versions.filter(number=number).first()
    if former is None:
        raise Refused("no_version", f"There is no version {number}. Nothing was changed.")
    return save(board, former.says, user=user, seen=seen, now=now, note=f"Back to version {number}")


def share(board: Dashboard, *, sees: str, edits: str, now: datetime) -> None:
    """Who sees it and who changes it."""
    if sees not in Audience.values or edits not in Audience.values:
        raise Refused("bad_audience", "Nobody is called that. Nothing was changed.")
    team_id = board.owner.team_id if board.owner else board.team_id
    _audience(sees, team_id)
    Dashboard.objects.filter(pk=board.pk).update(sees=sees, edits=edits, team_id=team_id, changed_at=now)
    call_after_commit(live.publish, "board.changed", f"board:{board.pk}")


def duplicate(board: Dashboard, *, user: User, now: datetime) -> Dashboard:
    """One's own copy, to change at will."""
    said = board.current.says if board.current else layout.EMPTY
    name = board.name if board.key else f"Copy of {board.name}"[:80]
    return create(user, {**said, "name": name}, now=now, note=f"Copied from “{board.name}”"[:200])


def archive(board: Dashboard, *, now: datetime) -> None:
    Dashboard.objects.filter(pk=board.pk, archived_at=None).update(archived_at=now)


def bring_back(board: Dashboard) -> None:
    Dashboard.objects.filter(pk=board.pk).update(archived_at=None)


def keep_draft(user: User, board: Dashboard | None, says: Any, *, seen: int, now: datetime) -> DashboardDraft:
    """How far somebody got; one draft per person and dashboard, the newest counts."""
    said = layout.read(says, complete=False)
    row, _ = DashboardDraft.objects.update_or_create(user=user, dashboard=board, defaults={"says": said, "seen": seen, "changed_at": now})
    return row


def drop_draft(user: User, board: Dashboard | None) -> None:
    DashboardDraft.objects.filter(user=user, dashboard=board).delete()


def _version(board: Dashboard, said: Mapping[str, Any], *, number: int, note: str, user: User | None, now: datetime) -> DashboardVersion:
    return DashboardVersion.objects.create(dashboard=board, number=number, says=said, note=note, created_at=now, created_by=user)


def _audience(sees: str, team_id: int | None) -> str:
    if sees == Audience.TEAM and team_id is None:
        raise Refused("no_team", "Its owner belongs to no team. Choose somebody else to see it; nothing was changed.")
    return sees
