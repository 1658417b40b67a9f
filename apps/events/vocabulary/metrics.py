"""What is announced of figures."""

from dataclasses import dataclass
from typing import ClassVar

from .base import DomainEvent


@dataclass(frozen=True)
class MetricsMoved(DomainEvent):
    """Figures show something else now; at most once per pass, however many accounts moved them."""

    type: ClassVar[str] = "metrics.moved"
    keys: list[str]

    @property
    def subject(self) -> str:
        return "metrics"

    @property
    def concerns(self) -> list[str]:
        return [f"metric:{key}" for key in self.keys]
