"""What travels over the layer and the socket: hints without data, shared by sender, hub and page."""

from typing import Literal, NotRequired, TypedDict

GROUP = "live"
# A hint about more subjects than this means "many": pages then refetch without asking whether they are meant.
MOST_SUBJECTS = 20
# A hint of this kind says that hints were lost on the way to Valkey: every page fetches anew.
LOST = "*"
# What one page may listen to.
MOST_TOPICS = 100

# Why a socket was closed; 1008 and 1009 are the protocol's own.
NOT_SIGNED_IN = 4401
TOO_MANY_SOCKETS = 4429
TOO_MUCH_SAID = 1008
TOO_LONG = 1009


class Hint(TypedDict):
    """Publisher -> hub: something of this kind changed. `seq` counts up by one; a new `epoch` means the counter began again."""

    type: Literal["live.hint"]
    kind: str
    subjects: list[str]
    seq: int
    epoch: str


class Look(TypedDict):
    """Publisher -> hub: look again at a person's sockets (`user`), or close those of a session that ended (`session`, its digest)."""

    type: Literal["live.look"]
    user: int
    session: str


class Frame(TypedDict):
    """Hub -> page, about the topics that the page listens to.

    change  hints `first` to `last` of these topics happened. `subjects` names those the page asked for; null: too many, or none was asked for.
    beat    nothing to tell: the line is alive, and everything of these topics up to `last` was sent. `vitals` is how the system is.
    ready   answer to a subscription: heard from `last` on. `missed`: a topic moved after the page was made. `refused`: not for this reader.
    resync  some hints were lost on the way: fetch anew, within `spread` ms so that not all pages come at once.
    ticket  opens the next socket.
    vitals  how the system is changed.

    `after` is the number that the last frame of these topics told: a page that knows less has missed one.
    """

    type: Literal["change", "beat", "ready", "resync", "ticket", "vitals"]
    epoch: NotRequired[str]
    after: NotRequired[int]
    first: NotRequired[int]
    last: NotRequired[int]
    kinds: NotRequired[list[str]]
    subjects: NotRequired[list[str] | None]
    missed: NotRequired[bool]
    refused: NotRequired[list[str]]
    spread: NotRequired[int]
    ticket: NotRequired[str]
    vitals: NotRequired[str]


def topics_of(hint: Hint) -> list[str]:
    """Whom a hint concerns: listeners to its kind's first word, to one of its subjects, or to everything."""
    return [hint["kind"].split(".", 1)[0], *hint["subjects"], "*"]
