"""One rule: its versions with what each changed, where it fires, what its days looked like, and what a try of it found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from apps.accounts.models import User
from apps.alerts import services as alerts
from apps.alerts.models import Alert, AlertRule, RuleDay, RuleTrial, RuleVersion, Watched
from apps.alerts.types import TrialState
from apps.campaigns.models import Segment
from apps.interventions.differences import Change

MOST = 50
_NAMES = {
    **{"kind": "Watched for", "of": "Of", "figure": "Figure", "way": "Way", "limit": "Limit", "over_days": "Moved within days"},
    **{"as_share": "As a share", "release": "Over beyond", "score": "Standard deviations", "change": "Change", "least": "Usual at least"},
    **{"by": "Pattern", "weeks": "Weeks", "tunes": "Tunes itself", "days": "Days", "into": "Becomes", "within_days": "Within days"},
    **{"slope_days": "Slope of days", "probability": "Probability", "opens_after": "Days in a row", "calm_days": "Calm days"},
    **{
        "cooldown_days": "Pause",
        "quiet": "Quiet days",
        "together": "Many at once",
        "budget": "Loud per person",
        "whom": "Whom",
        "filters": "Filters",
    },
}


@dataclass(frozen=True)
class Version:
    row: RuleVersion
    words: str
    changes: list[Change]


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every part that differs, in the order of a rule."""
    return [Change(label, _said(before.get(name)), _said(after.get(name))) for name, label in _NAMES.items() if before.get(name) != after.get(name)]


def versions(rule: AlertRule) -> list[Version]:
    """Newest first, each with what it changed."""
    rows = list(rule.versions.select_related("written_by").order_by("-number")[: MOST + 1])
    before: Sequence[RuleVersion | None] = [*rows[1:], None]
    return [
        Version(row, alerts.rules.in_words(alerts.rules.read(row.says)), between(old.says, row.says) if old else [])
        for row, old in zip(rows, before, strict=True)
    ][:MOST]


def firing(user: User, rule: AlertRule) -> list[Watched]:
    """Where its matter holds now, of this person's book; the farthest beyond its limit first."""
    rows = Watched.objects.for_user(user).filter(rule=rule, since__isnull=False).select_related("account")
    return list(rows.order_by("-far", "account_id")[:MOST])


def latest(user: User, rule: AlertRule) -> list[Alert]:
    return list(Alert.objects.for_user(user).filter(rule=rule).select_related("account").order_by("-opened_at", "-pk")[:20])


def last_day(rule: AlertRule) -> RuleDay | None:
    return RuleDay.objects.filter(rule=rule).order_by("-day").first()


def segments() -> tuple[tuple[str, str], ...]:
    return tuple(Segment.objects.filter(state="live").order_by("name").values_list("key", "name"))


@dataclass(frozen=True)
class Picture:
    """A series in a 300 x 60 box, its gaps left open, with the days on which an alert would have come."""

    name: str
    account_id: int | None
    paths: list[str]
    marks: list[tuple[float, float, str]]
    words: str


@dataclass(frozen=True)
class Bar:
    """How many would have been told on one day."""

    x: float
    y: float
    wide: float
    high: float
    words: str


@dataclass(frozen=True)
class Seen:
    """A try as the editor shows it."""

    trial: RuleTrial
    pictures: list[Picture]
    bars: list[Bar]
    percent: int
    share: int | None

    @property
    def found(self) -> dict[str, Any]:
        return dict(self.trial.result)

    @property
    def known(self) -> int:
        return int(self.found.get("useful", 0) + self.found.get("not_useful", 0))


_WIDE, _HIGH, _BAR = 300.0, 60.0, 36.0


def seen(trial: RuleTrial) -> Seen:
    result = trial.result if trial.state == TrialState.DONE else {}
    known = result.get("useful", 0) + result.get("not_useful", 0)
    share = round(100 * result["useful"] / known) if known else None
    percent = round(100 * trial.done / trial.total) if trial.total else 0
    return Seen(trial, [_picture(one, trial) for one in result.get("lines", [])], _bars(result, trial), percent, share)


def _picture(told: Mapping[str, Any], trial: RuleTrial) -> Picture:
    values = told["values"]
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    low = min(low, 0.0) if low >= 0 and low < high / 2 else low
    span = (high - low) or 1.0
    step = _WIDE / max(len(values) - 1, 1)
    spots = [None if value is None else _spot(place * step, (value - low) / span) for place, value in enumerate(values)]
    paths, path = [], []
    for spot in [*spots, None]:
        if spot is not None:
            path.append(f"{spot[0]},{spot[1]}")
        elif path:
            paths.append(" ".join(path))
            path = []
    marks = [(*spots[place], f"{trial.first + timedelta(days=place):%-d %b}") for place in told["marks"] if spots[place] is not None]
    days = ", ".join(word for *_, word in marks)
    return Picture(told["name"], told["account_id"], paths, marks, f"{told['name']}: {low:g} to {high:g} over {len(values)} days; told on {days}")


def _spot(across: float, up: float) -> tuple[float, float]:
    """A point of the picture; `up` 0 to 1, with room for a mark at both ends."""
    return round(across, 1), round(_HIGH - 4 - up * (_HIGH - 12), 1)


def _bars(result: Mapping[str, Any], trial: RuleTrial) -> list[Bar]:
    counts = {date.fromisoformat(day): count for day, count in result.get("per_day", [])}
    most = max(counts.values(), default=0)
    wide = _WIDE / ((trial.last - trial.first).days + 1)
    return [
        Bar(
            round((day - trial.first).days * wide, 1),
            round(_BAR - count / most * _BAR, 1),
            round(max(wide - 0.6, 1), 1),
            round(count / most * _BAR, 1),
            f"{day:%-d %b}: {count}",
        )
        for day, count in sorted(counts.items())
    ]


def _said(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_said(one)}" for name, one in value.items())
    if isinstance(value, list):
        return "; ".join(_said(one) or "" for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
