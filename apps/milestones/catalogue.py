"""The live milestones in an order in which each comes after those it builds on, with the versions that anybody is judged by."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .models import Milestone, MilestoneVersion
from .types import MilestoneState


@dataclass
class Catalogue:
    live: list[Milestone]
    versions: dict[int, MilestoneVersion] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_id = {one.pk: one for one in self.live}
        self.names = {one.key: one.name for one in self.live}
        self.versions |= {one.current.pk: one.current for one in self.live if one.current is not None}

    def learn(self, version_ids: Iterable[int]) -> None:
        """Read the earlier versions that some accounts stay with."""
        if missing := set(version_ids) - set(self.versions):
            self.versions |= MilestoneVersion.objects.in_bulk(list(missing))


def catalogue() -> Catalogue:
    """Two statements. Among those that do not build on each other, the catalogue's own order holds."""
    rows = list(Milestone.objects.filter(state=MilestoneState.LIVE, current__isnull=False).select_related("current").order_by("position", "id"))
    return Catalogue(ordered(rows))


def ordered(rows: list[Milestone]) -> list[Milestone]:
    """Each after those it builds on; what builds on something that is not among them counts as first."""
    placed: dict[str, Milestone] = {}
    left = {row.key: row for row in rows}
    needed = {row.key: row.current.says.depends_on & set(left) for row in rows if row.current is not None}
    while left:
        ready = [row for key, row in left.items() if needed[key] <= set(placed)]
        # The service that writes refuses circles; should a retired one have closed one, its members come last.
        for row in ready or list(left.values()):
            placed[row.key] = left.pop(row.key)
    return list(placed.values())
