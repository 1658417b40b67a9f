"""From a definition, also a flawed one, to the inputs that show it, each with its own flaw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps.campaigns.types import CampaignKind

from ..play_form.fields import Options, Spec
from ..play_form.rows import Flawed, Flaws, Group, group
from ..play_form.showing import Input, event_facts, inputs, part, unasked
from .fields import BLOCK, BUDGET, GOAL, GOAL_KINDS, LIMITS, LOOP, PEOPLE, REACH, SEGMENT, SEQUENCE, SURVEY, TRIAL, VARIANT, WHEN, WHEN_KINDS


@dataclass(frozen=True)
class Row:
    """A variant, or the words of a block for one segment."""

    number: int
    name: str
    inputs: list[Input]
    words: list[Input] = field(default_factory=list)
    blank: bool = False
    flaw: str = ""

    @property
    def id(self) -> str:
        return "p-" + self.name.replace(".", "-")


@dataclass(frozen=True)
class Shown:
    """The whole form of a campaign of one kind."""

    who: list[Input]
    when: list[Input]
    when_facts: list[Input]
    reach: list[Input]
    sequence: list[Input]
    variants: list[Row]
    variants_flaw: str
    blocks: list[Row]
    survey: list[Input]
    asked: list[Input]
    goal: list[Input]
    goal_when: Group | None
    trial: list[Input]
    limits: list[Input]
    budget: list[Input]
    elsewhere: list[tuple[str, str]] = field(default_factory=list)


def shown(says: Mapping[str, Any], kind: str, flaws: Flaws, *, segments: Options, plays: Options, languages: Sequence[str]) -> Shown:
    flawed = Flawed([(place, words) for place, words in flaws if place not in ("name", "why", "key", "")])
    when = part(says, "when")
    when_kind = str(when.get("kind", "manual"))
    reached = part(part(says, "goal"), "reached")
    goal_kind = str(reached.get("kind", ""))
    of_words, of_survey = kind != CampaignKind.SEQUENCE, kind == CampaignKind.SURVEY
    survey = part(says, "survey")
    every = replace(SEGMENT, options=(*SEGMENT.options, *segments))
    play = replace(SEQUENCE, options=(*SEQUENCE.options, *plays))
    made = Shown(
        who=[*inputs("reach", (every,), says, flawed, place=""), *inputs("people", PEOPLE, part(says, "people"), flawed)],
        when=[
            Input("when.kind", Spec("kind", "When", "choice", turns=True), when_kind, WHEN_KINDS, flaw=flawed.at("when.kind")),
            *inputs("when", WHEN.get(when_kind, ()), when, flawed, skip=unasked(when) if "every" in when or when_kind == "recurring" else ()),
        ],
        when_facts=event_facts(when, flawed, "when.when") if when_kind == "event" else [],
        reach=inputs("reach", REACH, says, flawed, place=""),
        sequence=[] if of_words else inputs("reach", (play,), says, flawed, place=""),
        variants=_variants(says.get("variants"), flawed) if of_words else [],
        variants_flaw=flawed.at("variants"),
        blocks=_blocks(says.get("blocks"), flawed, segments, languages) if of_words else [],
        survey=[*inputs("survey", SURVEY, survey, flawed), *inputs("survey.loop", LOOP, part(survey, "loop"), flawed)] if of_survey else [],
        asked=_worded("survey.question", "survey.question", part(survey, "question"), languages, flawed, "Your own words") if of_survey else [],
        goal=[
            Input("goal.kind", Spec("kind", "Success is", "choice", turns=True), goal_kind, GOAL_KINDS, flaw=flawed.at("goal.reached.kind")),
            *inputs("goal", GOAL.get(goal_kind, ()), reached, flawed, place="goal.reached"),
        ],
        goal_when=group(reached.get("when"), "goal.when", "goal.reached.when", flawed, run=False) if goal_kind == "condition" else None,
        trial=inputs("trial", TRIAL, says, flawed, place=""),
        limits=inputs("limits", LIMITS, says, flawed, place=""),
        budget=inputs("budget", BUDGET, part(says, "budget"), flawed),
    )
    made.elsewhere.extend(flawed.left.items())
    return made


def _variants(said: Any, flawed: Flawed) -> list[Row]:
    kept = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    found = []
    for number, one in enumerate([*kept, {}]):
        name = f"variants.{number}"
        found.append(Row(number + 1, name, inputs(name, VARIANT, one, flawed), blank=number == len(kept), flaw=flawed.at(name)))
    return found


def _blocks(said: Any, flawed: Flawed, segments: Options, languages: Sequence[str]) -> list[Row]:
    """One row per block and segment, and an empty one at the end."""
    spec = (BLOCK[0], replace(BLOCK[1], options=(*segments, *BLOCK[1].options)))
    found: list[Row] = []
    kept = [
        (slot, place, one)
        for slot, choices in (said.items() if isinstance(said, dict) else ())
        for place, one in enumerate(choices if isinstance(choices, list) else [])
        if isinstance(one, dict)
    ]
    for number, (slot, place, one) in enumerate([*kept, ("", 0, {})]):
        name, at = f"blocks.{number}", f"blocks.{slot}.{place}"
        fields = inputs(name, spec, {"slot": slot, **one}, flawed, place=at)
        words = _worded(f"{name}.words", f"{at}.words", part(one, "words"), languages, flawed, "Words")
        found.append(Row(number + 1, name, fields, words, blank=number == len(kept), flaw=flawed.at(f"blocks.{slot}", under=True) if slot else ""))
    return found


def _worded(name: str, place: str, said: Mapping[str, Any], languages: Sequence[str], flawed: Flawed, label: str) -> list[Input]:
    """One input per language, those of the house and those that are there already."""
    tags = dict.fromkeys([*languages, *said])
    return [
        Input(
            f"{name}.{tag.replace('-', '_').lower()}",
            Spec(tag, f"{label} ({tag})", "lines"),
            str(said.get(tag, "")),
            (),
            flaw=flawed.at(f"{place}.{tag}", under=True),
        )
        for tag in tags
    ]
