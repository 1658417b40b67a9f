"""The form that defines churn, read from what a browser sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify

from apps.churn.models import ChurnDefinition
from apps.churn.types import DefinitionKind

# Which number a kind needs besides its horizon.
NEEDS = {DefinitionKind.INACTIVE: "inactive_days", DefinitionKind.DOWNGRADED: "least_percent"}
_USUAL = {"horizon_days": 90, "inactive_days": 28, "least_percent": 20}


@dataclass(frozen=True)
class Asked:
    """What is typed; numbers that a kind does not need are left out."""

    name: str
    kind: str
    numbers: Mapping[str, int | None]
    make_default: bool
    leave_unpaid_apart: bool

    @property
    def definition(self) -> ChurnDefinition:
        """Unstored, to be told in words and counted."""
        return ChurnDefinition(name=self.name, kind=self.kind, leave_unpaid_apart=self.leave_unpaid_apart, **self.numbers)

    @property
    def said(self) -> dict[str, Any]:
        """As the service takes it."""
        ticked = {"make_default": self.make_default, "leave_unpaid_apart": self.leave_unpaid_apart}
        return {"name": self.name, "kind": self.kind, **self.numbers, **ticked}


def read(data: Mapping[str, str]) -> Asked:
    kind = data.get("kind", "") or DefinitionKind.CANCELLED
    wanted = {"horizon_days", NEEDS.get(kind)}  # type: ignore[call-overload]
    numbers = {name: _number(data.get(name, str(usual))) for name, usual in _USUAL.items() if name in wanted}
    apart = kind == DefinitionKind.CANCELLED and data.get("leave_unpaid_apart") == "yes"
    return Asked(slugify(data.get("name", ""))[:60], kind, numbers, data.get("make_default") == "yes", apart)


def _number(word: str) -> int | None:
    word = word.strip()
    return int(word) if word.isascii() and word.isdigit() and len(word) < 5 else None
