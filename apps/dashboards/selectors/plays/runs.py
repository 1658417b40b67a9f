"""Runs of one play in a person's book, and why an account did or did not get it."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator

from apps.accounts import selectors as accounts
from apps.accounts.models import Account, User
from apps.interventions import selectors as interventions_read
from apps.interventions import services as interventions
from apps.interventions.models import Enrolment, PassedOver, Play, PlayVersion, StepRecord
from apps.interventions.types import Arm, EnrolmentState

PAGE_SIZE = 25
FOUND = 6
MOST = 20


@dataclass(frozen=True)
class Run:
    """`place`: where it stands, in words; `due`: when it goes on by itself."""

    row: Enrolment
    place: str
    due: datetime | None
    tone: str


def runs(user: User, play: Play, *, at: str = "", number: int) -> Page:
    """Runs of the play, those under way first, then the newest; `at` keeps those that stand before a step."""
    rows = Enrolment.objects.for_user(user).filter(play=play).select_related("account", "contact", "version")
    if at:
        positions = [(version.pk, place) for version in play.versions.all() for place, step in enumerate(_steps(version)) if step == at]
        rows = rows.exclude(state=EnrolmentState.ENDED).filter(arm=Arm.TREATED)
        matching = [row for row in rows.order_by("due_at", "pk")[:500] if (row.version_id, row.position) in positions]
        page: Page = Paginator(matching, PAGE_SIZE).get_page(number)
    else:
        page = Paginator(rows.order_by("state", "-entered_at", "-pk"), PAGE_SIZE).get_page(number)
    page.object_list = [_run(row) for row in page.object_list]
    return page


def _steps(version: PlayVersion) -> list[str]:
    return [str(step.get("id", "")) for step in version.definition.get("steps", [])]


def _run(row: Enrolment) -> Run:
    if row.state == EnrolmentState.ENDED:
        tone = "good" if row.goal_met_at else "calm"
        return Run(row, str(row.get_exit_reason_display()), None, tone)
    if row.state == EnrolmentState.CANDIDATE:
        return Run(row, "waits for the success manager to let it in", None, "info")
    if row.arm == Arm.HELD_OUT:
        return Run(row, "held out: nothing is sent, the goal is watched", row.due_at, "calm")
    steps = row.says.steps
    place = (
        f"before step {row.position + 1}: {interventions_read.step_in_words(steps[row.position])}"
        if row.position < len(steps)
        else "watches for the goal"
    )
    return Run(row, f"{'paused ' if row.paused else ''}{place}", None if row.paused else row.due_at, "warn" if row.paused else "info")


@dataclass(frozen=True)
class Told:
    """The answer to “why did, or didn't, they get it”: a verdict in one sentence, and the rows that prove it."""

    account: Account
    verdict: str
    runs: list[tuple[Enrolment, list[StepRecord]]]
    passed: list[PassedOver]
    misfits: list[str]


def found(user: User, words: str) -> list[Account]:
    return accounts.search(user, words, limit=FOUND)


def told(user: User, play: Play, account_id: int, *, reaches: bool, misfits: list[str]) -> Told | None:
    """For one account of the person's own book; None when it is not in it."""
    account = Account.objects.for_user(user).filter(pk=account_id).first()
    if account is None:
        return None
    rows = list(Enrolment.objects.filter(play=play, account=account).select_related("version", "contact").order_by("-entered_at", "-pk")[:MOST])
    records: dict[int, list[StepRecord]] = {row.pk: [] for row in rows}
    for record in StepRecord.objects.filter(enrolment__in=list(records)).select_related("message").order_by("position"):
        records[record.enrolment_id].append(record)
    passed = list(PassedOver.objects.filter(play=play, account=account).order_by("-at")[:MOST])
    runs = [(row, records[row.pk]) for row in rows]
    return Told(account, _verdict(play, account, rows, passed, reaches=reaches, misfits=misfits), runs, passed, misfits)


def _verdict(play: Play, account: Account, rows: list[Enrolment], passed: list[PassedOver], *, reaches: bool, misfits: list[str]) -> str:
    name = account.name
    if rows and rows[0].arm == Arm.HELD_OUT:
        return f"No: chance held {name} out when it entered, so that we can see what doing nothing gives."
    if rows and rows[0].state == EnrolmentState.CANDIDATE:
        return f"Not yet: {name} waits for its success manager to let it in."
    if rows and rows[0].state == EnrolmentState.WAITING:
        return f"Yes: {name} is in it now."
    if rows:
        return f"Yes: {name} was in it; the run ended because {rows[0].get_exit_reason_display()}."
    if passed:
        return f"No: a trigger named {name}, and it did not enter because it {_reason(passed[0])}."
    if not reaches:
        return f"No: {name} is outside the rollout share of this play."
    if misfits:
        return f"No: {name} does not fit the audience."
    starts = interventions.sentences.trigger_in_words(play.says.trigger)
    return f"No: {name} fits, and nothing has named it yet. The play starts {starts}."


def _reason(row: PassedOver) -> str:
    return {"not_live": "came while the play was not live", "budget": "came after this month's budget was spent"}.get(
        row.reason, str(row.get_reason_display())
    )
