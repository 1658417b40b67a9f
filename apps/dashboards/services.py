"""What people keep for themselves on the staff pages. Everything else they change through the services of the apps that own it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import Refused

from .models import SavedView
from .selectors import columns as arranging
from .selectors.portfolio import Asked

HOME = "My view"


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
