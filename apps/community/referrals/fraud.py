"""What speaks against a sign-up: pure rules over facts, each with its reason in words. No fingerprint of anybody's browser is among the facts."""

from dataclasses import dataclass
from typing import Any

from ..types import HARD, WEIGHTS, FraudSign

# So many sign-ups of one advocate within a day are more than people bring about.
MANY_A_DAY = 5
# So many clicks and sign-ups from one network within a day, by whomever.
MANY_OF_NETWORK = 4


@dataclass(frozen=True)
class Facts:
    """Of a sign-up at the moment it is judged. `ring`: how many referrals lead from the friend back to the advocate; 0 where none do."""

    same_person: bool = False
    existing: str = ""
    already: str = ""
    disposable: bool = False
    late_days: int = 0
    organisation: str = ""
    same_payer: bool = False
    in_a_day: int = 0
    of_network: int = 0
    ring: int = 0
    coupon: str = ""


@dataclass(frozen=True)
class Found:
    sign: str
    weight: int
    words: str

    def as_json(self) -> dict[str, Any]:
        return {"sign": str(self.sign), "weight": self.weight, "words": self.words}


def signs(facts: Facts, *, window_days: int) -> list[Found]:
    """Hard ones first. Where there is one the others are left out: nothing is to be weighed any more."""
    hard = [
        (FraudSign.SELF, "They would recommend us to themselves." if facts.same_person else ""),
        (FraudSign.EXISTING, facts.existing),
        (FraudSign.ALREADY, facts.already),
        (FraudSign.DISPOSABLE, "The address is of a service that throws addresses away." if facts.disposable else ""),
        (FraudSign.LATE, f"They came {facts.late_days} days ago; it counts for {window_days}." if facts.late_days > window_days else ""),
    ]
    if found := [Found(sign, 100, words) for sign, words in hard if words]:
        return found
    grey = [
        (FraudSign.ORGANISATION, facts.organisation),
        (FraudSign.PAYER, "The same payer pays for both." if facts.same_payer else ""),
        (FraudSign.VELOCITY, f"{facts.in_a_day} sign-ups of this advocate within a day." if facts.in_a_day >= MANY_A_DAY else ""),
        (FraudSign.NETWORK, f"{facts.of_network} clicks and sign-ups from one network within a day." if facts.of_network >= MANY_OF_NETWORK else ""),
        (FraudSign.RECIPROCAL, "The friend has recommended us to the advocate." if facts.ring == 1 else ""),
        (FraudSign.RING, f"{facts.ring} referrals lead from the friend back to the advocate." if facts.ring > 1 else ""),
        (FraudSign.COUPON, facts.coupon),
    ]
    return [Found(sign, WEIGHTS[sign], words) for sign, words in grey if words]


def score(found: list[Found]) -> int:
    return min(sum(one.weight for one in found), 100)


def is_hard(found: list[Found]) -> bool:
    return any(one.sign in HARD for one in found)
