"""Two sides against each other: shares with their interval, revenue per account with its own, and what may be said of them."""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from apps.experiments.selectors import Arm, Between, Effect, cuped, mismatch, sequential, size_for_mean, smallest_effect, strata, tails

from ..types import CampaignVerdict, ReadingRule
from .figures import Money, Split, Told
from .units import Flags, Numbers, Unit, Units

_ALPHA = 0.05
# Fewer on a side say nothing of revenue.
_FEW = 20
# Any-time intervals are narrowest near so many accounts; it must not follow from what was found, so it is the audience, within these.
_LEAST_TUNING, _MOST_TUNING = 500, 50_000


def cells(units: Units, success: Flags, first: Flags, second: Flags, key: Callable[[Unit], Hashable]) -> list[tuple[Arm, Arm]]:
    """(first side, second side) per stratum: accounts that were drawn with the same odds."""
    counts: dict[Hashable, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row, won, one, other in zip(units.rows, success, first, second, strict=True):
        if one or other:
            cell = counts[key(row)]
            cell[0 if one else 2] += 1
            cell[1 if one else 3] += bool(won)
    return [(Arm(cell[0], cell[1]), Arm(cell[2], cell[3])) for _, cell in sorted(counts.items(), key=lambda pair: str(pair[0]))]


def told(name: str, words: str, sides: Sequence[tuple[Arm, Arm]], *, rule: ReadingRule, audience: int, comparisons: int = 1) -> Told:
    """One share, treated against held out. While it runs, sure is what holds at every look; several `comparisons` hold all at once (Bonferroni)."""
    alpha = _ALPHA / comparisons
    effect = strata.stratified(sides, alpha=alpha)
    base = effect.held_out.rate
    smallest = smallest_effect(base, effect.held_out.n, effect.treated.n, alpha=alpha) if base else None
    sure = effect.enough and (rule == ReadingRule.AT_THE_END or _at_every_look(sides, effect, audience, alpha))
    return Told(name, words, effect, smallest, sure)


def _at_every_look(sides: Sequence[tuple[Arm, Arm]], effect: Effect, audience: int, alpha: float) -> bool:
    """Whether an interval that may be read every day leaves zero out too."""
    whole = [(one, other) for one, other in sides if one.n and other.n]
    size, variance = sum(one.n + other.n for one, other in whole), 0.0
    for one, other in whole:
        rate = (one.successes + other.successes) / (one.n + other.n)
        variance += ((one.n + other.n) / size) ** 2 * rate * (1 - rate) * (1 / one.n + 1 / other.n)
    if not variance or effect.difference is None:
        return False
    between = Between(effect.difference, math.sqrt(variance), size - 2)
    low, high = sequential.always_valid(between, size, alpha, tuning=min(max(audience, _LEAST_TUNING), _MOST_TUNING))
    return low > 0 or high < 0


def verdict(goal: Told, *, rule: ReadingRule, broken: bool, running: int) -> CampaignVerdict:
    if broken:
        return CampaignVerdict.MISMATCH
    if not goal.effect.held_out.n and not running:
        return CampaignVerdict.NOBODY
    if goal.sure and goal.effect.difference is not None:
        return CampaignVerdict.BETTER if goal.effect.difference > 0 else CampaignVerdict.WORSE
    at_end = rule == ReadingRule.AT_THE_END and goal.smallest is not None and goal.smallest <= _WORTH_SEEING
    return CampaignVerdict.NO_DIFFERENCE if at_end and goal.effect.treated.n else CampaignVerdict.WAITING


# "No difference was found" may be said where a rise of 5 points of 100 would have been seen.
_WORTH_SEEING = 0.05


def revenue(units: Units, *, currency: str) -> Money:
    """Change of yearly revenue per account within the window, of accounts whose window is over and whose currencies have rates."""
    over = units.over
    usable = over & units.known
    change, before, held = units.change[usable], units.before[usable], units.held[usable]
    without_rate = int((over & ~units.known).sum())
    sides = (change[held], change[~held])
    means = [float(side.mean()) if len(side) else 0.0 for side in sides]
    found, cut = None, None
    adjusted = False
    if min(len(side) for side in sides) >= 2:
        cleaned = cuped.clean(change, before)
        adjusted = bool(cleaned.var() < change.var())
        found = tails.difference(cleaned[held], cleaned[~held])
        clipped = cuped.clean(tails.winsorised(change), before)
        cut = float(clipped[~held].mean() - clipped[held].mean())
    sure = found is not None and (found.low > 0 or found.high < 0) and min(len(side) for side in sides) >= _FEW
    more, smallest = _missing(sides, found, sure)
    return Money(
        treated=len(sides[1]),
        held_out=len(sides[0]),
        treated_mean=means[1],
        held_out_mean=means[0],
        difference=found.value if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        method=found.method if found else "",
        adjusted=adjusted,
        winsorised=cut if found else None,
        sure=sure,
        more=more,
        smallest=smallest,
        currency=currency,
        without_rate=without_rate,
        words=_money_words(sides, found, sure, more, currency, without_rate),
    )


def _missing(sides: tuple[Numbers, Numbers], found: tails.Difference | None, sure: bool) -> tuple[int | None, float | None]:
    """(how many more accounts tell the difference that is seen, the smallest difference that so many tell 4 times of 5)."""
    if found is None:
        return None, None
    smallest = 2.802 * found.error
    if sure or not found.value:
        return None, smallest
    held, treated = (len(side) for side in sides)
    share = held / (held + treated)
    # In equal arms; at the present split it takes 1 / (4 share (1 - share)) times as many.
    spread = found.error / math.sqrt(1 / held + 1 / treated)
    total = 2 * size_for_mean(spread, found.value) / (4 * share * (1 - share))
    return max(math.ceil(total) - held - treated, 1), smallest


def _money_words(
    sides: tuple[Numbers, Numbers], found: tails.Difference | None, sure: bool, more: int | None, currency: str, without_rate: int
) -> str:
    left = f" {without_rate:,} accounts are left out: their currency has no rate." if without_rate else ""
    if not len(sides[0]):
        return f"Nobody was held out whose window is over, so nothing says what revenue would have done anyway.{left}"
    if found is None:
        return f"Nobody's yearly revenue has moved within the window.{left}"
    rates = f"{np.mean(sides[1]):+,.0f} {currency} per treated account, {np.mean(sides[0]):+,.0f} per account held out" if len(sides[1]) else ""
    if not sure:
        need = f" About {more:,} more accounts would tell a difference of this size." if more else ""
        return (
            f"We cannot tell yet what it does to revenue: {found.low:+,.0f} to {found.high:+,.0f} {currency} per account.{need} So far {rates}.{left}"
        )
    way = "more" if found.value > 0 else "less"
    return (
        f"{abs(found.value):,.0f} {currency} {way} per account because of it (95 % sure of {found.low:+,.0f} to {found.high:+,.0f}): {rates}.{left}"
    )


def split(units: Units, holdouts: dict[int, float], *, at_end: bool) -> Split:
    """Whether as many are held out as were to be. `holdouts`: the share held out, of 1, by version of the campaign."""
    held = int(units.held.sum())
    total = len(units)
    expected = sum(holdouts[row.version] for row in units.rows)
    share = expected / total if total else 0.0
    if not total or not 0 < share < 1:
        broken = bool(total and held) and share == 0.0
        return Split(total - held, held, share, 0.0 if broken else 1.0, broken, "Nobody is held out by the plan." if not share else "")
    shares, counts = [1 - share, share], [total - held, held]
    p = mismatch.final_p(counts, shares) if at_end else mismatch.sequential_p(counts, shares)
    broken = p < (mismatch.AT_THE_END if at_end else mismatch.WHILE_RUNNING)
    words = f"{held:,} of {total:,} accounts are held out; {expected:,.0f} were to be"
    told_words = f"{words}: such a split comes by chance less than {'1 in 1,000' if at_end else '1 in 100'} times, so something is broken."
    suspect = at_end and not broken and p < mismatch.SUSPECT
    doubt = f": only {p:.1%} of honest splits are so far off. Find out why before you act on it." if suspect else "."
    return Split(total - held, held, share, p, broken, told_words if broken else f"{words}{doubt}", suspect)


def variant_split(units: Units, planned: dict[int, dict[str, float]], *, at_end: bool) -> Split | None:
    """The same for the variants of the treated; `planned`: the shares by their version. None where there is one variant."""
    treated = [row for row in units.rows if not row.held and row.variant]
    names = sorted({name for shares in planned.values() for name in shares})
    if len(names) < 2 or not treated or any(row.weights not in planned for row in treated):
        return None
    expected = {name: sum(planned[row.weights].get(name, 0.0) for row in treated) for name in names}
    counts = {name: sum(row.variant == name for row in treated) for name in names}
    names = [name for name in names if expected[name] > 0]
    shares = [expected[name] / len(treated) for name in names]
    if len(names) < 2 or abs(sum(shares) - 1) > 1e-6:
        return None
    listed = [counts[name] for name in names]
    p = mismatch.final_p(listed, shares) if at_end else mismatch.sequential_p(listed, shares)
    broken = p < (mismatch.AT_THE_END if at_end else mismatch.WHILE_RUNNING)
    words = ", ".join(f"{name} {counts[name]:,} (planned {expected[name]:,.0f})" for name in names)
    return Split(len(treated), 0, shares[0], p, broken, f"{words}{': something is broken' if broken else ''}.")
