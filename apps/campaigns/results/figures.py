"""The answers of this package, as pages, the API and the daily record draw them. Shares are of 1, money is yearly in the workspace's currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from apps.experiments.selectors import Arm, Effect

from ..types import AttributionModel, CampaignVerdict, ReadingRule


@dataclass(frozen=True)
class Reached:
    """What became of the people of an audience: the denominators of everything else.

    `delivered`: it is known to have arrived, or it left by a carrier that never tells and did not come back. `opened` are people; `machine_opens` are
    openings by mail programs and proxies, which are in no other figure. None: nothing on these channels tells it.
    """

    planned: int = 0
    left_out: int = 0
    held_out: int = 0
    handed: int = 0
    sent: int = 0
    delivered: int = 0
    opened: int | None = None
    machine_opens: int | None = None
    clicked: int | None = None
    replied: int = 0
    accounts_delivered: int = 0


@dataclass(frozen=True)
class Split:
    """Whether the two sides have the sizes they were drawn for. `broken` blocks every verdict; `suspect`, at the end, asks to look into it."""

    treated: int
    held_out: int
    expected: float
    p: float
    broken: bool
    words: str
    suspect: bool = False


@dataclass(frozen=True)
class Told:
    """One share (reached the goal, stayed): treated against held out. `smallest`: the smallest rise that so many accounts would show 4 times of 5."""

    name: str
    words: str
    effect: Effect
    smallest: float | None
    sure: bool

    @property
    def change(self) -> float | None:
        return self.effect.difference


@dataclass(frozen=True)
class Money:
    """Change of yearly revenue per account within the window. `method`: t, or bootstrap where few accounts carry most of it; `adjusted`: noise that
    revenue and activity before explain is taken out (CUPED); `winsorised`: the same with the largest hundredth on each side cut to the next."""

    treated: int
    held_out: int
    treated_mean: float
    held_out_mean: float
    difference: float | None
    low: float | None
    high: float | None
    method: str
    adjusted: bool
    winsorised: float | None
    sure: bool
    more: int | None
    smallest: float | None
    currency: str
    without_rate: int
    words: str

    @property
    def total(self) -> tuple[float, float, float] | None:
        """What it brought in all: of the treated whose window is over, with the ends of the 95 % interval."""
        if self.difference is None or self.low is None or self.high is None:
            return None
        return self.treated * self.difference, self.treated * self.low, self.treated * self.high


@dataclass(frozen=True)
class Reading:
    """Treated against held out for one thing: the whole campaign, one time it went out, or one variant."""

    key: str
    name: str
    assigned: int
    held_out: int
    running: int
    reached: Reached
    goal: Told
    stayed: Told
    revenue: Money
    verdict: CampaignVerdict
    words: str


@dataclass(frozen=True)
class VariantReading(Reading):
    """A variant against those held out, and (`against_control`) its goal against the control variant within the same versions of the shares."""

    control: bool = False
    share: float = 0.0
    against_control: Told | None = None


@dataclass(frozen=True)
class Readout:
    """What a campaign changed so far. `rule` says how sure is meant while it still runs."""

    campaign_id: int
    as_of: datetime
    window_days: int
    goal_words: str
    rule: ReadingRule
    verdict: CampaignVerdict
    words: str
    split: Split
    variant_split: Split | None
    whole: Reading
    occurrences: Sequence[Reading] = ()
    variants: Sequence[VariantReading] = ()


@dataclass(frozen=True)
class Stage:
    """A stage of the funnel, in people (accounts for the goal); `of_before`: share of the stage before that is known."""

    key: str
    name: str
    count: int | None
    accounts: int | None
    of_before: float | None
    words: str = ""


@dataclass(frozen=True)
class Funnel:
    """From planned to the goal; `baseline`: what those held out did anyway, in the same time."""

    stages: Sequence[Stage]
    goal: Arm
    baseline: Arm
    machine_opens: int | None
    words: str


@dataclass(frozen=True)
class Cohort:
    """Accounts of one time it went out: the share that had reached the goal after 1, 2, ... weeks, treated and held out. None: not over yet."""

    occurrence_id: int
    key: str
    on: date
    treated: int
    held_out: int
    treated_by_week: Sequence[float | None]
    held_out_by_week: Sequence[float | None]


@dataclass(frozen=True)
class Incremental:
    """What happened because of it: outcomes and revenue beyond those of the held out, with 95 % intervals; over all treated whose window is over."""

    treated: int
    held_out: int
    outcomes: float
    low: float
    high: float
    arr: float | None
    arr_low: float | None
    arr_high: float | None
    sure: bool
    words: str


@dataclass(frozen=True)
class Credit:
    """What each model gives one source of touches: outcomes, and yearly revenue."""

    key: str
    kind: str
    name: str
    touches: int
    accounts: int
    outcomes: Mapping[AttributionModel, float]
    arr: Mapping[AttributionModel, float]
    incremental: Incremental | None
    # Why there is no incremental figure.
    why_not: str = ""

    @property
    def last_over_incremental(self) -> float | None:
        """How many times what it brought last touch gives it; None where nothing sure is known."""
        if self.incremental is None or not self.incremental.sure or self.incremental.outcomes <= 0:
            return None
        return self.outcomes[AttributionModel.LAST] / self.incremental.outcomes


@dataclass(frozen=True)
class Attribution:
    """Outcomes of one kind in [since, until], by several models at once. `untouched` had no touch within the window before."""

    outcome: str
    outcome_words: str
    since: datetime
    until: datetime
    window_days: int
    outcomes: int
    arr: float
    untouched: int
    currency: str
    credits: Sequence[Credit]
    words: str


@dataclass(frozen=True)
class ArmShare:
    """A variant in the batch: its share, exposed accounts whose window is over, and its goal rate, weighted alike over all versions of the shares."""

    name: str
    share: float
    exposed: int
    rate: float | None
    incremental: float | None
    chance_best: float | None
    control: bool = False


@dataclass(frozen=True)
class Shares:
    """By which shares variants are drawn now. Version 0 is what the definition says."""

    version: int
    weights: Mapping[str, float]
    since: datetime | None
    why: str
    arms: Sequence[ArmShare] = ()


@dataclass(frozen=True)
class BudgetShare:
    """A live campaign in the split of a common budget. `share` moves only where something sure is known."""

    campaign_id: int
    name: str
    per_recipient: float | None
    low: float | None
    share: float
    words: str


@dataclass(frozen=True)
class Targeting:
    """Whether to choose by predicted gain whom to write to. `open` only where the gate lets it; `why` says it in words."""

    open: bool
    why: str
    rows: int
    outcomes: int
    learner: str = ""
    qini: float | None = None
    low: float | None = None
    top_share: float | None = None
    drivers: Sequence[tuple[str, float]] = ()
    model: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suggestion:
    """A next campaign: what many accounts share and nothing live addresses. `rule` and `definition` make a draft with one press."""

    key: str
    kind: str
    name: str
    why: str
    accounts: int
    arr: float
    currency: str
    evidence: Sequence[str]
    rule: Mapping[str, Any]
    definition: Mapping[str, Any]


@dataclass(frozen=True)
class Day:
    """One day of the record: what the read-out said then, unchanged."""

    on: date
    verdict: CampaignVerdict
    words: str
    figures: Mapping[str, Any]
