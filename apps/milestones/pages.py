"""A person's own path put into sentences of their language: what the page and the JSON for products both say."""

from dataclasses import dataclass
from typing import Any

from apps.accounts.models import Contact

from . import languages, own_rewards, paths
from .recognition.choosing import choice_of
from .types import Level, ProgressState


@dataclass(frozen=True)
class Line:
    """One milestone: its words, and where it stands in a sentence (`told`). `share` runs 0 to 100."""

    key: str
    state: str
    name: str
    text: str
    hint: str
    told: str
    share: int
    counts: bool


@dataclass(frozen=True)
class Page:
    language: str
    said: Any
    title: str
    told: str
    share: int
    next: Line | None
    open: list[Line]
    later: list[Line]
    reached: list[Line]
    rewards: own_rewards.Rewards | None
    recognition: str
    by_name: bool

    @property
    def levels(self) -> list[tuple[str, str]]:
        """How far a name may be seen, in words."""
        return [(level, self.said["levels"][level]) for level in Level.values]

    @property
    def is_empty(self) -> bool:
        return not (self.next or self.open or self.later or self.reached)


def page_of(contact: Contact, language: str) -> Page:
    said = languages.words(language)
    path = paths.own_path(contact.account, language=language, for_customer=True)
    level, by_name = choice_of(contact)
    return Page(
        language=language,
        said=said,
        title=said["title_of"].format(account=contact.account.name),
        told=said["share"].format(reached=len(path.reached), total=len(path.steps)),
        share=path.share,
        next=_line(path.next, language) if path.next else None,
        open=[_line(step, language) for step in path.open],
        later=[_line(step, language) for step in path.later],
        reached=[_line(step, language) for step in path.reached],
        rewards=own_rewards.rewards_of(contact.account, language),
        recognition=level,
        by_name=by_name,
    )


def _line(step: paths.Step, language: str) -> Line:
    counts = step.measure != "word" and not step.reached
    return Line(step.key, step.row.state, step.name, step.text, step.hint, _told(step, language), step.share, counts)


def _told(step: paths.Step, language: str) -> str:
    said, row = languages.words(language), step.row
    if row.achieved_at is not None:
        return str(said["reached_on"]).format(day=languages.day_in_words(row.achieved_at, language))
    if row.state == ProgressState.LOCKED:
        return str(said["after"]).format(needs=", ".join(step.needs)) if step.needs else str(said["later"])
    if row.state == ProgressState.PAUSED:
        return str(said["paused"])
    if step.measure == "percent":
        return f"{step.share}\u00a0%"
    if step.measure == "count":
        return str(said["progress"]).format(have=languages.figure(row.have, language), target=languages.figure(row.target, language))
    return str(said["begun"] if row.started_at else said["not_yet"])
