"""The path of one account: what it has reached, what it may win now, what opens later; in the words of its reader."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.models import Account
from apps.messaging.services import locales

from .models import Milestone, Need, Progress
from .types import STANDARD, MilestoneState, ProgressState


@dataclass(frozen=True)
class Step:
    """One milestone on the path. `share`: how much of what is asked is there, 0 to 100; `needs`: names of what must be reached before."""

    row: Progress
    name: str
    text: str
    hint: str
    value: str
    needs: tuple[str, ...] = ()
    is_next: bool = False

    @property
    def key(self) -> str:
        return self.row.milestone.key

    @property
    def reached(self) -> bool:
        return self.row.state == ProgressState.ACHIEVED

    @property
    def measure(self) -> str:
        """What `have` and `target` are: a `count`, a `percent` of several conditions, or nobody's figure but a `word`."""
        leaves = list(_leaves(_definition(self.row).get("criteria") or {}))
        if len(leaves) == 1:
            return "count" if self.row.target > 1 and ("count" in leaves[0] or "sum" in leaves[0]) else "word"
        return "percent" if leaves else "word"

    @property
    def share(self) -> int:
        if self.reached:
            return 100
        return max(0, min(99, int(100 * self.row.have / self.row.target))) if self.row.target > 0 else 0


@dataclass(frozen=True)
class Path:
    steps: list[Step] = field(default_factory=list)

    @property
    def reached(self) -> list[Step]:
        """What is reached, the newest first."""
        moments = [(step.row.achieved_at, step) for step in self.steps if step.row.achieved_at is not None]
        return [step for _, step in sorted(moments, key=lambda one: (one[0], one[1].row.pk), reverse=True)]

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if step.is_next), None)

    @property
    def open(self) -> list[Step]:
        return [step for step in self.steps if step.row.state in (ProgressState.OPEN, ProgressState.PAUSED) and not step.is_next]

    @property
    def later(self) -> list[Step]:
        return [step for step in self.steps if step.row.state == ProgressState.LOCKED]

    @property
    def share(self) -> int:
        return round(100 * len(self.reached) / len(self.steps)) if self.steps else 0


def own_path(account: Account, *, language: str, for_customer: bool) -> Path:
    """The milestones that are live, or reached before they were retired, in the order of the catalogue; a customer sees what is visible to them.

    What has no row yet is locked.
    """
    live = Milestone.objects.filter(state=MilestoneState.LIVE).select_related("current")
    rows = Progress.objects.filter(account=account).select_related("milestone", "milestone__current", "version")
    if for_customer:
        live, rows = live.filter(visible=True), rows.filter(milestone__visible=True)
    known = {row.milestone_id: row for row in rows}
    shown = [row for row in known.values() if _is_told(row)]
    shown += [_unopened(account, one) for one in live if one.pk not in known and _is_for(account, one)]
    shown.sort(key=lambda row: (row.milestone.position, row.milestone_id))
    names = {row.milestone_id: str(_words(row, language).get("name") or row.milestone.name) for row in shown}
    needs: dict[int, list[int]] = {}
    rows_of_needs = Need.objects.filter(milestone__in=list(names)).order_by("needed__position", "needed_id")
    for milestone_id, needed_id in rows_of_needs.values_list("milestone_id", "needed_id"):
        needs.setdefault(milestone_id, []).append(needed_id)
    done = {row.milestone_id for row in shown if row.state == ProgressState.ACHIEVED}
    chosen = _next(shown)
    return Path([_step(row, language, names, [key for key in needs.get(row.milestone_id, ()) if key not in done], row is chosen) for row in shown])


def _unopened(account: Account, milestone: Milestone) -> Progress:
    """What stands for a milestone of which nothing is written down yet; never saved."""
    return Progress(account=account, milestone=milestone, state=ProgressState.LOCKED, target=0.0)


def _is_for(account: Account, milestone: Milestone) -> bool:
    """Whether the milestone is on this account's path at all."""
    said = (milestone.current.definition if milestone.current else {}).get("audience") or {}
    return all(getattr(account, name, None) in values for name, values in said.items())


def _is_told(row: Progress) -> bool:
    return row.state == ProgressState.ACHIEVED or (row.milestone.state == MilestoneState.LIVE and row.state != ProgressState.DROPPED)


def _next(rows: Iterable[Progress]) -> Progress | None:
    """The one that was offered last, else the first that is open."""
    waiting = [row for row in rows if row.state == ProgressState.OPEN]
    offered = [(row.offered_at, row.pk, row) for row in waiting if row.offered_at is not None]
    return max(offered)[2] if offered else next(iter(waiting), None)


def _leaves(criterion: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    parts = criterion.get("all") or criterion.get("any")
    if not parts and criterion:
        yield criterion
    for part in parts or ():
        yield from _leaves(part)


def _definition(row: Progress) -> Mapping[str, Any]:
    version = row.version or row.milestone.current
    return version.definition if version else {}


def in_language(said: Any, language: str) -> Any:
    """What is said by language, in the reader's or the one that stands in for it; None where nothing is said."""
    if not isinstance(said, Mapping) or not said:
        return None
    tag = next((tag for tag in locales.chain(language) if tag in said), None) or next(iter(said))
    return said[tag]


def _words(row: Progress, language: str) -> Mapping[str, Any]:
    found = in_language(_definition(row).get("words"), language)
    return found if isinstance(found, Mapping) else {}


def hint_of(definition: Mapping[str, Any], variant: str, language: str) -> str:
    """The hint of the variant where it has one of its own, else the milestone's."""
    for one in definition.get("variants") or ():
        if one.get("key") == variant and variant != STANDARD and (own := in_language(one.get("hint"), language)):
            return str(own)
    words = in_language(definition.get("words"), language)
    return str(words.get("hint") or "") if isinstance(words, Mapping) else ""


def _step(row: Progress, language: str, names: Mapping[int, str], needs: list[int], is_next: bool) -> Step:
    words, definition = _words(row, language), _definition(row)
    return Step(
        row=row,
        name=names[row.milestone_id],
        text=str(words.get("text") or ""),
        hint=hint_of(definition, row.variant, language),
        value=str(definition.get("value") or ""),
        # What customers may not see is not named to them either; it opens by itself.
        needs=tuple(names[key] for key in needs if key in names) if row.state == ProgressState.LOCKED else (),
        is_next=is_next,
    )
