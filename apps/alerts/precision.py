"""How often a rule is right: of its alerts that people judged or acted on, those that were useful."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from apps.experiments.selectors import Arm, wilson

from .models import Alert, RuleTold

WINDOW = timedelta(days=90)
# Below this share of at least so many judged, a rule is noise.
NOISY_SHARE = 0.20
NOISY_FROM = 10


@dataclass(frozen=True)
class Precision:
    """`right` of `judged` alerts were useful: somebody said so, or started a play or a task from it. `fired` counts all of the window."""

    right: int
    judged: int
    fired: int

    @property
    def share(self) -> float | None:
        """Nothing where nobody has judged."""
        return self.right / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % (Wilson 1927)."""
        return wilson(Arm(self.judged, self.right)) if self.judged else None

    @property
    def noisy(self) -> bool:
        return self.judged >= NOISY_FROM and self.right < NOISY_SHARE * self.judged

    @property
    def words(self) -> str:
        if not self.judged:
            return "nobody has judged it yet"
        return f"{self.right} of {self.judged} useful"

    @property
    def interval_words(self) -> str:
        if self.interval is None:
            return "Say whether its alerts were useful, and it shows how often it is right."
        low, high = self.interval
        return f"{100 * self.right / self.judged:.0f} %, between {100 * low:.0f} and {100 * high:.0f} % (95 %); {self.fired} alerts in 90 days"


NOTHING = Precision(0, 0, 0)


def of_rules(rule_ids: Collection[int] | None = None, *, now: datetime, since_lifted: bool = False) -> dict[int, Precision]:
    """Rule -> its figures over the last 90 days; rules without alerts are left out.

    `since_lifted`: only of what was judged after a person last lifted the rule.
    """
    judged_at = Coalesce("useful_at", "acted_at")
    judged = Q(useful__isnull=False) | Q(acted_at__isnull=False)
    right = Q(useful=True) | Q(useful__isnull=True, acted_at__isnull=False)
    rows = Alert.objects.filter(opened_at__gt=now - WINDOW, opened_at__lte=now, rule__isnull=False)
    if rule_ids is not None:
        rows = rows.filter(rule__in=rule_ids)
    if since_lifted:
        lifted = RuleTold.objects.filter(rule=OuterRef("rule"), digest=False).order_by().values("rule").annotate(last=Max("at")).values("last")
        rows = rows.annotate(judged_at=judged_at, lifted_at=Subquery(lifted)).exclude(judged_at__lte=Coalesce("lifted_at", now - 2 * WINDOW))
    figures = rows.order_by().values("rule").annotate(fired=Count("pk"), judged=Count("pk", filter=judged), right=Count("pk", filter=judged & right))
    return {row["rule"]: Precision(row["right"], row["judged"], row["fired"]) for row in figures}
