"""One play: what its buttons do, its versions with what changed, and what stands on its page."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.interventions import services as interventions
from apps.interventions.models import Play, PlayVersion
from apps.interventions.types import PLAY_TURNS, PlayState

from ..sayings import hands
from .figures import Figures

MOST_VERSIONS = 40


@dataclass(frozen=True)
class Act:
    """A button: the state it leads to, its word, what it does, and the question that is asked first."""

    state: str
    label: str
    does: str
    main: bool = False


def acts(play: Play, figures: Figures, *, failing: int = 0) -> list[Act]:
    """What may be done with a play from its state, each with what it does in the numbers of now."""
    running = figures.running + figures.held_out
    runs = f"{running} run{'' if running == 1 else 's'}"
    worry = f" {failing} of its tests fail{'s' if failing == 1 else ''}: look at them first." if failing else ""
    starts = interventions.sentences.trigger_in_words(play.says.trigger) if play.current else ""
    sayings = {
        PlayState.TESTING: Act("testing", "Test", "Only accounts that you pick by hand enter it. They are written to for real."),
        PlayState.LIVE: Act("live", "Put live", f"Accounts enter by themselves from now on: {starts}.{worry}", main=True),
        PlayState.PAUSED: Act(
            "paused", "Pause", f"{runs.capitalize()} keep{'s' if running == 1 else ''} its place; nothing is sent and nobody enters until it goes on."
        ),
        PlayState.ARCHIVED: Act("archived", "Archive", f"Nobody enters any more. {runs.capitalize()} under way go on to the end."),
        PlayState.DRAFT: Act("draft", "Back to draft", "Nobody enters it, not even by hand."),
    }
    if play.state == PlayState.PAUSED:
        sayings[PlayState.LIVE] = Act(
            "live", "Go on", f"{runs.capitalize()} continue, late where their time has passed, and accounts enter again.{worry}", main=True
        )
    if play.state == PlayState.ARCHIVED:
        sayings[PlayState.DRAFT] = Act("draft", "Take out of the archive", "It becomes a draft; nobody enters it.")
    return [sayings[PlayState(state)] for state in PLAY_TURNS[play.state]]


@dataclass(frozen=True)
class Version:
    row: PlayVersion
    by: str
    changes: list[interventions.differences.Change] = field(default_factory=list)


def versions(play: Play) -> list[Version]:
    """Newest first, each with what it changed."""
    rows = list(play.versions.order_by("-number")[: MOST_VERSIONS + 1])
    by = hands(row.created_by for row in rows)
    before: Iterable[PlayVersion | None] = [*rows[1:], None]
    told = [
        Version(row, by[row.created_by], interventions.differences.between(old.definition, row.definition) if old else [])
        for row, old in zip(rows, before, strict=True)
    ]
    return told[:MOST_VERSIONS]
