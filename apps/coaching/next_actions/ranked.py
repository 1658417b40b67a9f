"""Ranking what could be done for an account. Pure: no clock, no chance, no database; the same facts always give the same list in the same order.

Worth = ARR x chance that the account leaves x the share of that which the deed is believed to keep. The shares are working assumptions of this
product, chosen low and not measured anywhere; each sentence says so. A tip's share is what the learning choice expects of it, times what a moved
behaviour is believed to keep.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..types import Evidence, NextAction

# Taken where no score has been made yet.
UNSCORED = 0.05
CALL, PROMISE, TICKET, STUCK, BEHIND, RENEWAL, TIP = 0.15, 0.10, 0.12, 0.08, 0.05, 0.10, 0.10
# A call is for accounts whose chance of leaving is at least this; below it, one more call is one more call.
WORTH_A_CALL = 0.15
_SOON_DAYS = 90


@dataclass(frozen=True)
class Tipped:
    """An open recommendation."""

    recommendation: int
    title: str
    reason: str
    expected: float
    minutes: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Facts:
    """Everything the list is made of. Reasons of a risk are (words, contribution); promises are (key, words, days late), tickets (key, subject, hours
    open), paces (key of the event that said so, milestone, pace); `renewal` is (key, days until)."""

    arr: float
    currency: str
    chance: float | None
    prediction: int | None = None
    reasons: tuple[tuple[str, float], ...] = ()
    newest: tuple[int, ...] = ()
    promises: tuple[tuple[int, str, int], ...] = ()
    tickets: tuple[tuple[int, str, int], ...] = ()
    paces: tuple[tuple[int, str, str], ...] = ()
    renewal: tuple[int, int] | None = None
    tips: tuple[Tipped, ...] = ()


def ranked(facts: Facts) -> list[NextAction]:
    """The most worth first; of equal worth the shorter, then by key."""
    found = [*_call(facts), *_promises(facts), *_tickets(facts), *_paces(facts), *_renewal(facts), *_tips(facts)]
    return sorted(found, key=lambda action: (-action.worth, action.minutes, action.key))


def _worth(facts: Facts, share: float, what: str) -> tuple[float, str]:
    chance = UNSCORED if facts.chance is None else facts.chance
    worth = round(facts.arr * chance * share, 2)
    scored = f"{chance:.0%} that they leave" if facts.chance is not None else f"{chance:.0%} that they leave (assumed: no score yet)"
    return worth, f"ARR {facts.arr:,.0f} {facts.currency} × {scored} × {share:.1%} {what} = {worth:,.0f} {facts.currency}."


def _call(facts: Facts) -> Iterable[NextAction]:
    if facts.chance is None or facts.chance < WORTH_A_CALL:
        return
    worth, why = _worth(facts, CALL, "that a call keeps (an assumption)")
    raising = [words for words, contribution in facts.reasons if contribution > 0][:3]
    evidence = tuple(Evidence(words, f"prediction:{facts.prediction}", facts.newest) for words in raising)
    yield NextAction("call", "Call them about the risk", why, worth, 20, evidence, "brief")


def _promises(facts: Facts) -> Iterable[NextAction]:
    for key, words, late in facts.promises:
        worth, why = _worth(facts, PROMISE, "that a kept promise keeps (an assumption)")
        said = f"Promised: {words}" + (f" ({late} {'day' if late == 1 else 'days'} late)" if late > 0 else " (due today)")
        yield NextAction(f"promise:{key}", "Keep what was promised", why, worth, 15, (Evidence(said, f"promise:{key}"),), "promises")


def _tickets(facts: Facts) -> Iterable[NextAction]:
    for key, subject, hours in facts.tickets:
        worth, why = _worth(facts, TICKET, "that an answer keeps (an assumption)")
        waited = Evidence(f"“{subject}” has waited {hours} hours", f"ticket:{key}")
        yield NextAction(f"ticket:{key}", "See that their question is answered", why, worth, 10, (waited,))


def _paces(facts: Facts) -> Iterable[NextAction]:
    for key, milestone, pace in facts.paces:
        worth, why = _worth(facts, STUCK if pace == "stuck" else BEHIND, "that help with it keeps (an assumption)")
        words = f"“{milestone}” is {pace}: {'nine tenths' if pace == 'stuck' else 'three quarters'} of their cohort had reached it by now"
        yield NextAction(f"milestone:{key}", f"Help them reach “{milestone}”", why, worth, 25, (Evidence(words, f"event:{key}", facts.newest),))


def _renewal(facts: Facts) -> Iterable[NextAction]:
    if facts.renewal is None or facts.renewal[1] > _SOON_DAYS:
        return
    key, days = facts.renewal
    worth, why = _worth(facts, RENEWAL, "that an early talk about it keeps (an assumption)")
    evidence = (Evidence(f"Their contract renews in {days} {'day' if days == 1 else 'days'}, and nobody has said how it will go", f"renewal:{key}"),)
    yield NextAction("renewal", "Talk about the renewal", why, worth, 30, evidence)


def _tips(facts: Facts) -> Iterable[NextAction]:
    for tip in facts.tips:
        worth, why = _worth(facts, tip.expected * TIP, f"({tip.expected:.0%} that it helps × {TIP:.0%} that the new habit keeps, an assumption)")
        yield NextAction(f"tip:{tip.recommendation}", tip.title, f"{tip.reason} {why}", worth, tip.minutes, tip.evidence, "tip")
