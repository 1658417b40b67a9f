"""Saved views: which there are for a person, and which one is open."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.core.reading import Reading

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


def offered(user: Any) -> Reading[list[Offered]]:
    """Own views first, then those that others share; without the home view, which opens by itself."""
    found = SavedView.objects.for_user(user).filter(is_home=False).select_related("owner").order_by("name", "id")[:200]
    yield found
    listed = [Offered(view.pk, view.name, link(view), view.owner_id == user.pk, str(view.owner)) for view in found]
    return sorted(listed, key=lambda view: not view.own)


def link(view: SavedView) -> str:
    sort = {"sort": view.sort} if view.sort and view.sort != orders.DEFAULT else {}
    return f"{reverse('portfolio')}?{urlencode({'view': view.pk, **view.filters, **sort})}"


def opened(user: Any, word: str) -> Reading[SavedView | None]:
    """The view that the address names, if this person may see it; else their home view, if they have arranged one."""
    key = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0
    named, home = SavedView.objects.for_user(user).filter(pk=key), SavedView.objects.filter(owner=user, is_home=True)
    yield named, home
    return next((view for views in (named, home) for view in views), None)
