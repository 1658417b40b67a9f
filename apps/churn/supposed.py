"""What the model at work would say now: of accounts, of rows that somebody gives, and if some figures were others. Nothing is stored."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.core.errors import Refused

from . import at_work, dials, population
from .figures import Figures
from .models import ChurnDefinition, ModelVersion
from .registry import NAME, TRAIT, describe
from .scoring import bands, encoding, engine
from .types import Band, Score

MOST = 1_000
# A move that lowers the score by less is no help.
_HELPS = 0.005
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """A score with the band that it would have by itself."""

    score: Score
    band: Band


@dataclass(frozen=True)
class Supposed:
    """The score as things are and as they would be; `changed` holds each figure that was moved, before and after."""

    model: ModelVersion
    before: Said
    after: Said
    changed: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Move:
    """A change that a person can picture, told as figures of a row."""

    key: str
    words: str
    change: Callable[[Row], dict[str, Any]]


def speaker(definition: ChurnDefinition, account_id: int | None = None) -> ModelVersion:
    model = at_work.speaking(definition, account_id)
    if model is None:
        raise Refused("no_model", f"Nothing scores {definition.name} yet. Train it or score it first.")
    return model


def of_accounts(definition: ChurnDefinition, account_ids: Sequence[int], *, now: datetime) -> tuple[ModelVersion, dict[int, Said]]:
    """Present customers that the definition speaks of, by id; others are left out."""
    model = speaker(definition)
    seen = _seen(definition, model, account_ids, now)
    return model, dict(zip(seen.ids.tolist(), _said(model, seen), strict=True))


def of_rows(definition: ChurnDefinition, rows: Sequence[Row]) -> tuple[ModelVersion, list[Said]]:
    """Figures that somebody gives by their keys; those that are missing count as not known."""
    model = speaker(definition)
    for row in rows:
        _refuse_unknown(row)
    return model, _said(model, encoding.of(rows))


def what_if(definition: ChurnDefinition, account_id: int, *, changes: Row, moves: Collection[str] = (), now: datetime) -> Supposed | None:
    """None where the definition does not speak of the account now."""
    model = speaker(definition, account_id)
    _refuse_unknown(changes)
    rows = _seen(definition, model, [account_id], now).rows()
    if not rows:
        return None
    row = rows[0]
    supposed = dict(row)
    for move in MOVES:
        if move.key in moves:
            supposed |= move.change(supposed)
    supposed |= changes
    before, after = _said(model, encoding.of([row, supposed]))
    return Supposed(model, before, after, {key: (row.get(key), value) for key, value in supposed.items() if row.get(key) != value})


def _seen(definition: ChurnDefinition, model: ModelVersion, account_ids: Sequence[int], now: datetime) -> Figures:
    return population.at_risk(definition, as_of=now, account_ids=account_ids, names=model.parameters.get("names", ()))


def _said(model: ModelVersion, source: encoding.Source) -> list[Said]:
    scores = engine.scores(model.kind, model.parameters, source)
    return [Said(score, bands.band(score.probability, model.parameters["cuts"])) for score in scores]


def _refuse_unknown(row: Row) -> None:
    """A misspelt figure would silently count as not known."""
    for key, value in row.items():
        if not (key == "plan" or key.startswith((NAME, TRAIT)) or describe(key).words):
            raise Refused("unknown_feature", f"There is no figure {key!r}. The model's own are listed with it.")
        text = key == "plan" or key.startswith(TRAIT)
        if not text and value is not None and (isinstance(value, bool | str) or not math.isfinite(value)):
            raise Refused("not_a_number", f"{key} is a number or null.")


def _gone(*keys: str) -> Callable[[Row], dict[str, Any]]:
    return lambda row: {key: 0.0 for key in keys if row.get(key)}


MOVES = (
    Move("use", "activity is back to its usual level", dials.as_usual),
    Move("support", "the support problems are over", _gone("support_28")),
    Move("payment", "the payment problems are over", _gone("payment_56")),
    Move("tickets", "the open tickets are solved", _gone("tickets_open", "tickets_severe", "ticket_age")),
    Move("invoices", "the overdue invoices are paid", _gone("invoices_overdue", "overdue_days")),
    Move("leaving", "the signs of leaving are gone", _gone("leaving_28")),
)


@dataclass(frozen=True)
class Help:
    """A move, and how much lower the score would be."""

    move: Move
    after: Said
    gain: float


def would_help(definition: ChurnDefinition, account_id: int, *, now: datetime) -> tuple[Said, list[Help]] | None:
    """The present score and the moves that would lower it, the strongest first; None where the definition does not speak of the account."""
    model = speaker(definition, account_id)
    rows = _seen(definition, model, [account_id], now).rows()
    if not rows:
        return None
    tried = [(move, changed) for move in MOVES if (changed := move.change(rows[0]))]
    now_said, *after = _said(model, encoding.of([rows[0], *({**rows[0], **changed} for _, changed in tried)]))
    found = [Help(move, said, now_said.score.probability - said.score.probability) for (move, _), said in zip(tried, after, strict=True)]
    return now_said, sorted((one for one in found if one.gain >= _HELPS), key=lambda one: -one.gain)


@dataclass(frozen=True)
class Turn:
    """A dial, where it stands now (None: not known) and where it was turned to; `gain`: how much lower the score would be with this trouble alone
    over, None where it is no trouble or would not help."""

    dial: dials.Dial
    now: float | None
    value: float | None
    most: float
    gain: float | None


@dataclass(frozen=True)
class Tried:
    """The score as things are and with the dials turned; `changed` holds each figure that moved, before and after."""

    model: ModelVersion
    before: Said
    after: Said
    turns: Sequence[Turn]
    changed: Mapping[str, tuple[Any, Any]]


def tried(definition: ChurnDefinition, account_id: int, *, turned: Mapping[str, float], now: datetime) -> Tried | None:
    """What the dials would do, each alone and as they were turned; None where the definition does not speak of the account."""
    model = speaker(definition, account_id)
    rows = _seen(definition, model, [account_id], now).rows()
    if not rows:
        return None
    row = rows[0]
    supposed, stands = dict(row), {dial.key: dials.reading(dial, row) for dial in dials.DIALS}
    calm: dict[str, dict[str, Any]] = {}
    for dial in dials.DIALS:
        stand = stands[dial.key]
        over = dials.as_usual(row) if not dial.feature else dials.turned(dial, row, dial.calm)
        # Use at its usual level or above is no trouble, and neither is a count of none.
        if over and (stand is None or (stand < dial.calm if dial.calm else stand > 0)):
            calm[dial.key] = over
        value = turned.get(dial.key)
        if value is not None and value != stand:
            supposed |= dials.turned(dial, row, min(max(value, 0.0), _most(dial, stand))) if stand is not None else calm.get(dial.key, {})
    before, after, *alone = _said(model, encoding.of([row, supposed, *({**row, **over} for over in calm.values())]))
    gains = {key: before.score.probability - said.score.probability for key, said in zip(calm, alone, strict=True)}
    turns = [
        Turn(
            dial,
            stands[dial.key],
            turned.get(dial.key, stands[dial.key]),
            _most(dial, stands[dial.key]),
            gain if (gain := gains.get(dial.key)) is not None and gain >= _HELPS else None,
        )
        for dial in dials.DIALS
    ]
    return Tried(model, before, after, turns, {key: (row.get(key), value) for key, value in supposed.items() if row.get(key) != value})


def _most(dial: dials.Dial, stand: float | None) -> float:
    return max(dial.most, stand or 0.0)
