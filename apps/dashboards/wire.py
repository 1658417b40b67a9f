"""What travels over the layer and the socket: hints without data, shared by sender, hub and consumer."""

from typing import Literal, NotRequired, TypedDict

GROUP = "live"
# More subjects than this in one frame mean "many": pages then refetch without asking whether they are meant.
MOST_SUBJECTS = 20


class Hint(TypedDict):
    """Publisher -> hub: something of this kind changed. `seq` counts up by one; a new `epoch` means the counter began again."""

    type: Literal["live.hint"]
    kind: str
    subjects: list[str]
    seq: int
    epoch: str


class Frame(TypedDict):
    """Hub -> browser: everything from hint `first` to hint `last`. A browser whose own last is not `first` - 1 has missed some.

    `subjects` is null when there were too many to name. A `beat` carries no change: it proves that the line is alive and where the counter is.
    """

    type: Literal["change", "beat"]
    epoch: str
    first: int
    last: int
    kinds: NotRequired[list[str]]
    subjects: NotRequired[list[str] | None]
