"""The accounts that a widget speaks of: the reader's own book, narrowed by the widget's filters."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from apps.accounts.models import Account
from apps.campaigns.models import Membership


def book(user: Any, filters: Mapping[str, str], *, gone: bool = False) -> QuerySet[Account]:
    """Customers who are still there, or (`gone`) all there ever were."""
    rows = Account.objects.for_user(user)
    if not gone and not filters.get("stage"):
        rows = rows.at_risk()
    for name, path in (("stage", "stage"), ("plan", "plan"), ("band", "risk__band"), ("health", "health__band"), ("currency", "currency")):
        if value := filters.get(name):
            rows = rows.filter(**{path: value})
    if owner := filters.get("owner"):
        rows = rows.filter(owner=None) if owner == "none" else rows.filter(owner=int(owner) if owner.isascii() and owner.isdigit() else 0)
    if team := filters.get("team"):
        rows = rows.filter(owner__team=int(team) if team.isascii() and team.isdigit() else 0)
    if segment := filters.get("segment"):
        rows = rows.filter(pk__in=Membership.objects.open().filter(segment__key=segment).values("account"))
    return rows


def own(user: Any, filters: Mapping[str, str]) -> dict[str, str]:
    """“me” and “my team” mean whoever reads."""
    found = {name: value for name, value in filters.items() if value}
    if found.get("owner") == "me":
        found["owner"] = str(user.pk)
    if found.get("team") == "mine":
        found["team"] = str(getattr(user, "team_id", None) or 0)
    return found
