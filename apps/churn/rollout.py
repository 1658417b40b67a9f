"""Who speaks for which account: the champion, or for a share of the accounts the challenger."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.core.shares import position

from .models import ModelVersion

# The share (0 to 1) of the accounts that the challenger of a definition, told by its name, scores.
ShareOf = Callable[[str], float]


def nobody(definition_name: str) -> float:
    """The challenger scores unseen."""
    return 0.0


@dataclass(frozen=True)
class Voices:
    """The version at work, the one that challenges it, and the share of the accounts that the challenger scores."""

    champion: ModelVersion
    challenger: ModelVersion | None = None
    share: float = 0.0

    def of(self, account_id: int) -> ModelVersion:
        """The same version for the same account every time; a wider share keeps whom it had."""
        if self.challenger is not None and self.share > 0 and position(f"rollout:model:{self.challenger.pk}", account_id) < self.share:
            return self.challenger
        return self.champion

    @property
    def names(self) -> list[str]:
        """The activity names that the versions read, each once."""
        versions = [version for version in (self.champion, self.challenger) if version is not None]
        return list(dict.fromkeys(name for version in versions for name in version.parameters.get("names", ())))
