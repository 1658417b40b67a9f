"""The steps of a play as a picture: cards in a column, arrows beside it for every jump. All arrows point down, as a play only goes downwards."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.interventions import selectors as interventions_read
from apps.interventions import services as interventions

LANES = 4
ICONS = {
    "message": "mail",
    "wait": "hourglass_top",
    "wait_for": "notifications_active",
    "branch": "alt_route",
    "split": "casino",
    "task": "task_alt",
    "update": "edit_attributes",
    "webhook": "webhook",
    "watch": "visibility",
    "end": "stop_circle",
}
KINDS = {
    "message": "Message",
    "wait": "Wait",
    "wait_for": "Wait until",
    "branch": "Branch",
    "split": "Split by lot",
    "task": "Task for the CSM",
    "update": "Set a trait",
    "webhook": "Tell webhooks",
    "watch": "Watch for the goal",
    "end": "End",
}


@dataclass(frozen=True)
class Exit:
    """A jump: why, the step it leads to, and that step's number (0 when there is none of this name)."""

    why: str
    to: str
    number: int


@dataclass(frozen=True)
class Card:
    number: int
    id: str
    kind: str
    icon: str
    label: str
    words: str
    details: list[str]
    exits: list[Exit]
    falls: bool
    here: int = 0


@dataclass(frozen=True)
class Arrow:
    """From one card's row to another's, in a lane at the side; `late` arrows stand where the lanes are full."""

    start: int
    stop: int
    lane: int


@dataclass(frozen=True)
class Flow:
    cards: list[Card] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)

    @property
    def lanes(self) -> int:
        return max((arrow.lane for arrow in self.arrows), default=0)


def flow(steps: Sequence[Any], here: Mapping[str, int] | None = None) -> Flow:
    """The picture of typed steps; `here` counts the runs that stand before each."""
    numbers = {step.id: place for place, step in enumerate(steps, 1)}
    cards = [_card(place, step, numbers, here or {}, last=place == len(steps)) for place, step in enumerate(steps, 1)]
    jumps = {(card.number, exit.number) for card in cards for exit in card.exits if exit.number > card.number}
    return Flow(cards, arrows(jumps))


def _card(place: int, step: Any, numbers: Mapping[str, int], here: Mapping[str, int], *, last: bool) -> Card:
    kind = str(step.__struct_config__.tag)
    exits = [Exit(why, to, numbers.get(to, 0)) for why, to in interventions.sentences.exits(step)]
    words = interventions_read.step_in_words(step) if kind != "branch" else "The first that holds says where to go"
    leaves = kind == "end" or any(exit.why == "then" for exit in exits)
    details = interventions.sentences.details(step)
    return Card(place, step.id, kind, ICONS[kind], KINDS[kind], words, details, exits, not (leaves or last), here.get(step.id, 0))


def arrows(jumps: Collection[tuple[int, int]]) -> list[Arrow]:
    """Jumps laid into lanes so that two that overlap share one only when all LANES are taken; shorter ones stand nearer to the cards."""
    busy: list[list[tuple[int, int]]] = [[] for _ in range(LANES)]
    found = []
    for start, stop in sorted(jumps, key=lambda jump: (jump[1] - jump[0], jump)):
        free = (lane for lane in range(LANES) if all(stop <= one or start >= two for one, two in busy[lane]))
        lane = next(free, LANES - 1)
        busy[lane].append((start, stop))
        found.append(Arrow(start, stop, lane + 1))
    return found
