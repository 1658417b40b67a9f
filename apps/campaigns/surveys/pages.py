"""What the page of a survey shows a person, in their language."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime

from apps.accounts.types import SurveyKind
from apps.messaging import selectors as messaging

from ..models import Invitation
from ..types import SCALES
from . import answering, definition, languages


@dataclass(frozen=True)
class Page:
    """`told` is what is said above the form; without `may_answer` it is all there is."""

    title: str
    question: str
    follow_up: str
    scores: list[int]
    chosen: int | None
    low: str
    high: str
    comment: str
    private: str
    button: str
    told: str
    may_answer: bool
    preferences: str


def page_of(invitation: Invitation, language: str, *, chosen: int | None, now: datetime) -> Page:
    """`chosen` is what a link or a form brought along; an answer that was given stands before it only where nothing was brought."""
    survey = definition.read(invitation.version.definition.get("survey"))
    said = languages.words(language)
    low, high = SCALES[SurveyKind(survey.kind)]
    where = answering.standing(invitation, now)
    given = invitation.response
    until = _moment(where.until, invitation, language)
    told = ""
    if where.answered and given is not None:
        fixed = said["fixed_words"].format(score=given.score, when=_moment(invitation.answered_at or now, invitation, language))
        told = f"{said['given'].format(score=given.score, high=high)} {said['may_change'].format(until=until)}" if where.may_answer else fixed
    elif not where.may_answer:
        told = said["closed_words"].format(until=until)
    on_scale = chosen if chosen is not None and low <= chosen <= high else None
    ends = said["ends"][survey.kind]
    return Page(
        title=survey.asks(language) if where.may_answer else str(said["closed"]),
        question=survey.asks(language),
        follow_up=survey.asks_further(language),
        scores=list(range(low, high + 1)),
        chosen=on_scale if on_scale is not None else given.score if given else None,
        low=str(ends[0]),
        high=str(ends[1]),
        comment=given.comment if given else "",
        private=str(said["private"]).format(account=invitation.account.name),
        button=str(said["change" if where.answered else "send"]),
        told=told,
        may_answer=where.may_answer,
        preferences=messaging.preferences_token(invitation.contact_id),
    )


def thanks(invitation: Invitation, language: str, *, now: datetime) -> dict[str, str]:
    """What is said once the answer has arrived."""
    said, given = languages.words(language), invitation.response
    if given is None:
        return {}
    high = SCALES[SurveyKind(invitation.kind)][1]
    where = answering.standing(invitation, now)
    return {
        "words": said["thanks_words"].format(score=given.score, high=high),
        "loop": str(said["thanks_loop"]) if invitation.loop_due_at else "",
        "until": said["may_change"].format(until=_moment(where.until, invitation, language)) if where.may_answer else "",
        "preferences": messaging.preferences_token(invitation.contact_id),
    }


def _moment(moment: datetime, invitation: Invitation, language: str) -> str:
    """Where the person is, as they write it: 12 March 2026, 14:00 (Europe/Berlin)."""
    try:
        zone = ZoneInfo(invitation.contact.zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return f"{format_datetime(moment.astimezone(zone), 'd MMMM y, HH:mm', locale=language)} ({zone.key})"
