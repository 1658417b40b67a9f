"""Pure arithmetic of word of mouth: counts per exposed person and medians, each with an interval, and a plain word where they say nothing yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from scipy import stats

ALPHA = 0.05
# With less than this an interval is so wide that a number beside it would be taken for more than it is.
LEAST_EXPOSED, LEAST_APPROVED, LEAST_CYCLES = 30, 5, 6


@dataclass(frozen=True)
class Virality:
    """K = invites per exposed person x approved per invite, and what came by links and codes without an invite beside it. `k` is their sum: approved
    referrals per exposed person."""

    exposed: int
    invites: int
    by_invite: int
    by_link: int
    low: float
    high: float

    @property
    def approved(self) -> int:
        return self.by_invite + self.by_link

    @property
    def k(self) -> float | None:
        return self.approved / self.exposed if self.exposed else None

    @property
    def invites_per_exposed(self) -> float | None:
        return self.invites / self.exposed if self.exposed else None

    @property
    def per_invite(self) -> float | None:
        return self.by_invite / self.invites if self.invites else None

    @property
    def can_tell(self) -> bool:
        return self.exposed >= LEAST_EXPOSED and self.approved >= LEAST_APPROVED

    @property
    def words(self) -> str:
        if self.k is None:
            return "The offer was shown to nobody yet."
        if not self.can_tell:
            return f"We cannot tell yet: {self.approved} approved of {self.exposed} who saw the offer."
        return f"K {self.k:.2f} (95 % sure of {self.low:.2f} to {self.high:.2f}): {self.approved} approved of {self.exposed} who saw the offer."


def virality(approved_each: Sequence[int], *, invites: int, by_invite: int) -> Virality:
    """`approved_each`: of every exposed person, how many approved referrals they brought."""
    exposed, approved = len(approved_each), sum(approved_each)
    low, high = rate_interval(approved_each)
    return Virality(exposed, invites, by_invite, approved - by_invite, low, high)


def rate_interval(counts: Sequence[int], alpha: float = ALPHA) -> tuple[float, float]:
    """The interval of a mean count: Garwood's exact one of a Poisson number, with as many independent events as the spread leaves (a few people bring
    most referrals, so the plain one would be too narrow)."""
    exposed, total = len(counts), sum(counts)
    if not exposed:
        return 0.0, float("inf")
    mean = total / exposed
    variance = sum((count - mean) ** 2 for count in counts) / (exposed - 1) if exposed > 1 else 0.0
    spread = max(variance / mean, 1.0) if mean else 1.0
    events = total / spread
    low = float(stats.chi2.ppf(alpha / 2, 2 * events)) / 2 if events else 0.0
    high = float(stats.chi2.ppf(1 - alpha / 2, 2 * events + 2)) / 2
    return low * spread / exposed, high * spread / exposed


@dataclass(frozen=True)
class Cycle:
    """Days from when the offer was shown to the sign-up that came of it: the median, and between which it surely lies."""

    count: int
    days: float | None
    low: float | None
    high: float | None

    @property
    def words(self) -> str:
        if self.days is None:
            return "Nobody has gone round yet."
        if self.low is None or self.high is None:
            return f"We cannot tell yet: {self.count} went round."
        return f"{self.days:.1f} days (95 % sure of {self.low:.1f} to {self.high:.1f})."


def cycle(spans: Sequence[timedelta], alpha: float = ALPHA) -> Cycle:
    """The median's interval by order statistics: exact whatever the distribution; with fewer than six there is none at 95 %."""
    days = sorted(span / timedelta(days=1) for span in spans)
    if not days:
        return Cycle(0, None, None, None)
    n = len(days)
    # The largest number of values below the median that is still unlikely enough on each side.
    place = int(stats.binom.ppf(alpha / 2, n, 0.5))
    place = place if stats.binom.cdf(place - 1, n, 0.5) <= alpha / 2 else place - 1
    if n < LEAST_CYCLES or place < 1:
        return Cycle(n, median(days), None, None)
    return Cycle(n, median(days), days[place - 1], days[n - place])


def after_waves(seeds: int, k: float, waves: int) -> float:
    """Who is there after so many rounds, those who began included: seeds (K^(n+1) - 1) / (K - 1)."""
    return seeds * (waves + 1) if k == 1 else seeds * (k ** (waves + 1) - 1) / (k - 1)


@dataclass(frozen=True)
class Funnel:
    """From the invite to the friend's first value. Sign-ups that were refused count nowhere; what came by links has no invite before it."""

    exposed: int
    invited: int
    delivered: int
    clicked: int
    signed_up: int
    activated: int
    approved: int

    @property
    def steps(self) -> list[tuple[str, int]]:
        return [
            ("saw the offer", self.exposed),
            ("invited", self.invited),
            ("delivered", self.delivered),
            ("pressed the button", self.clicked),
            ("signed up", self.signed_up),
            ("got value", self.activated),
            ("approved", self.approved),
        ]


def month_of(moment: datetime) -> str:
    return f"{moment:%Y-%m}"
