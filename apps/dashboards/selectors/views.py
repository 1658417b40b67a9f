"""Saved views: which there are for a person, and which one is open."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from ..models import SavedView
from . import orders


@dataclass(frozen=True)
class Offered:
    """A view in the list: its address says all, so that a link can be sent to somebody else."""

    id: int
    name: str
    link: str
    own: bool
    owner: str


def offered(user: Any) -> list[Offered]:
    """Own views first, then those that others share; without the home view, which opens by itself."""
    found = SavedView.objects.for_user(user).filter(is_home=False).select_related("owner").order_by("name", "id")[:200]
    listed = [Offered(view.pk, view.name, link(view), view.owner_id == user.pk, str(view.owner)) for view in found]
    return sorted(listed, key=lambda view: not view.own)


def link(view: SavedView) -> str:
    sort = {"sort": view.sort} if view.sort and view.sort != orders.DEFAULT else {}
    return f"{reverse('portfolio')}?{urlencode({'view': view.pk, **view.filters, **sort})}"


def opened(user: Any, word: str) -> SavedView | None:
    """The view that the address names, if this person may see it; else their home view, if they have arranged one."""
    if word.isascii() and word.isdigit() and len(word) < 10:
        view = SavedView.objects.for_user(user).filter(pk=int(word)).first()
        if view is not None:
            return view
    return SavedView.objects.filter(owner=user, is_home=True).first()
