"""What the pages of referrals show: to a stranger the offer, to an advocate their link and how their recommendations stand."""

from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import Contact

from ..models import Advocate, Referral, ReferralProgram
from ..types import AdvocateState, ProgramState
from . import asked, languages, links, programs
from .definition import Definition, Promise

_LISTED = 20


@dataclass(frozen=True)
class Offer:
    """What a stranger reads. Nobody is named: who recommends us told them already."""

    title: str
    text: str
    gets: str
    days: int
    goes_to: str


def offer_of(advocate: Advocate, language: str) -> Offer | None:
    """None where the recommendation is not valid any more."""
    program = advocate.program
    if advocate.state != AdvocateState.ACTIVE or program.state != ProgramState.LIVE:
        return None
    rules = programs.says(programs.current(program))
    said, words = rules.said_in(language), languages.words(language)
    gets = words["gets"].format(what=_in_words(rules.friend, language)) if rules.friend else ""
    return Offer(said.title, said.text, gets, rules.window_days, rules.goes_to)


@dataclass(frozen=True)
class Line:
    day: str
    state: str
    words: str


@dataclass(frozen=True)
class Own:
    """One program as an advocate sees it; `link` is empty until they ask for it."""

    key: str
    name: str
    promise: str
    link: str
    code: str
    lines: list[Line]


@dataclass(frozen=True)
class OwnPage:
    """`declined`: they chose not to be asked. To accounts that the offer is hidden from, nothing is shown."""

    declined: bool
    programs: list[Own]


def own_page(contact: Contact, language: str, *, now: datetime) -> OwnPage:
    if contact.pk not in asked.may_be_asked([contact.pk]):
        return OwnPage(True, [])
    if asked.is_hidden_from(contact.account_id, now=now):
        return OwnPage(False, [])
    mine = {row.program_id: row for row in Advocate.objects.filter(contact=contact, state=AdvocateState.ACTIVE)}
    live = ReferralProgram.objects.filter(state=ProgramState.LIVE, current__isnull=False).select_related("current")
    return OwnPage(False, [_own(program, mine.get(program.pk), language) for program in live])


def _own(program: ReferralProgram, advocate: Advocate | None, language: str) -> Own:
    rules = programs.says(programs.current(program))
    said = rules.said_in(language)
    rows = Referral.objects.filter(advocate=advocate).order_by("-signed_up_at", "-pk")[:_LISTED] if advocate else []
    lines = [_line(row, language) for row in rows]
    link, code = (links.link(advocate.code), advocate.code) if advocate else ("", "")
    return Own(program.key, said.title, _promise(rules, language), link, code, lines)


def _line(row: Referral, language: str) -> Line:
    words = languages.words(language)
    return Line(words["signed_up"].format(day=languages.day_in_words(row.signed_up_at, language)), row.state, words["states"][row.state])


def _promise(rules: Definition, language: str) -> str:
    words = languages.words(language)
    kind = "both" if rules.advocate and rules.friend else "you" if rules.advocate else "they"
    told = {side: _in_words(promised, language) for side in ("advocate", "friend") if (promised := rules.promised(side))}
    return str(words[kind]).format(**told)


def _in_words(promise: Promise, language: str) -> str:
    return str(languages.words(language)["units"][promise.unit]).format(amount=promise.amount, currency=promise.currency)
