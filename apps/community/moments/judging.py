"""Is it a good moment, for whom, to ask for what: the best pair of person and ask at each account, with its reasons, or why not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.accounts.models import Contact
from apps.accounts.types import ContactRole

from ..asks.owing import owed_by
from ..models import AskRules
from ..types import AskKind
from .signals import POINTS, Found, signals_of
from .stops import stops_of, tired_of

# Who is asked among equals: those who know us best.
_FIRST = {ContactRole.CHAMPION: 0, ContactRole.SPONSOR: 1, ContactRole.ADMIN: 2, ContactRole.USER: 3}


@dataclass(frozen=True)
class Judged:
    """`contact_id` and `kind` where the moment is right, else `against`. `reasons` are what speaks for it, most points first."""

    account_id: int
    contact_id: int | None = None
    kind: str = ""
    score: int = 0
    reasons: list[dict[str, Any]] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    @property
    def because(self) -> str:
        return "; ".join(str(reason["words"]) for reason in self.reasons)


def ensure_rules() -> None:
    """The one row, for staff to change."""
    AskRules.objects.get_or_create(pk=1)


def rules_now() -> AskRules:
    return AskRules.objects.filter(pk=1).first() or AskRules()


def judge(account_ids: Sequence[int], *, now: datetime, rules: AskRules) -> list[Judged]:
    """One verdict for each account of which anything speaks for asking; a fixed number of statements whatever their number."""
    signals = signals_of(account_ids, now=now)
    ids = sorted(signals)
    stops = stops_of(ids, now=now, rules=rules)
    people: dict[int, list[Contact]] = {key: [] for key in ids}
    for contact in Contact.objects.filter(account__in=ids, departed_on=None).exclude(role=ContactRole.DETRACTOR).order_by("pk"):
        people[contact.account_id].append(contact)
    everybody = [contact.pk for found in people.values() for contact in found]
    tired, owed = tired_of(everybody, now=now, rules=rules), owed_by(everybody)
    return [_verdict(key, signals[key], people[key], stops.get(key, []), tired, owed, rules) for key in ids]


def _verdict(
    account_id: int,
    signals: list[Found],
    people: list[Contact],
    stops: list[str],
    tired: dict[tuple[int, str], str],
    owed: dict[int, int],
    rules: AskRules,
) -> Judged:
    if stops:
        return Judged(account_id, against=stops)
    best: tuple[int, int, int, int] | None = None
    chosen = Judged(account_id, against=["Nobody there can be asked."])
    for contact in people:
        mine = [one for one in signals if one.contact_id in (None, contact.pk)]
        for place, kind in enumerate(AskKind.values):
            reasons = sorted(((POINTS[kind][one.signal], one) for one in mine), key=lambda pair: -pair[0])
            # Two praises are one signal.
            told = {one.signal: _told(one, points) for points, one in reversed(reasons)}
            score = min(100, sum(one["points"] for one in told.values()))
            why_not = _why_not(contact, kind, score, tired, owed, rules)
            if why_not:
                if best is None:
                    chosen = Judged(account_id, contact.pk, kind, score, [], [why_not])
                continue
            rank = (-score, _FIRST.get(ContactRole(contact.role), 9), contact.pk, place)
            if best is None or rank < best:
                best = rank
                chosen = Judged(account_id, contact.pk, kind, score, sorted(told.values(), key=lambda one: -one["points"]))
    return chosen


def _told(one: Found, points: int) -> dict[str, Any]:
    return {"signal": one.signal.value, "points": points, "words": one.words}


def _why_not(contact: Contact, kind: str, score: int, tired: dict[tuple[int, str], str], owed: dict[int, int], rules: AskRules) -> str:
    if score < rules.least_score:
        return f"{score} points for it; {rules.least_score} are asked."
    if kind == AskKind.REVIEW and not rules.review_url:
        return "Nobody said where reviews are written."
    if kind in (AskKind.REFERENCE, AskKind.CASE) and owed.get(contact.pk, 0) >= rules.most_owed:
        return f"We owe them thanks for {owed[contact.pk]} favours; thank them first."
    return tired.get((contact.pk, kind), "")
