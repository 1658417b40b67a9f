"""What people keep for themselves on the staff pages. Everything else they change through the services of the apps that own it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import Account, User
from apps.core.errors import Refused
from apps.milestones.models import Milestone

from .models import PathDraft, SavedView
from .selectors import columns as arranging
from .selectors.portfolio import Asked

HOME = "My view"
# A look within this time belongs to the same visit, so that a reload does not wipe away what is new.
ONE_VISIT = timedelta(minutes=30)

_VISIT = """
insert into dashboards_accountvisit (user_id, account_id, at) values (%(user)s, %(account)s, %(now)s)
on conflict (user_id, account_id) do update set
    before = case when dashboards_accountvisit.at < %(edge)s then dashboards_accountvisit.at else dashboards_accountvisit.before end,
    at = greatest(dashboards_accountvisit.at, excluded.at)
returning before
"""


def keep_layout(user: User, *, view: SavedView | None, columns: Any, now: datetime) -> SavedView:
    """Remember columns, their order and width: in the view that is open if it is the person's own, else in their home view."""
    tidy = arranging.tidy(columns)
    if not tidy:
        raise Refused("no_columns", "The account's name has to stay. Nothing was changed.")
    if view is not None and view.owner_id == user.pk:
        SavedView.objects.filter(pk=view.pk).update(columns=tidy, changed_at=now)
        return view
    home, _ = SavedView.objects.update_or_create(
        owner=user, is_home=True, defaults={"columns": tidy, "changed_at": now}, create_defaults={"name": HOME, "columns": tidy, "changed_at": now}
    )
    return home


def save_view(user: User, *, name: str, shared: bool, asked: Asked, columns: Any, now: datetime) -> SavedView:
    """Keep filters, order and columns under a name; the person's own view of that name is replaced."""
    name = " ".join(name.replace("\x00", "").split())[:60]
    if not name:
        raise Refused("no_name", "A view needs a name. Nothing was saved.")
    if name.lower() == HOME.lower():
        raise Refused("taken_name", f"“{HOME}” keeps your own columns by itself. Choose another name.")
    values = {"shared": shared, "filters": asked.filters, "sort": asked.sort, "columns": arranging.tidy(columns), "changed_at": now}
    with transaction.atomic():
        view, _ = SavedView.objects.update_or_create(owner=user, name=name, defaults=values)
    return view


def remove_view(view: SavedView, *, user: User) -> Mapping[str, Any]:
    """Forget one's own view; returns what it held, so that it can be saved again."""
    if view.owner_id != user.pk:
        raise Refused("not_yours", f"“{view.name}” belongs to {view.owner}. Only they can remove it.")
    kept = {"name": view.name, "shared": view.shared, "columns": view.columns, **view.filters, "sort": view.sort}
    view.delete()
    return kept


def note_visit(user: User, account: Account, *, now: datetime) -> datetime | None:
    """Somebody looks at an account; returns when their visit before this one was, None at the first. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_VISIT, {"user": user.pk, "account": account.pk, "now": now, "edge": now - ONE_VISIT})
        (before,) = cursor.fetchone()
    return before if isinstance(before, datetime) else None


def keep_path_draft(
    user: User,
    *,
    row: PathDraft | None,
    milestone: Milestone | None,
    key: str,
    name: str,
    says: Mapping[str, Any],
    note: str,
    seen: int,
    kept: str,
    now: datetime,
) -> PathDraft:
    """Keep what stands on the form, complete or not. `kept`: when the draft that it began with was stored; refused where that is another now."""
    values = {"key": key, "name": name, "says": says, "note": note, "seen": seen, "changed_by": user, "changed_at": now}
    with transaction.atomic():
        if milestone is not None:
            # One writer at a time, also of the first draft.
            Milestone.objects.select_for_update().get(pk=milestone.pk)
            row = PathDraft.objects.filter(milestone=milestone).first()
        elif row is not None:
            row = PathDraft.objects.select_for_update().filter(pk=row.pk).first()
        if row is not None and row.changed_at.isoformat() != kept:
            who = row.changed_by or "Somebody"
            raise Refused("draft_moved", f"{who} saved a draft of it meanwhile. Yours is still here: save again to put it in its place.")
        if row is None:
            return PathDraft.objects.create(milestone=milestone, **values)
        for field, value in values.items():
            setattr(row, field, value)
        row.save()
    return row


def drop_path_draft(row: PathDraft) -> None:
    """Throw away what was not published."""
    PathDraft.objects.filter(pk=row.pk).delete()
