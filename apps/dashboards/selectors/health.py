"""Healths and their model as pages show them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import Account
from apps.core.reading import Reading
from apps.health import selectors as health
from apps.health.models import AccountHealth, HealthModel
from apps.health.types import Band

from ..types import Spark
from .sparks import line

TONES = {Band.GOOD: "good", Band.FAIR: "warn", Band.POOR: "bad", Band.UNKNOWN: "calm"}


@dataclass(frozen=True)
class CardView:
    """What `health/card.html` needs: the card and its line."""

    card: Any
    spark: Spark | None

    @property
    def alone(self) -> Any:
        """The score without the pulse."""
        view = self.card.view
        return None if view.pulse_gap is None else view.pulse - view.pulse_gap


def card(account: Account, *, now: datetime, moment: datetime | None = None) -> Reading[CardView | None]:
    """The health of one account for its page, now or as it was told at a moment; None before the first score."""
    found = yield from health.card(account, now=now, moment=moment)
    if found is None:
        return None
    values = [value for _, value in found.history]
    spark = None
    if len(values) > 1:
        spark = line(values, most=100, words=f"Health over the last {len(values)} changes: from {values[0]:.0f} to {values[-1]:.0f}")
    return CardView(found, spark)


def steps(why: Any) -> Spark | None:
    """What the measure gave over its last changes, oldest first, scaled to what it could give."""
    values = [float(step.contribution) for step in reversed(why.history)]
    if len(values) < 2:
        return None
    most = max(float(why.part.weight), *values) or 1.0
    return line(values, most=most, words=f"Points of the score over the last {len(values)} changes: from {values[0]:.1f} to {values[-1]:.1f}")


@dataclass(frozen=True)
class Share:
    """A part of a whole: how many, and how wide its bar is."""

    band: str
    word: str
    tone: str
    count: int
    percent: float


def shares(counts: dict[str, int]) -> list[Share]:
    whole = sum(counts.values()) or 1
    return [
        Share(band, str(Band(band).label), TONES[Band(band)], counts.get(band, 0), round(100 * counts.get(band, 0) / whole, 1))
        for band in ("good", "fair", "poor", "unknown")
    ]


@dataclass(frozen=True)
class Desk:
    verdict: str
    proof: str
    bands: list[Share]
    models: list[HealthModel]
    waiting: int
    disagree: list[Any]


def desk(user: Any, *, now: datetime) -> Desk:
    """The verdict in words, the spread that proves it, and the versions."""
    counts = health.counts_by_band(user)
    models = health.models()
    own = AccountHealth.objects.for_user(user)
    apart = own.filter(pulse_gap__isnull=False, account__in=Account.objects.at_risk()).select_related("account", "model")
    disagree = sorted((row for row in apart.order_by("pulse_gap")[:200] if abs(row.pulse_gap or 0) >= 25), key=lambda row: -abs(row.pulse_gap or 0))
    main = next((model for model in models if model.state == "published" and not model.whom_field), None)
    return Desk(
        verdict=_verdict(counts),
        proof=_proof(main.backtest) if main else "",
        bands=shares(counts),
        models=models,
        waiting=own.filter(stale_since__isnull=False).count(),
        disagree=disagree[:8],
    )


def _verdict(counts: dict[str, int]) -> str:
    whole = sum(counts.values())
    if not whole:
        return "No account is scored yet. A score follows within seconds of the first activity, and every day."
    known = whole - counts["unknown"]
    words = f"{counts['good']} of {known} customers are in good health, {counts['fair']} in fair and {counts['poor']} in poor"
    few = f"; of {counts['unknown']} too little is known for a colour" if counts["unknown"] else ""
    return f"{words}{few}."


def _proof(trial: dict[str, Any]) -> str:
    """How far the numbers can be believed, from the last trial on the own history."""
    if not trial:
        return "It has not been tried on your own history yet, so nobody can say whether low health here means leaving."
    found = trial["version"]
    if found["auc"] is None or found["leavers"] < 10:
        return f"Your history holds {found['leavers']} leavers that can be judged: too few to say whether low health means leaving."
    words = (
        f"In {round(100 * found['auc'])} of 100 pairs of one who left within {trial['horizon']} days and one who stayed, the leaver stood lower "
        f"({round(100 * found['low'])} to {round(100 * found['high'])}, from {found['leavers']} leavers; doing nothing gives 50)."
    )
    if found["low"] <= 0.5:
        return f"{words} That may be chance: it cannot tell leavers from stayers yet."
    return words


@dataclass(frozen=True)
class Trial:
    """A back-test in words and bars."""

    raw: dict[str, Any]
    at: datetime
    verdict: str
    before: list[Share]
    after: list[Share]
    left: list[dict[str, Any]]
    moves: dict[str, Any]
    names: dict[int, str]
    weights: list[dict[str, Any]]
    suggestion: str


def trial(model: HealthModel) -> Trial | None:
    """None before it was tried."""
    raw = model.backtest
    if not raw:
        return None
    most = [move["account"] for move in raw["moves"]["most"]]
    suggested = raw["weights"]
    present = {dimension["key"]: (dimension["name"], dimension["weight"]) for dimension in model.tree["dimensions"]}
    return Trial(
        raw=raw,
        at=datetime.fromisoformat(raw["at"]),
        verdict=_proof(raw),
        before=shares(raw["bands"]["present"]),
        after=shares(raw["bands"]["version"]),
        left=[
            {"word": str(Band(band).label), "tone": TONES[Band(band)], **counted, "percent": _percent(counted["left"], counted["cases"])}
            for band in ("good", "fair", "poor", "unknown")
            if (counted := raw["left_by_band"]["version"][band])["cases"]
        ],
        moves=raw["moves"],
        names=dict(Account.objects.filter(pk__in=most).values_list("pk", "name")),
        weights=[
            {"name": name, "now": weight, "then": suggested["weights"][key], "step": suggested["weights"][key] - weight}
            for key, (name, weight) in present.items()
            if key in suggested["weights"]
        ],
        suggestion=_suggestion(suggested),
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _suggestion(found: dict[str, Any]) -> str:
    if not found["weights"]:
        return f"Cannot tell yet: weights from your own outcomes need at least {found['needed']} leavers, and there are {found['leavers']}."
    words = f"From {found['leavers']} leavers, mixed with the present weights so that few cases move little."
    if tested := found["tested"]:
        words += (
            f" On {tested['day']}, which the fit had not seen ({tested['leavers']} leavers), they were right in {round(100 * tested['suggested'])} "
            f"of 100 pairs; the present weights in {round(100 * tested['present'])}."
        )
    return words


def editor(tree: dict[str, Any], problem: Any) -> list[dict[str, Any]]:
    """The tree with the name of every input and, where something is wrong, the word beside it."""
    wrong = problem.field if problem else ""
    found = []
    for d, dimension in enumerate(tree.get("dimensions") or []):
        at = f"dimensions.{d}"
        measures = []
        for m, measure in enumerate(dimension["measures"]):
            place = f"{at}.measures.{m}"
            known = health.BY_KEY.get(measure["source"])
            rows = [
                {"at": f"{place}.table.{r}", "from": row.get("from"), "tiers": _tiers(f"{place}.table.{r}", row), "wrong": wrong}
                for r, row in enumerate(measure["table"])
            ]
            measures.append({"at": place, "known": known, "rows": rows, "next_row": f"{place}.table.{len(rows)}", **measure})
        found.append(
            {
                "at": at,
                "measures": measures,
                "next_measure": f"{at}.measures.{len(measures)}",
                "wrong": wrong,
                **{name: dimension.get(name) for name in ("key", "name", "weight")},
                "sum": sum(measure["weight"] for measure in measures if isinstance(measure["weight"], int)),
            }
        )
    return found


def _tiers(at: str, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Every tier, and an empty one to fill in."""
    tiers = [{"at": f"{at}.tiers.{t}", **tier, "first": t == 0} for t, tier in enumerate(row.get("tiers") or [])]
    return [*tiers, {"at": f"{at}.tiers.{len(tiers)}", "from": None, "points": None, "first": not tiers}]
