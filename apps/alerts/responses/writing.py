"""Responses of rules: written, changed and dropped. What they did stays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from apps.alerts.models import AlertRule, Response
from apps.alerts.types import ResponseDeed, ResponseMode
from apps.core.actor import Actor
from apps.core.errors import Conflict, Refused

from . import deeds

MOST = 8


def create(
    *, rule: AlertRule, deed: str, says: Any, mode: str = ResponseMode.DRY, per_hour: int = 10, per_day: int = 50, actor: Actor, now: datetime
) -> Response:
    """A new response of a rule; a dry run unless it says otherwise. Raises Refused."""
    with transaction.atomic():
        AlertRule.objects.select_for_update(no_key=True, of=("self",)).get(pk=rule.pk)
        if Response.objects.filter(rule=rule).count() >= MOST:
            raise Refused("enough_responses", f"A rule has at most {MOST} responses.")
        values = {"mode": mode, "per_hour": per_hour, "per_day": per_day}
        _check(values)
        said = deeds.checked(_deed(deed), says)
        return Response.objects.create(rule=rule, deed=deed, says=said, changed_at=now, changed_by=str(actor), **values)


def change(response: Response, *, said: Mapping[str, Any], actor: Actor, now: datetime, version: int | None = None) -> Response:
    """Change what it does, how, or how often. Raises Refused, or Conflict when the row is no longer in this version."""
    values = {name: value for name, value in said.items() if name in ("says", "mode", "per_hour", "per_day")}
    with transaction.atomic():
        row = Response.objects.select_for_update(of=("self",)).get(pk=response.pk)
        if version is not None and row.version != version:
            raise Conflict(f"{row} was changed meanwhile.", fields={}, version=row.version)
        _check(values)
        if "says" in values:
            values["says"] = deeds.checked(ResponseDeed(row.deed), values["says"])
        if any(getattr(row, name) != value for name, value in values.items()):
            Response.objects.filter(pk=row.pk).update(**values, version=F("version") + 1, changed_at=now, changed_by=str(actor))
            row.refresh_from_db()
    return row


def _deed(word: str) -> ResponseDeed:
    if word not in ResponseDeed.values:
        raise Refused("bad_response", f"Use one of {', '.join(ResponseDeed.values)}. Nothing was changed.")
    return ResponseDeed(word)


def _check(values: Mapping[str, Any]) -> None:
    if values.get("mode", ResponseMode.OFF) not in ResponseMode.values:
        raise Refused("bad_mode", f"Use one of {', '.join(ResponseMode.values)}. Nothing was changed.")
    if not 1 <= values.get("per_hour", 1) <= 1000 or not 1 <= values.get("per_day", 1) <= 10_000:
        raise Refused("bad_limit", "Limits are 1 to 1,000 an hour and 1 to 10,000 a day. Nothing was changed.")
