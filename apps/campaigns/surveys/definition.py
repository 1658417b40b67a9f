"""What a survey asks: the part `survey` of a campaign's definition, read strictly."""

from typing import Annotated, Any

from msgspec import Meta

from apps.accounts.types import SurveyKind
from apps.core.definitions import Flaws, typed
from apps.interventions.services import definition as plays
from apps.messaging.services import locales

from ..types import SCALES
from . import languages

Question = Annotated[str, Meta(min_length=1, max_length=250)]


class SurveyFlaws(Flaws):
    kind = "survey"


class Loop(plays.Part, kw_only=True, frozen=True):
    """An answer of at most this score wants one of ours: a task for the success manager, due after so many hours."""

    scores_at_most: Annotated[int, Meta(ge=0, le=10)]
    hours: Annotated[int, Meta(ge=1, le=720)] = 48


class Survey(plays.Part, kw_only=True, frozen=True):
    """`question` and `follow_up` by language; left out, the words of the house for this kind. Zero `reminder_days`: nobody is reminded.

    `throttle_days` goes by the person and over all surveys; less than 90 is not offered. `drip`: each week asks its thirteenth of the people.
    """

    kind: Annotated[str, Meta(pattern="^(nps|csat|ces)$")]
    question: dict[str, Question] = {}
    follow_up: dict[str, Question] = {}
    topic: Annotated[str, Meta(max_length=80)] = ""
    reminder_days: Annotated[int, Meta(ge=0, le=30)] = 5
    reminder_template: Annotated[str, Meta(max_length=80)] = "survey-reminder"
    throttle_days: Annotated[int, Meta(ge=90, le=365)] = 90
    open_days: Annotated[int, Meta(ge=1, le=90)] = 30
    drip: bool = False
    loop: Loop | None = None

    def asks(self, language: str) -> str:
        """The question in a language of the page."""
        return self.question.get(language) or self.question.get("en") or str(languages.words(language)["questions"][self.kind])

    def asks_further(self, language: str) -> str:
        return self.follow_up.get(language) or self.follow_up.get("en") or str(languages.words(language)["follow_up"])


def read(said: Any) -> Survey:
    """Raises SurveyFlaws with every flaw by its place below `survey`."""
    survey = typed(said, Survey, SurveyFlaws)
    if flaws := list(_flaws(survey)):
        raise SurveyFlaws(flaws)
    return survey


def _flaws(survey: Survey) -> Any:
    for name, said in (("question", survey.question), ("follow_up", survey.follow_up)):
        for tag in said:
            if locales.normal(tag) != tag:
                yield f"{name}.{tag}", f"{tag[:20]!r} names no language. Write en or de."
        if said and "en" not in said:
            yield name, "Say it in English too: en stands in for every language that is missing."
    low, high = SCALES[SurveyKind(survey.kind)]
    if survey.loop and not low <= survey.loop.scores_at_most < high:
        yield "loop.scores_at_most", f"Choose a score from {low} to {high - 1}: the scale of {survey.kind} runs from {low} to {high}."
    if survey.reminder_days and survey.reminder_days >= survey.open_days:
        yield "reminder_days", f"It would come after the survey has closed ({survey.open_days} days)."
