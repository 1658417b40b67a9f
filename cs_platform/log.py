"""What a log line may say: a log outlives whoever asks to be forgotten, so what rows hold stays out of it."""

import logging
import re
from typing import Any

# PostgreSQL tells the values of a row that it refuses, up to the end of the error's own words.
_VALUES = re.compile(r"\n?(DETAIL|CONTEXT|LINE \d+):.*?(?=\nTraceback|\n\nThe above exception|\n\nDuring handling|\Z)", re.DOTALL)


class Discreet(logging.Formatter):
    """Lines in the given format, or as `within` would write them."""

    def __init__(self, *args: Any, within: logging.Formatter | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self._within = within

    def format(self, record: logging.LogRecord) -> str:
        return _VALUES.sub(r" (\1 left out)", self._within.format(record) if self._within else super().format(record))
