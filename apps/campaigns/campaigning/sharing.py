"""Which share of the accounts gets which variant, and the version of those shares; optimising (results) moves them."""

from dataclasses import dataclass

from ..definition import Definition
from ..models import Campaign
from ..results.sharing import dealt


@dataclass(frozen=True)
class Shares:
    """By variant, in their order, a share of 1; `version` 0: as the definition says."""

    version: int
    shares: dict[str, float]


def shares(campaign: Campaign, says: Definition) -> Shares:
    whole = sum(variant.weight for variant in says.variants)
    version, weights = dealt(campaign, {variant.name: variant.weight / whole for variant in says.variants})
    return Shares(version, {variant.name: weights[variant.name] for variant in says.variants})
