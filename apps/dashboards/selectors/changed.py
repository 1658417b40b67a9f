"""Which of an account's fields became something else, who said so, and what it was before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from apps.accounts.models import Account, User
from apps.accounts.types import Stage
from apps.core.reading import Reading
from apps.events.models import Change

from ..types import Kind, Moment

_LABELS = {
    "arr": "ARR",
    "owner_id": "Owner",
    "renews_on": "Renewal date",
    "churned_on": "Day of leaving",
    "started_on": "Start",
    "parent_id": "Parent company",
    "seats_used": "Seats used",
    "time_zone": "Time zone",
}


@dataclass(frozen=True)
class Step:
    """One field between two moments: what it was and what it became, in words."""

    label: str
    before: str
    after: str
    by: str
    at: datetime


def label(field: str) -> str:
    return _LABELS.get(field, field.removeprefix("traits.").replace("_", " ").capitalize())


def fields(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    """Changes of fields as moments of the story."""
    rows = Change.objects.filter(subject=f"account:{account.pk}", at__lt=before).exclude(field="").order_by("-at", "-id")[:limit]
    yield rows
    people = yield from _people(rows)
    return [
        Moment(row.at, Kind.CHANGE, "edit", f"{label(row.field)}: {words(row.field, row.after, people)}", _came_from(row, people)) for row in rows
    ]


def since(account: Account, moment: datetime, *, until: datetime) -> Reading[list[Step]]:
    """Per field the first value before and the last value after; what went back to where it was is no change."""
    rows = Change.objects.filter(subject=f"account:{account.pk}", at__gt=moment, at__lte=until).exclude(field="").order_by("at", "id")[:500]
    yield rows
    people = yield from _people(rows)
    steps = []
    for field in dict.fromkeys(row.field for row in rows):
        mine = [row for row in rows if row.field == field]
        first, last = mine[0], mine[-1]
        if first.before != last.after:
            steps.append(Step(label(field), words(field, first.before, people), words(field, last.after, people), who(last.actor, people), last.at))
    return steps


def words(field: str, value: Any, people: dict[int, str]) -> str:
    """A value of the history as a person would say it."""
    if value in (None, "", []):
        return "nothing"
    if field == "owner_id":
        return people.get(value, "somebody who left")
    if field == "stage":
        return str(Stage(value).label) if value in Stage.values else str(value)
    if field == "arr":
        return f"{float(value):,.0f}"
    if field.endswith("_on"):
        try:
            return f"{date.fromisoformat(str(value)):%-d %b %Y}"
        except ValueError:
            return str(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)[:120]


def who(actor: str, people: dict[int, str]) -> str:
    kind, _, key = actor.partition(":")
    if kind == "user" and key.isdigit():
        return people.get(int(key), "somebody who left")
    return key or kind


def behind(actors: Iterable[str]) -> set[int]:
    """The keys of the people among these actors."""
    return {int(key) for kind, _, key in (actor.partition(":") for actor in actors) if kind == "user" and key.isdigit()}


def named(keys: Iterable[int]) -> Reading[dict[int, str]]:
    """What these people are called, by key."""
    people = User.objects.filter(pk__in=keys)
    yield people
    return {person.pk: str(person) for person in people}


def _came_from(row: Change, people: dict[int, str]) -> str:
    return f"was {words(row.field, row.before, people)}, by {who(row.actor, people)}"


def _people(rows: Iterable[Change]) -> Reading[dict[int, str]]:
    """Owners before and after, and those who changed something."""
    owners = {value for row in rows if row.field == "owner_id" for value in (row.before, row.after) if isinstance(value, int)}
    return named(owners | behind(row.actor for row in rows))
