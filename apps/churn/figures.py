"""Raw features of many accounts on their side: a column per feature, as scoring and learning read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .scoring import encoding

Row = dict[str, Any]


@dataclass(frozen=True)
class Figures:
    """`ids` of the accounts, and by feature a value for each: numbers as floats, NaN where unknown; what may be a text as it is, else None."""

    ids: np.ndarray
    columns: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(self.ids)

    def __call__(self, feature: str) -> Sequence[Any]:
        """The values of a feature, all unknown where no account has it: a source as encoding.py takes it."""
        found = self.columns.get(feature)
        return [None] * len(self) if found is None else found

    def part(self, places: np.ndarray) -> "Figures":
        return Figures(self.ids[places], encoding.take(self.columns, places))

    def rows(self) -> list[Row]:
        """One by one, for those who look at an account; `id` is the account's."""
        lines = zip(*(_told(values) for values in self.columns.values()), strict=True)
        return [{"id": key} | dict(zip(self.columns, line, strict=True)) for key, line in zip(self.ids.tolist(), lines, strict=True)]


def _told(values: Sequence[Any]) -> Sequence[Any]:
    if isinstance(values, np.ndarray):
        return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124
    return values
