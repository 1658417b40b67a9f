"""What may be said of the estimates, in one sentence: the strongest evidence first, and no more than it bears."""

from dataclasses import dataclass
from enum import StrEnum

from . import observed, randomised
from .cohort import FEWEST, Cohort, Estimate


class Standing(StrEnum):
    """How far a statement may go."""

    PROVEN = "proven"
    NO_DIFFERENCE = "no_difference"
    DIRECTIONAL = "directional"
    DOUBTFUL = "doubtful"
    WAITING = "waiting"


WORDS = {
    Standing.PROVEN: "Shown by lot",
    Standing.NO_DIFFERENCE: "No difference found",
    Standing.DIRECTIONAL: "Directional",
    Standing.DOUBTFUL: "Not comparable",
    Standing.WAITING: "Cannot tell yet",
}


@dataclass(frozen=True)
class Verdict:
    """Every estimate that could be made, and what they allow one to say. `main` is the one that the sentence speaks of."""

    standing: Standing
    sentence: str
    main: Estimate | None
    randomised: Estimate | None = None
    matched: Estimate | None = None
    aipw: Estimate | None = None
    placebo: Estimate | None = None
    naive: Estimate | None = None

    @property
    def word(self) -> str:
        return WORDS[self.standing]


def by_lot(cohort: Cohort) -> Verdict:
    """Shown against held back."""
    found = randomised.effect(cohort)
    if found is None or min(found.treated, found.others) < FEWEST:
        few = min(cohort.n_treated, cohort.n_others)
        arm = "shown" if cohort.n_treated <= cohort.n_others else "held back"
        return Verdict(Standing.WAITING, f"Cannot tell yet: {few:,} {arm}, {FEWEST} are needed.", found, randomised=found)
    if not found.sure:
        return Verdict(
            Standing.NO_DIFFERENCE,
            f"No difference found between {found.treated:,} shown and {found.others:,} held back by lot: {interval(found)}.",
            found,
            randomised=found,
        )
    way = "more" if found.value > 0 else "less"
    arms = f"{found.treated:,} got it, {found.others:,} did not"
    words = f"{abs(found.percent[0]):.0f} % {way} of the behaviour because of it ({interval(found)}), shown by lot: {arms}."
    return Verdict(Standing.PROVEN, words, found, randomised=found)


def by_comparison(cohort: Cohort) -> Verdict:
    """Coached against accounts that were alike and were not coached. Never more than directional."""
    pairs, weighted = observed.matched(cohort), observed.aipw(cohort)
    fake, alone = observed.placebo(cohort), observed.naive(cohort)
    told = {"matched": pairs, "aipw": weighted, "placebo": fake, "naive": alone}
    if pairs is None or weighted is None or pairs.treated < FEWEST:
        n = pairs.treated if pairs else cohort.n_treated
        return Verdict(Standing.WAITING, f"Cannot tell yet: {n:,} coached accounts can be compared, {FEWEST} are needed.", None, **told)
    if fake is not None and fake.sure:
        words = (
            f"Not comparable: the coached differed from their matches already before anybody coached them ({interval(fake)} in the period before), "
            "so what came after cannot be laid to coaching."
        )
        return Verdict(Standing.DOUBTFUL, words, pairs, **told)
    agree = pairs.sure and weighted.value * pairs.value > 0
    way = "more" if pairs.value > 0 else "less"
    if agree:
        alike = f"{pairs.others:,} accounts that were alike ({interval(pairs)})"
        words = f"About {abs(pairs.percent[0]):.0f} % {way} than {alike}. Directional: nobody drew lots."
    else:
        words = f"No clear direction against {pairs.others:,} accounts that were alike ({interval(pairs)}). Nobody drew lots."
    return Verdict(Standing.DIRECTIONAL if agree else Standing.NO_DIFFERENCE, words, pairs, **told)


def interval(one: Estimate) -> str:
    """−3 to +12 %."""
    _, low, high = one.percent
    return f"{low:+.0f} to {high:+.0f} %".replace("-", "−")
