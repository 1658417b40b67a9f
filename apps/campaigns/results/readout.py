"""The incremental read-out of a campaign: treated accounts against those held out, by what they were drawn for and not by what reached them."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import datetime

import numpy as np
from django.conf import settings

from apps.accounts.models import User

from ..models import Campaign, Occurrence, WeightsVersion
from ..types import CampaignState, CampaignVerdict, OccurrenceState, ReadingRule
from . import comparing
from .figures import Reached, Reading, Readout, Split, Told, VariantReading
from .reached import ByWhom, reached
from .said import Said, of, said
from .units import Flags, Unit, Units, of_campaign


def readout(campaign: Campaign, *, now: datetime, user: User | None = None) -> Readout:
    """Treated against held out, by assignment: of the whole campaign, of every time it went out, of every variant."""
    says = of(campaign)
    units = of_campaign(campaign, says, now=now, user=user)
    occurrences = {row.pk: row for row in Occurrence.objects.filter(campaign=campaign, frozen_at__lte=now).select_related("version")}
    told = {row.version_id: said(row.version) for row in occurrences.values()}
    holdouts = {key: one.holdout_percent / 100 for key, one in told.items()}
    people = reached(campaign, now=now, user=user)
    rule = _rule(campaign, list(occurrences.values()), units, now)
    at_end = rule == ReadingRule.AT_THE_END
    firsts = units.first_of_each()
    sizes = comparing.split(firsts, holdouts, at_end=at_end)
    planned = planned_shares(campaign, says)
    variant_sizes = comparing.variant_split(firsts, planned, at_end=at_end)
    broken = sizes.broken or (variant_sizes is not None and variant_sizes.broken)

    def by_odds(row: Unit) -> Hashable:
        """Accounts were drawn with the same odds where the same share was held out."""
        return holdouts[row.version]

    whole = _reading("whole", "the whole campaign", firsts, people.whole, says, by_odds, rule, sizes)
    times = []
    for key, row in sorted(occurrences.items(), reverse=True):
        counted = people.occurrences.get(key, Reached())
        if len(occurrences) == 1:
            times.append(replace(whole, key=str(key), name=row.key, reached=counted))
            continue
        mine = units.only(np.array([one.occurrence == key for one in units.rows], dtype=bool))
        times.append(_reading(str(key), row.key, mine, counted, says, by_odds, rule, comparing.split(mine, holdouts, at_end=at_end)))
    verdict = CampaignVerdict.MISMATCH if broken else whole.verdict
    return Readout(
        campaign_id=campaign.pk,
        as_of=now,
        window_days=says.window_days,
        goal_words=says.goal_words,
        rule=rule,
        verdict=verdict,
        words=_words(verdict, whole, sizes, variant_sizes, rule),
        split=sizes,
        variant_split=variant_sizes,
        whole=whole,
        occurrences=times,
        variants=_variants(whole, firsts, people, says, by_odds, rule, sizes, planned, broken),
    )


def planned_shares(campaign: Campaign, says: Said) -> dict[int, dict[str, float]]:
    """The shares of the variants by their version; 0 is what the definition says."""
    rows = WeightsVersion.objects.filter(campaign=campaign).values_list("number", "weights")
    return {0: says.weights, **{number: dict(weights) for number, weights in rows}}


def _rule(campaign: Campaign, occurrences: list[Occurrence], units: Units, now: datetime) -> ReadingRule:
    """Once nothing goes out any more and every window is over it is read once; until then every look is one of many."""
    ended = campaign.state in (CampaignState.DONE, CampaignState.ABORTED, CampaignState.ARCHIVED)
    quiet = all(row.state in (OccurrenceState.DONE, OccurrenceState.ABORTED) for row in occurrences)
    return ReadingRule.AT_THE_END if ended and quiet and len(units) and units.over.all() else ReadingRule.ANY_TIME


def _reading(
    key: str, name: str, units: Units, people: Reached, says: Said, by_odds: Callable[[Unit], Hashable], rule: ReadingRule, sizes: Split
) -> Reading:
    over, held = units.over, units.held
    assigned = int((~held).sum())
    goal = _goal(units, over & ~held, over & held, says, by_odds, rule)
    stayed = _stayed(units, over & ~held, over & held, says, by_odds, rule)
    running = int((~over).sum())
    verdict = comparing.verdict(goal, rule=rule, broken=sizes.broken, running=running)
    return Reading(
        key=key,
        name=name,
        assigned=assigned,
        held_out=len(units) - assigned,
        running=running,
        reached=people,
        goal=goal,
        stayed=stayed,
        revenue=comparing.revenue(units, currency=settings.WORKSPACE_CURRENCY),
        verdict=verdict,
        words=sizes.words if sizes.broken else goal.effect.words,
    )


def _goal(units: Units, first: Flags, second: Flags, says: Said, by_odds: Callable[[Unit], Hashable], rule: ReadingRule) -> Told:
    return comparing.told("goal", says.goal_words, comparing.cells(units, units.reached, first, second, by_odds), rule=rule, audience=len(units))


def _stayed(units: Units, first: Flags, second: Flags, says: Said, by_odds: Callable[[Unit], Hashable], rule: ReadingRule) -> Told:
    words = f"still a customer after {says.window_days} days"
    return comparing.told("stayed", words, comparing.cells(units, units.stayed, first, second, by_odds), rule=rule, audience=len(units))


def _variants(
    whole: Reading,
    units: Units,
    people: ByWhom,
    says: Said,
    by_odds: Callable[[Unit], Hashable],
    rule: ReadingRule,
    sizes: Split,
    planned: dict[int, dict[str, float]],
    broken: bool,
) -> list[VariantReading]:
    """Each against those held out, and against the control within the same version of the shares: more of a good week makes no variant better."""
    names = [name for name, _ in says.variants]
    names += sorted({row.variant for row in units.rows if row.variant and not row.held} - set(names))
    newest = planned[max(planned)]
    control = np.array([row.variant == says.control and not row.held for row in units.rows], dtype=bool)
    found = []
    for name in names:
        mine = np.array([row.variant == name and not row.held for row in units.rows], dtype=bool)
        counted = people.variants.get(name, Reached())
        if len(names) == 1:
            one = replace(whole, key=name, name=name, reached=counted)
        else:
            one = _reading(name, name, units.only(mine | units.held), counted, says, by_odds, rule, sizes)
        against = None
        if name != says.control and len(names) > 1:
            cells = comparing.cells(units, units.reached, units.over & mine, units.over & control, lambda row: (row.weights, by_odds(row)))
            against = comparing.told("goal", says.goal_words, cells, rule=rule, audience=len(units), comparisons=len(names) - 1)
        verdict = CampaignVerdict.MISMATCH if broken else one.verdict
        told = {**vars(one), "verdict": verdict}
        found.append(VariantReading(**told, control=name == says.control, share=float(newest.get(name, 0.0)), against_control=against))
    return found


def _words(verdict: CampaignVerdict, whole: Reading, sizes: Split, variant_sizes: Split | None, rule: ReadingRule) -> str:
    if verdict == CampaignVerdict.MISMATCH:
        broken = sizes if sizes.broken or variant_sizes is None else variant_sizes
        return f"No verdict: {broken.words}"
    if verdict in (CampaignVerdict.BETTER, CampaignVerdict.WORSE):
        return whole.goal.effect.words
    if verdict == CampaignVerdict.NO_DIFFERENCE and whole.goal.smallest is not None:
        return f"No difference was found; one of {100 * whole.goal.smallest:.1f} points would have been seen 4 times of 5."
    if not whole.goal.effect.treated.n and whole.running:
        return f"We cannot tell yet: the window of all {whole.running:,} accounts is still open."
    if whole.goal.effect.enough and rule == ReadingRule.ANY_TIME:
        return f"It looks so, but one look among many can deceive: wait until the windows are over. {whole.goal.effect.words}"
    return whole.goal.effect.words
