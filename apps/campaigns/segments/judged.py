"""A rule judged for one account by what is known of it: a pure function of its facts. When it could next change by time alone comes with the answer.

The same answer is found for all accounts at once by compiled.py, which shares nothing with this but the grammar.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import ceil, floor
from typing import Any

from . import grammar as g
from .facts import Acts, Facts
from .sentences import in_words

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Judged:
    """`flips_at`: before this moment time alone cannot change the answer; None: never. `value`: what was held against the condition."""

    holds: bool
    flips_at: datetime | None = None
    value: Any = None


@dataclass(frozen=True)
class Explained:
    """A rule with its answer, part by part; `joint` is empty for a single condition."""

    words: str
    holds: bool
    value: Any
    flips_at: datetime | None
    joint: str = ""
    parts: tuple["Explained", ...] = ()


def judge(rule: g.Rule, facts: Facts, segment_id: int | None = None) -> Judged:
    """Whether the rule holds for the account at the moment of its facts."""
    if isinstance(rule, g.Node):
        return _joined(rule.joint, [judge(part, facts, segment_id) for part in rule.parts])
    if isinstance(rule, g.Listed):
        return Judged(segment_id in facts.listed)
    return _LEAVES[type(rule)](rule, facts)


def explain(rule: g.Rule, facts: Facts, segment_id: int | None = None) -> Explained:
    found = judge(rule, facts, segment_id)
    if isinstance(rule, g.Node):
        parts = tuple(explain(part, facts, segment_id) for part in rule.parts)
        return Explained(in_words(rule), found.holds, None, found.flips_at, rule.joint, parts)
    return Explained(in_words(rule), found.holds, found.value, found.flips_at)


def _joined(joint: str, parts: list[Judged]) -> Judged:
    """It flips at the earliest when one part does whose flip is enough, or when all those have flipped that must."""
    if joint == "all":
        against = [part for part in parts if not part.holds]
        holds = not against
    else:
        against = [part for part in parts if part.holds]
        holds = bool(against)
    if against:
        flips = [part.flips_at for part in against]
        at = None if None in flips else max(flip for flip in flips if flip is not None)
    else:
        at = _earliest(part.flips_at for part in parts)
    return Judged(not holds if joint == "none" else holds, at)


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)


# --- comparing


def _compared(fact: Any, op: str, value: Any) -> bool:
    if op == "unknown":
        return fact is None
    if op == "is_not":
        return bool(fact != value)
    if fact is None:
        return False
    match op:
        case "known":
            return True
        case "is":
            return bool(fact == value)
        case "at_least":
            return bool(fact >= value)
        case "at_most":
            return bool(fact <= value)
        case "over":
            return bool(fact > value)
        case "under":
            return bool(fact < value)
        case "one_of":
            return fact in value
        case _:
            return g.folded(value) in g.folded(fact)


def _exact(value: Any) -> Any:
    """Numbers as the decimals they were written as."""
    if isinstance(value, list):
        return [_exact(one) for one in value]
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _counting_days(base: int | None, step: int, op: str, wanted: Any, today: date) -> datetime | None:
    """The midnight at which a number of days that grows (or falls) by one a day changes the answer."""
    if base is None or op in g.NO_VALUE:
        return None
    now = _compared(base, op, wanted)
    crossing = (float(wanted) - base) * step
    for ahead in sorted({floor(crossing) - 1, floor(crossing), ceil(crossing), ceil(crossing) + 1}):
        if ahead >= 1 and _compared(base + step * ahead, op, wanted) != now:
            return _midnight(today + timedelta(days=ahead))
    return None


# --- the leaves


def _everybody(leaf: g.Everybody, facts: Facts) -> Judged:
    return Judged(True)


_TEXTS = {"zone": "time_zone"}


def _field(leaf: g.Field, facts: Facts) -> Judged:
    row, wanted = facts.row, _exact(leaf.value)
    match leaf.name:
        case "tags":
            tags = row["tags"]
            holds = leaf.value in tags if leaf.op == "has" else bool(tags) == (leaf.op == "known")
            return Judged(holds, value=tags)
        case "arr" | "seats" | "seats_used":
            return Judged(_compared(row[leaf.name], leaf.op, wanted), value=row[leaf.name])
        case "seats_used_percent":
            used, bought = row["seats_used"], row["seats"]
            if used is None or not bought:
                return Judged(_compared(None, leaf.op, wanted))
            asked = None if wanted is None else wanted * bought
            return Judged(_compared(Decimal(100 * used), leaf.op, asked), value=round(100 * used / bought, 2))
        case "age_days":
            return _since(row["began_on"], leaf, wanted, facts.today)
        case "left_days":
            return _since(row["churned_on"], leaf, wanted, facts.today)
    text = row[_TEXTS.get(leaf.name, leaf.name)] or None
    return Judged(_compared(text, leaf.op, leaf.value), value=text)


def _since(start: date | None, leaf: g.Field, wanted: Any, today: date) -> Judged:
    if start is None:
        return Judged(_compared(None, leaf.op, wanted))
    if start > today:
        return Judged(_compared(None, leaf.op, wanted), _midnight(start))
    days = (today - start).days
    return Judged(_compared(days, leaf.op, wanted), _counting_days(days, 1, leaf.op, wanted, today), days)


def _trait(leaf: g.Trait, facts: Facts) -> Judged:
    held = facts.traits.get(leaf.name) if isinstance(facts.traits, dict) else None
    if leaf.op in g.NO_VALUE:
        return Judged((held is not None) == (leaf.op == "known"), value=held)
    first = leaf.value[0] if isinstance(leaf.value, list) else leaf.value
    wanted = bool if isinstance(first, bool) else str if isinstance(first, str) else Decimal
    fits = held if isinstance(held, wanted) else None
    return Judged(_compared(fits, leaf.op, _exact(leaf.value)), value=held)


def _did(leaf: g.Did, facts: Facts) -> Judged:
    acts = facts.acts.get((leaf.name, leaf.meaning, leaf.within_days)) or Acts()
    total = acts.total
    holds = _compared(total, leaf.op, leaf.times)
    return Judged(holds, _earliest([acts.next_at, _expiry(leaf, acts, total, holds)]), total)


def _expiry(leaf: g.Did, acts: Acts, total: int, holds: bool) -> datetime | None:
    """When so much has left the window that the answer changes. Of the first day of the window every act is known to the second; of later days only
    how many there were, so that the moment at which the first of them could leave is taken, and what happens then is seen when it has come."""
    if leaf.within_days is None:
        return None
    window = timedelta(days=leaf.within_days)
    for at in sorted(acts.edge):
        total -= 1
        if _compared(total, leaf.op, leaf.times) != holds:
            return at + window
    for day, count in sorted(acts.days):
        least = total - count
        passed = {least, *(number for number in (leaf.times - 1, leaf.times, leaf.times + 1) if least <= number < total)}
        if any(_compared(number, leaf.op, leaf.times) != holds for number in passed):
            return _midnight(day) + window
        total = least
    return None


def _last(leaf: g.Last, facts: Facts) -> Judged:
    acts = facts.acts.get((leaf.name, leaf.meaning, None)) or Acts()
    last = max((day for day, _ in acts.days), default=None)
    days = (facts.today - last).days if last is not None else None
    at = _counting_days(days, 1, leaf.op, leaf.days, facts.today)
    return Judged(_compared(days, leaf.op, leaf.days), _earliest([acts.next_at, at]), days)


def _sequence(leaf: g.Sequence, facts: Facts) -> Judged:
    before: datetime | None = None
    latest: datetime | None = None
    ahead: datetime | None = None
    pending: list[datetime] = []
    since, gap = facts.at - timedelta(days=leaf.lately_days), timedelta(days=leaf.within_days)
    for at, name in facts.sequences.get(leaf, ()):
        if at > facts.at:
            ahead = at
            break
        # What happened at the same instant did not happen one after the other.
        if pending and pending[0] < at:
            before, pending = pending[0], []
        if name == leaf.then and at > since and before is not None and at - before <= gap:
            latest = at
        if name == leaf.first:
            pending.append(at)
    expiry = latest + timedelta(days=leaf.lately_days) if latest is not None else None
    return Judged(latest is not None, _earliest([ahead, expiry]), latest)


def _health(leaf: g.Health, facts: Facts) -> Judged:
    score, band = facts.row["health"], facts.row["health_band"]
    if leaf.band:
        band = None if band == "unknown" else band
        return Judged(_compared(band, leaf.op, leaf.band), value=band)
    return Judged(_compared(score, leaf.op, _exact(leaf.value)), value=score)


def _risk(leaf: g.Risk, facts: Facts) -> Judged:
    risk = facts.row["risk"]
    if leaf.band:
        band = facts.row["risk_band"] if risk is not None else None
        return Judged(_compared(band, leaf.op, leaf.band), value=band)
    percent = 100.0 * risk if risk is not None else None
    return Judged(_compared(percent, leaf.op, float(leaf.value) if leaf.value is not None else None), value=percent)


def _driver(leaf: g.Driver, facts: Facts) -> Judged:
    reasons = facts.row["reasons"] if facts.row["risk"] is not None and isinstance(facts.row["reasons"], list) else []
    weights = [float(one.get("contribution") or 0) for one in reasons if one.get("feature") == leaf.feature]
    return Judged(any(weight > 0 for weight in weights), value=max(weights, default=None))


def _milestone(leaf: g.Milestone, facts: Facts) -> Judged:
    state, pace, at = facts.milestones.get(leaf.key, (None, None, None))
    achieved = at if state == "achieved" else None
    reached = achieved is not None and achieved <= facts.at
    ahead = achieved if not reached else None
    match leaf.state:
        case "reached" if leaf.within_days is not None and achieved is not None and reached:
            until = achieved + timedelta(days=leaf.within_days)
            return Judged(until > facts.at, until if until > facts.at else None, achieved)
        case "reached":
            return Judged(reached, ahead, achieved)
        case "not_reached":
            return Judged(not reached, ahead, achieved)
        case "open":
            return Judged(state == "open", value=state)
    return Judged(state == "open" and pace == leaf.state, value=pace if state == "open" else state)


def _tier(leaf: g.Tier, facts: Facts) -> Judged:
    tier = facts.row["standing"] or ""
    return Judged(tier == leaf.key, value=tier)


def _play(leaf: g.Play, facts: Facts) -> Judged:
    runs = [run for run in facts.plays if not leaf.key or run[0] == leaf.key]
    if leaf.state == "running":
        return Judged(any(state == "waiting" for _, state, *_ in runs), value=[key for key, state, *_ in runs if state == "waiting"])
    return _lately([entered if leaf.state == "entered" else ended for _, _, entered, ended in runs], leaf.within_days, facts.at)


def _coaching(leaf: g.Coaching, facts: Facts) -> Judged:
    return _lately([at for reached, at in facts.coaching if reached == leaf.reached], leaf.within_days, facts.at)


def _lately(moments: list[datetime | None], days: int | None, now: datetime) -> Judged:
    """Whether one of these moments lies within the last days (None: ever)."""
    latest = max((one for one in moments if one is not None and one <= now), default=None)
    ahead = _earliest(one for one in moments if one is not None and one > now)
    if latest is None or days is None:
        return Judged(latest is not None, ahead, latest)
    until = latest + timedelta(days=days)
    return Judged(until > now, _earliest([ahead, until if until > now else None]), latest)


def _revenue(leaf: g.Revenue, facts: Facts) -> Judged:
    window, total = timedelta(days=leaf.within_days), Decimal(0)
    steps: dict[date, Decimal] = {}
    for kind, amount, day in facts.revenue:
        if kind != leaf.movement:
            continue
        if day > facts.today:
            steps[day] = steps.get(day, Decimal(0)) + amount
        elif day + window > facts.today:
            total += amount
        else:
            continue
        steps[day + window] = steps.get(day + window, Decimal(0)) - amount
    wanted = _exact(leaf.value)
    holds, then = _compared(abs(total), leaf.op, wanted), total
    for day, amount in sorted(steps.items()):
        then += amount
        if _compared(abs(then), leaf.op, wanted) != holds:
            return Judged(holds, _midnight(day), abs(total))
    return Judged(holds, value=abs(total))


def _renewal(leaf: g.Renewal, facts: Facts) -> Judged:
    day = facts.row["renews_on"]
    days = (day - facts.today).days if day is not None else None
    return Judged(_compared(days, leaf.op, leaf.days), _counting_days(days, -1, leaf.op, leaf.days, facts.today), days)


def _survey(leaf: g.Survey, facts: Facts) -> Judged:
    wanted = _exact(leaf.value)
    answers = [(at, score) for kind, at, score in facts.surveys if kind == leaf.survey]
    ahead = next((at for at, _ in answers if at > facts.at), None)
    # They come in the order of their times and keys.
    at, score = next(((at, score) for at, score in reversed(answers) if at <= facts.at), (None, None))
    expiry = None
    if at is not None and leaf.within_days is not None:
        expiry = at + timedelta(days=leaf.within_days)
        if expiry <= facts.at:
            score, expiry = None, None
    return Judged(_compared(score, leaf.op, wanted), _earliest([ahead, expiry]), score)


def _ticket(leaf: g.Ticket, facts: Facts) -> Judged:
    mine = [(opened, solved) for priority, opened, solved in facts.tickets if priority in leaf.priorities]
    count = sum(1 for opened, _ in mine if opened <= facts.at)
    ahead = _earliest([*(opened for opened, _ in mine if opened > facts.at), *(solved for _, solved in mine)])
    return Judged((count > 0) == leaf.open, ahead, count)


def _consent(leaf: g.Consent, facts: Facts) -> Judged:
    people = facts.people.get((leaf.channel, leaf.topic), ())
    silent = facts.silent[leaf.topic]
    may = [gone for gone, allowed in people if (gone is None or gone > facts.today) and (silent if allowed is None else allowed)]
    until = None if not may or None in may else _midnight(max(gone for gone in may if gone is not None))
    return Judged(bool(may) == leaf.allowed, until, len(may))


def _in(leaf: g.In, facts: Facts) -> Judged:
    stays = facts.inside.get(leaf.segment, ())
    inside = any(entered <= facts.at for entered, _ in stays)
    ahead = _earliest(entered for entered, _ in stays if entered > facts.at)
    return Judged(inside, _earliest([ahead, *(left for _, left in stays)]), inside)


def bucket(salt: str, account_id: int) -> int:
    """The place of an account for this salt, of 2^32: the beginning of what core.shares takes."""
    return int.from_bytes(hashlib.sha256(f"{salt}:{account_id}".encode()).digest()[:4], "big")


def _bucket(leaf: g.Bucket, facts: Facts) -> Judged:
    place, (start, end) = bucket(leaf.salt, facts.account_id), leaf.places
    return Judged(start <= place < end, value=round(100 * place / 2**32, 4))


_LEAVES: dict[type[g.Leaf], Callable[[Any, Facts], Judged]] = {
    g.Everybody: _everybody,
    g.Field: _field,
    g.Trait: _trait,
    g.Did: _did,
    g.Last: _last,
    g.Sequence: _sequence,
    g.Health: _health,
    g.Risk: _risk,
    g.Driver: _driver,
    g.Milestone: _milestone,
    g.Tier: _tier,
    g.Play: _play,
    g.Coaching: _coaching,
    g.Revenue: _revenue,
    g.Renewal: _renewal,
    g.Survey: _survey,
    g.Ticket: _ticket,
    g.Consent: _consent,
    g.In: _in,
    g.Bucket: _bucket,
}
