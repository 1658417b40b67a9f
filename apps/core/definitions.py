"""What staff write as plain data (plays, milestones, tips): read strictly, or refused with every flaw at its place."""

from typing import Any, TypeVar

import msgspec

from .errors import Refused

T = TypeVar("T")


class Flaws(Refused):
    """What is wrong with a definition, as (place, words) pairs; places are paths such as steps[2].minutes. Each app says its own `kind`."""

    kind = "definition"

    def __init__(self, flaws: list[tuple[str, str]]) -> None:
        self.flaws = flaws
        super().__init__(f"{self.kind}_flawed", "; ".join(f"{place}: {words}" if place else words for place, words in flaws))


def typed(said: Any, definition: type[T], flaws: type[Flaws]) -> T:
    """Plain data as this type. Raises the app's `flaws`, with the place that msgspec names."""
    try:
        return msgspec.convert(said, definition)
    except (msgspec.ValidationError, ValueError) as error:
        words, _, place = str(error).partition(" - at `$")
        raise flaws([(place.rstrip("`").lstrip("."), words)]) from error
