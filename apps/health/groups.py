"""The health of a parent, from the companies below it."""

from dataclasses import dataclass
from decimal import Decimal

from apps.core.reading import Reading, Rows

from .types import Band, band_of

# Every customer below the parent, however deep; a circle ends the walk.
_BELOW = """
with recursive below as (
    select id, array[%(parent)s, id] as way from accounts_account where parent_id = %(parent)s
    union all
    select a.id, b.way || a.id from accounts_account a join below b on a.parent_id = b.id where not a.id = any(b.way)
)
select distinct on (a.id) a.id, a.name, a.arr, a.currency, h.score, h.band, h.coverage
from below join accounts_account a on a.id = below.id left join health_accounthealth h on h.account_id = a.id
where a.stage <> 'churned' order by a.id
"""


@dataclass(frozen=True)
class Child:
    account_id: int
    name: str
    arr: Decimal
    currency: str
    score: Decimal | None
    band: str


@dataclass(frozen=True)
class GroupView:
    """What a parent's companies say together. `weighed` tells by what they count; `coverage` is the share of it whose health is known."""

    score: Decimal | None
    band: str
    coverage: int
    weighed: str
    children: tuple[Child, ...]
    worst: Child | None

    @property
    def known(self) -> int:
        return sum(child.band != Band.UNKNOWN for child in self.children)


def group(parent_id: int) -> Reading[GroupView | None]:
    """None for an account without companies below it.

    Each child counts by its ARR; where they pay in several currencies, or nothing at all, each counts the same: sums of different currencies are
    never added up. A child of whom too little is known lowers the coverage and has no say.
    """
    rows = Rows(_BELOW, {"parent": parent_id})
    yield rows
    children = tuple(
        Child(key, name, arr, currency, score, str(band_of(score, coverage or 0))) for key, name, arr, currency, score, _, coverage in rows
    )
    if not children:
        return None
    by_arr = len({child.currency for child in children}) == 1 and any(child.arr for child in children)
    weights = [child.arr if by_arr else Decimal(1) for child in children]
    known = [(child, weight) for child, weight in zip(children, weights, strict=True) if child.band != Band.UNKNOWN]
    said, whole = sum((weight for _, weight in known), Decimal(0)), sum(weights, Decimal(0))
    total = sum((weight * (child.score or 0) for child, weight in known), Decimal(0))
    score = round(total / said, 2) if said else None
    coverage = int(100 * said / whole) if whole else 0
    return GroupView(
        score=score,
        band=str(band_of(score, coverage)),
        coverage=coverage,
        weighed="by ARR" if by_arr else "each the same",
        children=children,
        worst=min((child for child, _ in known), key=lambda child: (child.score, -child.arr, child.account_id), default=None),
    )
