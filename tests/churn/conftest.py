"""What this process remembers of models, which a rolled-back test does not undo."""

import pytest

from apps.churn import at_work


@pytest.fixture(autouse=True)
def no_model_is_known_yet() -> None:
    at_work._WHOLE.clear()
    at_work._BROKEN.clear()
