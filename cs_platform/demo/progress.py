"""Progress lines with times, for a person who waits at a terminal."""

import time
from collections.abc import Callable


class Progress:
    """Each line says what is done and how long it took."""

    def __init__(self, say: Callable[[str], object] | None) -> None:
        self._say = say
        self._began = self._last = time.monotonic()

    def __call__(self, words: str) -> None:
        moment = time.monotonic()
        if self._say is not None:
            self._say(f"  {moment - self._last:5.1f} s  {words}")
        self._last = moment

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began
