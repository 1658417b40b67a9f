"""The reasons of one row from its contributions."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from apps.churn.scoring import encoding
from apps.churn.scoring.teller import Teller
from apps.churn.types import Reason


def reasons(contributions: Mapping[str, float], row: Mapping[str, Any], typical: Mapping[str, float] | None = None) -> list[Reason]:
    (told,) = Teller(list(contributions), typical or {}).tell(np.array([list(contributions.values())]), encoding.of([row]))
    return told
