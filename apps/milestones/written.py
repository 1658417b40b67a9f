"""Writing milestones: versions that are never changed, the graph of what needs what, and the states a milestone goes through."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import MilestoneChanged

from . import stale
from .definition import Definition, Flaws, plain, read
from .models import Milestone, MilestoneVersion, Need
from .types import MILESTONE_TURNS, MilestoneState


def create(*, key: str, name: str, says: Any, position: int | None = None, note: str = "", actor: Actor, now: datetime) -> Milestone:
    """A new milestone as a draft with its first version, at the end of the catalogue. Raises Flaws where the definition cannot be understood."""
    read(says)
    with transaction.atomic():
        if Milestone.objects.filter(key=key).exists():
            raise Refused("milestone_exists", f"There is a milestone {key!r} already; save a new version of it.")
        last = Milestone.objects.aggregate(last=Max("position"))["last"] or 0
        made = Milestone.objects.create(key=key, name=name, position=last + 1 if position is None else position)
        save_version(made, says=says, note=note or "First version.", actor=actor, now=now)
    return made


def save_version(milestone: Milestone, *, says: Any, note: str = "", actor: Actor, now: datetime) -> MilestoneVersion:
    """The next version. Accounts that have begun, or were there already, stay with theirs; everybody else is judged by the new one from now on.

    The same words again make no new version. Raises Flaws, also where the graph of needs would have a circle or an end that is not there.
    """
    definition = read(says)
    said = plain(definition)
    with transaction.atomic():
        # One writer of the graph at a time: two that each add half of a circle would else both pass.
        list(Milestone.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
        milestone.refresh_from_db()
        latest = milestone.versions.order_by("-number").first()
        if latest is not None and plain(latest.says) == said:
            return latest
        refuse_bad_graph(milestone.key, definition, live=milestone.state == MilestoneState.LIVE)
        number = (latest.number if latest else 0) + 1
        made = MilestoneVersion.objects.create(
            milestone=milestone, number=number, definition=said, note=note[:250], created_at=now, created_by=str(actor)
        )
        milestone.current, milestone.visible = made, definition.visible
        milestone.save(update_fields=["current", "visible"])
        needed = dict(Milestone.objects.filter(key__in=definition.needs).values_list("key", "pk"))
        Need.objects.filter(milestone=milestone).exclude(needed__in=needed.values()).delete()
        Need.objects.bulk_create([Need(milestone=milestone, needed_id=needed[key]) for key in definition.needs], ignore_conflicts=True)
        if milestone.state == MilestoneState.LIVE:
            stale.mark_all_stale(now=now)
        _announce(milestone, f"version {number}", actor, now)
    return made


def refuse_bad_graph(key: str, definition: Definition, *, live: bool = False) -> None:
    """Raises Flaws where what it needs or counts is not there, would lead in a circle, or (when it is `live`) is not live itself."""
    known = {row.key: row for row in Milestone.objects.select_related("current").order_by("pk")}
    for wanted in sorted(definition.depends_on):
        if wanted == key:
            raise Flaws([("needs", "A milestone cannot need itself.")])
        if wanted not in known:
            raise Flaws([("needs" if wanted in definition.needs else "criteria", f"There is no milestone {wanted!r}.")])
        if live and known[wanted].state != MilestoneState.LIVE:
            raise Flaws([("needs", f"“{known[wanted].name}” is {known[wanted].get_state_display()}: nobody could reach it. Put it live first.")])
    graph = {name: row.current.says.depends_on for name, row in known.items() if row.current is not None and name != key}
    if circle := _circle(key, graph | {key: definition.depends_on}):
        names = " needs ".join(f"“{known[step].name if step in known else step}”" for step in circle)
        raise Flaws([("needs", f"This leads in a circle: {names}.")])


def _circle(start: str, graph: dict[str, set[str]]) -> list[str]:
    """The way from `start` back to itself, or nothing."""
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop()
        for step in sorted(graph.get(way[-1], ())):
            if step == start:
                return [*way, start]
            if step not in seen:
                seen.add(step)
                ways.append([*way, step])
    return []


def turn(milestone: Milestone, state: str, *, actor: Actor, now: datetime) -> None:
    """Move a milestone to another state. Live: accounts are judged by it, and what they reached before is taken in silently. Retired: what was
    reached stays, and nobody reaches it any more."""
    with transaction.atomic():
        row = Milestone.objects.select_for_update(of=("self",)).select_related("current").get(pk=milestone.pk)
        if state not in MILESTONE_TURNS[row.state]:
            words = f"“{row.name}” is {row.get_state_display()}; it cannot become {MilestoneState(state).label} from there."
            raise Refused("milestone_cannot_turn", words)
        if state == MilestoneState.LIVE:
            if row.current is None:
                raise Refused("milestone_empty", f"“{row.name}” has no version yet.")
            refuse_bad_graph(row.key, row.current.says, live=True)
            row.live_at = now
        elif leaning := [other.name for other in _live() if other.current and row.key in other.current.says.depends_on]:
            raise Refused("milestone_needed", f"“{leaning[0]}” builds on “{row.name}”. Retire or change that one first.")
        row.state = state
        row.save(update_fields=["state", "live_at"])
        if state == MilestoneState.LIVE:
            stale.mark_all_stale(now=now)
        _announce(row, f"became {state}", actor, now)
    milestone.state, milestone.live_at = row.state, row.live_at


def rename(milestone: Milestone, *, name: str, position: int, actor: Actor, now: datetime) -> None:
    """What staff call it and its place in the catalogue; neither changes what it asks, so no version is made."""
    with transaction.atomic():
        if Milestone.objects.filter(pk=milestone.pk).exclude(name=name, position=position).update(name=name, position=position):
            _announce(milestone, "was described anew", actor, now)
    milestone.name, milestone.position = name, position


def _live() -> list[Milestone]:
    return list(Milestone.objects.filter(state=MilestoneState.LIVE).select_related("current"))


def _announce(milestone: Milestone, change: str, actor: Actor, now: datetime) -> None:
    events.publish(MilestoneChanged(milestone_id=milestone.pk, key=milestone.key, change=change), actor=actor, now=now)
