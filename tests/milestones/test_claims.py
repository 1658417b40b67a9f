"""What people and other systems say, and what counts where words differ."""

from datetime import date, datetime, timedelta
from itertools import permutations

import pytest

from apps.accounts.models import Account
from apps.core.errors import Refused
from apps.events.models import Event
from apps.milestones import selectors, services
from apps.milestones.models import Claim, Milestone, Progress
from apps.milestones.types import ClaimKind
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def account() -> Account:
    return make.account(name="Riverside Dental", started_on=date(2026, 1, 1))


def achieve(account: Account, milestone: Milestone, now: datetime, **said: object) -> Progress:
    return services.achieve(account=account, milestone=milestone, actor=make.ACTOR, now=now, **said)  # type: ignore[arg-type]


def deny(account: Account, milestone: Milestone, now: datetime, **said: object) -> Progress:
    return services.deny(account=account, milestone=milestone, source="crm", actor=make.ACTOR, now=now, **said)  # type: ignore[arg-type]


def told(kind: str) -> int:
    return Event.objects.filter(type=kind).count()


def test_a_person_reaches_a_manual_milestone_with_proof_only(account: Account, now: datetime) -> None:
    milestone = make.milestone("go-live", criteria={"manual": {"proof": "The signed protocol"}})
    with pytest.raises(Refused, match="What shows that Riverside Dental reached “Go-live”"):
        achieve(account, milestone, now, proof="  ")
    assert not Claim.objects.exists()
    row = achieve(account, milestone, now, proof="Protocol of 3 March", at=now - DAY)
    assert (row.state, row.via, row.proof, row.achieved_at, row.have, row.target) == (
        "achieved",
        "manual",
        "Protocol of 3 March",
        now - DAY,
        1.0,
        1.0,
    )
    assert told("milestone.achieved") == 1


def test_the_same_word_twice_is_one_and_the_future_is_refused(account: Account, now: datetime) -> None:
    milestone = make.milestone()
    for _ in range(2):
        achieve(account, milestone, now, kind=ClaimKind.API, source="crm", key="m-1", at=now - DAY)
    assert (Claim.objects.count(), told("milestone.achieved")) == (1, 1)
    with pytest.raises(Refused, match="in the future"):
        achieve(account, milestone, now, kind=ClaimKind.API, source="crm", key="m-2", at=now + DAY)


def test_the_earliest_moment_counts_and_the_conflict_is_listed(account: Account, now: datetime) -> None:
    milestone = make.milestone()
    make.activity(account, *[now - number * DAY for number in range(1, 6)], name="report.shared")
    services.evaluate([account.pk], now=now, actor=make.ACTOR)
    assert list(selectors.conflicts()) == []
    row = achieve(account, milestone, now, kind=ClaimKind.API, source="crm", at=now - 9 * DAY)
    assert (row.via, row.source, row.achieved_at, row.found_at) == ("api", "crm", now - 9 * DAY, now - DAY)
    assert list(selectors.conflicts()) == [row]
    services.withdraw(Claim.objects.get(), reason="The CRM had the wrong day", actor=make.ACTOR, now=now)
    row.refresh_from_db()
    assert (row.state, row.via, row.achieved_at) == ("achieved", "rule", now - DAY)
    assert list(selectors.conflicts()) == []
    assert (told("milestone.achieved"), told("milestone.taken_back")) == (1, 0)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_one_source_its_newest_word_stands_in_whatever_order_words_arrive(account: Account, now: datetime, order: tuple[int, ...]) -> None:
    milestone = make.milestone()
    words = [("reached", 9), ("not", 6), ("reached", 3)]
    for place in order:
        word, days = words[place]
        if word == "reached":
            achieve(account, milestone, now, kind=ClaimKind.API, source="crm", key=f"m{place}", at=now - days * DAY)
        else:
            deny(account, milestone, now, key=f"m{place}", at=now - days * DAY)
    row = Progress.objects.get()
    assert (row.state, row.achieved_at) == ("achieved", now - 3 * DAY)
    assert [claim.at for claim in Claim.objects.standing()] == [now - 3 * DAY]


def test_a_system_takes_back_its_own_word_and_not_what_was_seen(account: Account, now: datetime) -> None:
    milestone = make.milestone()
    achieve(account, milestone, now, kind=ClaimKind.API, source="crm", at=now - 3 * DAY)
    assert deny(account, milestone, now, at=now - DAY).state == "open"
    assert Event.objects.get(type="milestone.taken_back").payload["reason"] == "crm says so"
    make.activity(account, *[now - number * DAY for number in range(1, 6)], name="report.shared")
    services.evaluate([account.pk], now=now, actor=make.ACTOR)
    row = Progress.objects.get()
    assert (row.state, row.via) == ("achieved", "rule")
    assert list(selectors.conflicts()) == [row]


def test_what_a_person_takes_back_the_criteria_reach_no_more_until_told_to(account: Account, now: datetime) -> None:
    milestone = make.milestone()
    make.activity(account, *[now - number * DAY for number in range(1, 6)], name="report.shared")
    services.evaluate([account.pk], now=now, actor=make.ACTOR)
    row = Progress.objects.get(milestone=milestone)
    with pytest.raises(Refused, match="Say why"):
        services.take_back(row, reason=" ", actor=make.ACTOR, now=now)
    services.take_back(row, reason="They were tests", actor=make.ACTOR, now=now)
    make.activity(account, now - timedelta(hours=1), name="report.shared")
    services.evaluate([account.pk], now=now, actor=make.ACTOR)
    row.refresh_from_db()
    assert (row.state, row.ruled, row.have) == ("open", False, 6.0)
    assert Event.objects.get(type="milestone.taken_back").payload["reason"] == "They were tests"
    services.judge_again(row, actor=make.ACTOR, now=now)
    assert (row.state, row.achieved_at) == ("achieved", now - DAY)
    services.take_back(row, reason="Still tests", actor=make.ACTOR, now=now)
    with pytest.raises(Refused, match="nothing to take back"):
        services.take_back(row, reason="Again", actor=make.ACTOR, now=now)


def test_a_word_counts_before_what_it_needs_and_opens_what_builds_on_it(account: Account, now: datetime) -> None:
    first = make.milestone("first", criteria={"count": "login", "at_least": 1})
    second = make.milestone("second", criteria={"manual": {"proof": "A photograph"}}, needs=["first"])
    third = make.milestone("third", criteria={"count": "report.shared", "at_least": 9}, needs=["second"])
    row = achieve(account, second, now, proof="Seen")
    assert (row.state, row.opened_at) == ("achieved", None)
    assert Progress.objects.get(milestone=third).opened_at == now
    assert Progress.objects.get(milestone=first).state == "open"


def test_a_draft_and_a_retired_one_take_no_word(account: Account, now: datetime) -> None:
    draft = make.milestone(live_at=None)
    with pytest.raises(Refused, match="is draft; nobody can reach it"):
        achieve(account, draft, now, proof="Seen")
    assert not Progress.objects.exists()
