"""When a number may be shown: enough on either side, nobody dominates, and no two numbers give a few away. Pure.

After the handbook of statistical disclosure control (sdctools.github.io/HandbookSDC, ch. 4 and 5): threshold, dominance, rounding, differencing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

K = 10
STEP = 5


@dataclass(frozen=True)
class Shown:
    """A number that somebody may have read, ever."""

    statement: int
    name: str
    number: int
    behind: frozenset[int]


@dataclass(frozen=True)
class Ruling:
    """`number` is None where it is suppressed, and `why` says it."""

    number: int | None
    why: str
    behind: frozenset[int]


def rounded(number: float) -> int:
    """Down to a step of five, and large sums to two figures: it is never more than what is true."""
    whole = int(number)
    size = max(STEP, 10 ** (len(str(whole)) - 2)) if whole >= 100 else STEP
    return whole - whole % size


def rule(statement: int, *, did: Mapping[int, float], others: int, is_sum: bool, before: Iterable[Shown]) -> Ruling:
    """`did`: the accounts behind the number with what each brought; `others`: how many comparable ones did not; `before`: all that was ever shown.

    Where the new number would give a few away beside the statement's own last one, the last one stands, as long as all behind it still did it.
    """
    known, behind = list(before), frozenset(did)
    fresh = _of_itself(statement, did, others, is_sum, known)
    if fresh.number is not None or is_sum:
        return fresh
    last = next((one for one in reversed(known) if one.statement == statement), None)
    if last is None or not last.behind <= behind or others < K or len(behind) < K:
        return fresh
    return Ruling(last.number, "", last.behind) if not _clash(statement, last.number, last.behind, known) else fresh


def _of_itself(statement: int, did: Mapping[int, float], others: int, is_sum: bool, known: list[Shown]) -> Ruling:
    behind = frozenset(did)
    if len(behind) < K:
        return Ruling(None, f"Fewer than {K} accounts did it.", behind)
    if others < K:
        return Ruling(None, f"All but fewer than {K} comparable accounts did it, so it would tell of those few.", behind)
    total = sum(did.values())
    if is_sum and 2 * max(did.values()) >= total:
        return Ruling(None, "One account makes up half of the sum or more.", behind)
    number = rounded(total if is_sum else len(behind))
    clash = _clash(statement, number, behind, known)
    return Ruling(None, clash, behind) if clash else Ruling(number, "", behind)


def _clash(statement: int, number: int, behind: frozenset[int], known: list[Shown]) -> str:
    """Two numbers whose accounts differ by a few tell of these few; the same number of the same statement tells nothing new."""
    for one in known:
        if one.statement == statement and one.number == number:
            continue
        if 0 < len(behind - one.behind) < K or 0 < len(one.behind - behind) < K:
            return f"Beside the number of “{one.name}” it would tell of fewer than {K} accounts."
    return ""
