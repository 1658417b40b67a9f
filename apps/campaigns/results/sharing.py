"""By which shares the variants of a campaign are drawn: versions that never change, moved in batches by what each variant brings."""

import zlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from apps.experiments.selectors import Arm, Tally, Worth, guesses, strata, worth
from apps.experiments.selectors import shares as learning

from ..models import Campaign, CampaignVersion, WeightsVersion
from .figures import ArmShare, Shares
from .said import Said, of, said
from .units import Units, of_campaign


def shares_for(campaign: Campaign, version: CampaignVersion | None = None) -> tuple[int, Mapping[str, float]]:
    """(version of the shares, share of each variant of 1), for whoever freezes an audience: kept on each recipient as `weights` and `propensity`.

    Version 0 is what the definition says: nothing was moved yet, or the variants are others than those that the shares were learned for.
    """
    return dealt(campaign, said(version or campaign.current).weights)


def dealt(campaign: Campaign, written: Mapping[str, float]) -> tuple[int, Mapping[str, float]]:
    """The same for variants with these shares in the definition."""
    newest = _newest(campaign)
    if newest is None or not written or set(newest.weights) != set(written):
        return 0, written
    return newest.number, dict(newest.weights)


def _newest(campaign: Campaign) -> WeightsVersion | None:
    # A campaign that nobody has saved yet has none.
    return WeightsVersion.objects.filter(campaign=campaign.pk).order_by("-number").first()


@dataclass(frozen=True)
class Shown:
    """What the variants have shown: accounts whose window is over, tallies by (group, variant), and what those held out did."""

    exposed: dict[str, int]
    tallies: dict[tuple[str, str], Tally]
    rates: dict[str, float | None]
    sizes: dict[str, float]
    base: float | None


def shown(units: Units, says: Said) -> Shown:
    """Every version of the shares counts by its whole size, so that a variant is not better for having been drawn more often at a good time."""
    names = [name for name, _ in says.variants]
    counts: dict[tuple[str, int, str], list[int]] = defaultdict(lambda: [0, 0])
    held = [0, 0]
    for row, over, won in zip(units.rows, units.over, units.reached, strict=True):
        if not over:
            continue
        cell = held if row.held else counts[(row.segment, row.weights, row.variant)]
        cell[0] += 1
        cell[1] += bool(won)
    groups = sorted({group for group, _, name in counts if name in names})
    exposed = {name: sum(cell[0] for (_, _, one), cell in counts.items() if one == name) for name in names}
    tallies: dict[tuple[str, str], Tally] = {}
    sizes: dict[str, float] = {}
    for group in groups:
        batches = sorted({batch for where, batch, name in counts if where == group and name in names})
        whole = {batch: sum(counts[(group, batch, name)][0] for name in names if (group, batch, name) in counts) for batch in batches}
        sizes[group] = float(sum(whole.values()))
        for name in names:
            tallies[(group, name)] = _tally([(Arm(*counts.get((group, batch, name), (0, 0))), whole[batch]) for batch in batches])
    return Shown(exposed, tallies, _rates(tallies, names, sizes), sizes, held[1] / held[0] if held[0] else None)


def _tally(cells: list[tuple[Arm, int]]) -> Tally:
    """Batches in which the variant was not drawn say nothing of it and are left out of its weights."""
    there = [(arm, size) for arm, size in cells if arm.n]
    found = strata.weighed_rate([arm for arm, _ in there], [size for _, size in there])
    if found is None:
        return Tally()
    rate, worth = found
    return Tally(rate * worth, (1 - rate) * worth)


def _rates(tallies: Mapping[tuple[str, str], Tally], names: list[str], sizes: Mapping[str, float]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name in names:
        seen = [(tallies[(group, name)], size) for group, size in sizes.items() if tallies[(group, name)].tries]
        total = sum(size for _, size in seen)
        found[name] = sum(size * tally.successes / tally.tries for tally, size in seen) / total if total else None
    return found


def next_shares(campaign: Campaign, *, now: datetime) -> tuple[learning.Moved, Shown, Said]:
    """How the shares would be moved now; nothing is written."""
    says = of(campaign)
    units = of_campaign(campaign, says, now=now).first_of_each()
    seen = shown(units, says)
    _, present = shares_for(campaign)
    if set(present) != {name for name, _ in says.variants} or not present:
        return learning.Moved(dict(present), {}, "The present variants have not been tried yet."), seen, says
    seed = zlib.crc32(f"{campaign.key}:{now.date()}".encode())
    return learning.moved(seen.exposed, seen.tallies, present, control=says.control, sizes=seen.sizes, seed=seed), seen, says


def as_written(units: Units, says: Said) -> Worth:
    """The goal rate that the definition's shares would have given, from the chances that accounts had; refused where too few speak for it."""
    names = [name for name, _ in says.variants]
    written = says.weights
    rows = [
        (row, float(won))
        for row, over, won in zip(units.rows, units.over, units.reached, strict=True)
        if over and not row.held and row.variant in written and row.propensity
    ]
    rewards = np.array([won for _, won in rows], dtype=np.float64)
    taken = np.array([names.index(row.variant) for row, _ in rows], dtype=np.int_)
    chances = np.array([row.propensity for row, _ in rows], dtype=np.float64)
    target = np.tile([written[name] for name in names], (len(rows), 1))
    groups = np.array([row.weights for row, _ in rows], dtype=np.int_)
    return worth(rewards, taken, chances, target, guesses(rewards, taken, groups, len(names)) if rows else target)


def shares(campaign: Campaign, *, now: datetime) -> Shares:
    """The shares with what each variant has shown."""
    number, present = shares_for(campaign)
    newest = _newest(campaign) if number else None
    moved, seen, says = next_shares(campaign, now=now)
    why = newest.why if newest is not None else "As the campaign's definition says."
    arms = [
        ArmShare(
            name=name,
            share=share,
            exposed=seen.exposed.get(name, 0),
            rate=seen.rates.get(name),
            incremental=rate - seen.base if (rate := seen.rates.get(name)) is not None and seen.base is not None else None,
            chance_best=moved.chances.get(name),
            control=name == says.control,
        )
        for name, share in present.items()
    ]
    told = as_written(of_campaign(campaign, says, now=now).first_of_each(), says) if number else None
    return Shares(number, present, newest.created_at if newest else None, f"{why} {moved.why_not}".strip(), arms, told)


def smallest_step(before: Mapping[str, float], after: Mapping[str, float]) -> bool:
    """Whether anything moved by a hundredth or more: less is no new batch."""
    return bool(np.max([abs(after[name] - before[name]) for name in before]) >= 0.01)
