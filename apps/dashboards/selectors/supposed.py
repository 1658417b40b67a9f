"""What if, as a page asks and answers it: dials, the score before and after, and the figures that were moved, in words."""

from dataclasses import dataclass
from typing import Any

from apps.churn import selectors as churn
from apps.churn.types import ModelKind

# The figures that a person pictures; others that move with them are not read out.
_TOLD = ("n_28", "active_28", "since", "support_28", "tickets_open", "payment_56", "invoices_overdue", "leaving_28")
_RAISING = 3


@dataclass(frozen=True)
class TurnView:
    """A dial as a slider from 0 to `most`; a tick instead where the present place is not known. `gain`: points that its trouble alone costs."""

    key: str
    label: str
    words: str
    unit: str
    now: int | None
    value: int | None
    most: int
    calm: int
    gain: int | None

    @property
    def helps(self) -> bool:
        return self.gain is not None

    @property
    def is_tick(self) -> bool:
        return self.now is None


@dataclass(frozen=True)
class End:
    """A score before or after. Points of 100."""

    points: int
    low: int | None
    high: int | None
    band: str
    word: str


@dataclass(frozen=True)
class Answer:
    before: End
    after: End
    change: int
    is_rule: bool
    source: str
    model_id: int
    changed: tuple[tuple[str, str], ...]
    raising: tuple[str, ...]


def turns(found: Any) -> tuple[TurnView, ...]:
    """Those whose trouble costs most first; a dial whose figure is not known is shown only where a tick would help."""
    shown = [turn for turn in found.turns if turn.now is not None or turn.gain is not None]
    views = [
        TurnView(
            key=turn.dial.key,
            label=turn.dial.label,
            words=turn.dial.words,
            unit=turn.dial.unit,
            now=_whole(turn.now),
            value=_whole(None if turn.value is None else min(max(turn.value, 0.0), turn.most)),
            most=int(turn.most),
            calm=int(turn.dial.calm),
            gain=None if turn.gain is None else max(1, round(100 * turn.gain)),
        )
        for turn in shown
    ]
    return tuple(sorted(views, key=lambda view: -(view.gain or 0)))


def answer(found: Any) -> Answer:
    before, after = _end(found.before), _end(found.after)
    return Answer(
        before=before,
        after=after,
        change=after.points - before.points,
        is_rule=found.model.kind == ModelKind.RULE,
        source=str(found.model),
        model_id=found.model.pk,
        changed=tuple(
            (churn.sentence(key, past), churn.sentence(key, then)) for key in _TOLD if key in found.changed for past, then in [found.changed[key]]
        ),
        raising=tuple(reason.words for reason in found.after.score.reasons if reason.contribution > 0)[:_RAISING],
    )


def _end(said: Any) -> End:
    score = said.score
    return End(
        points=round(100 * score.probability),
        low=None if score.low is None else round(100 * score.low),
        high=None if score.high is None else round(100 * score.high),
        band=said.band.value,
        word=str(said.band.label),
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
