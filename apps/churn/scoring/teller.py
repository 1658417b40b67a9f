"""The reasons of many rows at once: one per family of features, contributions summed, one member of the family gives the words."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np

from ..registry import AGES, HEADLINE, TRENDS, describe, is_static
from ..types import Reason, each
from . import encoding, words
from .encoding import Source

MOST = 6
# In the order, not in the size: what an account is counts two thirds of what it does, so that of two reasons alike a person reads first the one
# that somebody can act on.
_STATIC_COUNTS = 2 / 3
# Contributions below this are not spoken of.
_NOTHING = 1e-6
_NOTHING_LEFT = -99.0
# From this silence on, the figure tells of silence.
_SILENT = {"since": 2.0, "since_usual": 1.5}


class Teller:
    """Words for contributions to `features`; `usual` is the typical figure of each number."""

    def __init__(self, features: Sequence[str], usual: Mapping[str, float]) -> None:
        self._features = features
        self._usual = usual
        members: dict[str, list[int]] = {}
        for place, feature in enumerate(features):
            members.setdefault(describe(feature).family, []).append(place)
        self._families = [(family, members[family]) for family in sorted(members)]
        self._gather = np.zeros((len(features), len(self._families)))
        for at, (_, places) in enumerate(self._families):
            self._gather[places, at] = 1.0
        self._counts = np.array([_STATIC_COUNTS if is_static(family) else 1.0 for family, _ in self._families])

    def tell(self, parts: np.ndarray, source: Source, most: int = MOST) -> list[list[Reason]]:
        """At most `most` reasons per row, strongest first (_STATIC_COUNTS); `parts` are rows x features."""
        totals = parts @ self._gather
        order = _strongest(np.abs(totals) * self._counts, most)
        sums = np.take_along_axis(totals, order, axis=1)
        spoken = np.abs(sums) >= _NOTHING
        width = order.shape[1]
        told: list[Reason | None] = [None] * order.size
        figures = _Values(source)
        for at in np.unique(order[spoken]):
            rows, rank = np.nonzero(spoken & (order == at))
            places = rows * width + rank
            for here, reasons in self._of_family(at, rows, parts[rows], sums[rows, rank], figures):
                for place, reason in zip(places[here].tolist(), reasons, strict=True):
                    told[place] = reason
        return [[reason for reason in told[row * width : (row + 1) * width] if reason is not None] for row in range(len(parts))]

    def _of_family(
        self, at: int, rows: np.ndarray, parts: np.ndarray, totals: np.ndarray, figures: "_Values"
    ) -> Iterator[tuple[np.ndarray, list[Reason]]]:
        """The reasons that these rows give for the family at this place, those told by the same figure together: which of the rows, and a reason for
        each."""
        family, members = self._families[at]
        keys, leads = self._leads(family, members, rows, parts[:, members], totals, figures)
        for lead, key in enumerate(keys):
            if (here := np.flatnonzero(leads == lead)).size:
                yield here, _reasons(key, rows[here], totals[here], self._usual.get(key), figures)

    def _leads(
        self, family: str, members: Sequence[int], rows: np.ndarray, parts: np.ndarray, totals: np.ndarray, figures: "_Values"
    ) -> tuple[list[str], np.ndarray]:
        """Figures, and per row which of them tells the family's story: its headline, unless that points the other way; then the strongest member
        that agrees."""
        keys = [self._features[place] for place in members]
        if len(keys) == 1:
            return keys, np.zeros(len(rows), int)
        agreeing = np.array([_agrees(key, figures.numbers(key)[rows], totals, self._usual.get(key)) for key in keys])
        nobody = ~agreeing.any(axis=0)
        strength = parts.T * totals
        leads = np.where(agreeing | nobody, strength, -np.inf).argmax(axis=0)
        headline = HEADLINE.get(family)
        if headline is None:
            return keys, leads
        heading = nobody | agreeing[keys.index(headline)] if headline in keys else nobody
        return [*keys, headline], np.where(heading, len(keys), leads)


class _Values:
    """Raw features of rows, each read once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._raw: dict[str, Sequence[Any]] = {}
        self._numbers: dict[str, np.ndarray] = {}

    def raw(self, key: str) -> Sequence[Any]:
        if key not in self._raw:
            self._raw[key] = self._source(key)
        return self._raw[key]

    def numbers(self, key: str) -> np.ndarray:
        if key not in self._numbers:
            self._numbers[key] = encoding.numbers(self.raw(key))
        return self._numbers[key]

    def of(self, key: str, rows: np.ndarray) -> list[Any]:
        """The values of these rows, None where unknown."""
        raw = self.raw(key)
        if isinstance(raw, np.ndarray):
            return [None if value != value else value for value in raw[rows].tolist()]  # noqa: PLR0124
        return [raw[row] for row in rows.tolist()]


def _strongest(weight: np.ndarray, most: int) -> np.ndarray:
    """Rows x at most `most` places, heaviest first."""
    if most >= weight.shape[1]:
        return np.argsort(-weight, axis=1, kind="stable")
    first = np.argpartition(-weight, most - 1, axis=1)[:, :most]
    order = np.argsort(-np.take_along_axis(weight, first, axis=1), axis=1, kind="stable")
    return np.take_along_axis(first, order, axis=1)


def _agrees(key: str, values: np.ndarray, totals: np.ndarray, typical: float | None) -> np.ndarray:
    """Whether each of these figures, as it will be told, points where the whole family does."""
    feature = describe(key)
    if key in _SILENT:
        return np.isnan(values) | ((values >= _SILENT[key]) == (totals > 0))
    if typical is None or feature.family not in words.USE:
        return np.ones(len(values), bool)
    return np.asarray((values - typical) * feature.direction * totals > 0)


def _reasons(key: str, rows: np.ndarray, totals: np.ndarray, typical: float | None, figures: _Values) -> list[Reason]:
    """One per row, told by the same figure."""
    values = figures.of(key, rows)
    shown = _true_changes(key, rows, figures) if key in TRENDS else values
    contributions = totals.tolist()
    raises = (totals > 0).tolist()
    say = _known_sentence if isinstance(figures.raw(key), np.ndarray) else _sentence
    told = list(map(say, repeat(key), shown, repeat(typical), raises))
    if key in AGES:
        ages = figures.of(AGES[key], rows)
        told = [said + _ago(age) if value is not None else said for said, value, age in zip(told, values, ages, strict=True)]
    return each(Reason, repeat(key), told, values, contributions)


def _sentence(key: str, value: Any, typical: float | None, raises: bool) -> str:
    if isinstance(value, (list, dict)):
        return words.sentence(key, value, typical, raises=raises)
    return _known_sentence(key, value, typical, raises)


# Many accounts show the same small figures; 1, 1.0 and True are not the same words.
@lru_cache(maxsize=1 << 16, typed=True)
def _known_sentence(key: str, value: Any, typical: float | None, raises: bool) -> str:
    return words.sentence(key, value, typical, raises=raises)


def _ago(age: float | None) -> str:
    if age is None:
        return ""
    return f", {words.span(age)} ago" if age >= 1 else ", today"


def _true_changes(key: str, rows: np.ndarray, figures: _Values) -> list[float | None]:
    """A trend without the smoothing that keeps small counts from shouting."""
    count_of, smooth = TRENDS[key]
    trend, count = figures.numbers(key)[rows], figures.numbers(count_of)[rows]
    with np.errstate(all="ignore"):
        usual = (count + smooth) / np.exp(trend) - smooth
        change = np.where(count > 0, np.log(count / usual), _NOTHING_LEFT)
        # Where the pattern itself is next to nothing, or its count is not told, the smoothed change is all there is to say.
        told = np.where(usual >= 0.05, change, trend)
        # Words tell whole percents up to three times the pattern: to round here is to find the same words more often.
        ratio = np.round(np.exp(told), 2)
        told = np.where(ratio < 3, np.maximum(np.log(ratio), _NOTHING_LEFT), told)
    return [None if value != value else value for value in told.tolist()]  # noqa: PLR0124
