"""The next milestone of an account: which, in which variant, why; offered once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from apps.accounts.models import Account
from apps.core.errors import Refused
from apps.events.models import Change, Event
from apps.milestones import selectors, services
from apps.milestones.models import AccountAbility, DifficultyChoice, Milestone, MilestoneDifficulty, PathChoice, Progress
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
VARIANTS = [{"key": "gentle", "factor": 0.7}, {"key": "standard", "factor": 1.0}, {"key": "stretch", "factor": 1.3}]


@pytest.fixture
def account() -> Account:
    return make.account(name="Riverside Dental", started_on=date(2026, 1, 1))


def asks(key: str, number: int = 10, **parts: Any) -> Milestone:
    return make.milestone(key, criteria={"count": f"{key}.done", "at_least": number}, variants=VARIANTS, **parts)


def judge(*accounts: Account, now: datetime) -> None:
    services.evaluate([account.pk for account in accounts], now=now, actor=make.ACTOR)


def offer(*accounts: Account, now: datetime) -> dict[int, Progress]:
    return services.offer_next(account_ids=[account.pk for account in accounts], now=now, actor=make.ACTOR)


def able(account: Account, mean: float, **fields: Any) -> None:
    AccountAbility.objects.update_or_create(account=account, defaults={"mean": mean, "variance": 0.1, **fields})


def hard(milestone: Milestone, mean: float, now: datetime) -> None:
    MilestoneDifficulty.objects.create(milestone=milestone, mean=mean, variance=0.1, as_of=now)


def test_the_first_of_the_catalogue_is_offered_with_its_chance_and_told(account, now):
    first, second = asks("first"), asks("second")
    judge(account, now=now)
    row = offer(account, now=now)[account.pk]
    assert (row.milestone, row.offered_at, row.state) == (first, now, "open")
    choice, path = DifficultyChoice.objects.get(), PathChoice.objects.get()
    assert (choice.progress, choice.reached, choice.target, choice.at) == (row, None, 0.7, now)
    assert (path.milestone, path.rule, path.value) == (first, "catalogue", None)
    assert [one["key"] for one in path.candidates] == ["first", "second"]
    said = Event.objects.get(type="milestone.offered").payload
    assert said == {
        "account_id": account.pk,
        "milestone_id": first.pk,
        "key": "first",
        "progress_id": row.pk,
        "variant": choice.variant,
        "chance": round(choice.chance, 4),
    }
    assert Progress.objects.get(milestone=second).offered_at is None


def test_who_goes_for_one_already_is_offered_nothing_else(account, now):
    asks("first"), asks("second")
    judge(account, now=now)
    offer(account, now=now)
    assert offer(account, now=now + DAY) == {}
    assert (DifficultyChoice.objects.count(), PathChoice.objects.count(), Event.objects.filter(type="milestone.offered").count()) == (1, 1, 1)


def test_reaching_one_brings_the_next(account, now):
    asks("first", 2), asks("second", needs=["first"])
    judge(account, now=now)
    offer(account, now=now)
    make.activity(account, now + DAY, now + 2 * DAY, name="first.done")
    judge(account, now=now + 2 * DAY)
    row = offer(account, now=now + 2 * DAY)[account.pk]
    assert row.milestone.key == "second"
    assert DifficultyChoice.objects.get(milestone__key="first").reached is True


def test_a_weak_account_gets_less_asked_and_a_strong_one_more_but_within_30_percent(now):
    milestone = asks("share", 10)
    weak, strong = make.account(started_on=date(2026, 1, 1)), make.account(started_on=date(2026, 1, 1))
    hard(milestone, 0.0, now)
    able(weak, -1.5)
    able(strong, 3.0)
    judge(weak, strong, now=now)
    found = offer(weak, strong, now=now)
    assert [(found[one.pk].variant, found[one.pk].target) for one in (weak, strong)] == [("gentle", 7.0), ("stretch", 13.0)]
    choices = {choice.account_id: choice for choice in DifficultyChoice.objects.all()}
    assert choices[weak.pk].chance > choices[weak.pk].chance_before
    assert choices[strong.pk].chance < choices[strong.pk].chance_before
    assert [one["variant"] for one in choices[weak.pk].candidates] == ["gentle", "standard", "stretch"]


def test_reaching_is_judged_by_the_variant(account, now):
    milestone = asks("share", 10)
    hard(milestone, 0.0, now)
    able(account, -1.5)
    judge(account, now=now)
    offer(account, now=now)
    moments = [now + number * timedelta(hours=1) for number in range(1, 8)]
    make.activity(account, *moments, name="share.done")
    judge(account, now=now + DAY)
    row = Progress.objects.get()
    assert (row.state, row.variant, row.achieved_at) == ("achieved", "gentle", moments[-1])


def test_what_was_begun_keeps_its_variant(account, now):
    milestone = asks("share", 10)
    hard(milestone, 0.0, now)
    able(account, -1.5)
    make.activity(account, now - DAY, name="share.done")
    judge(account, now=now)
    row = offer(account, now=now)[account.pk]
    assert (row.variant, row.target) == ("standard", 10.0)
    assert DifficultyChoice.objects.get().reason == "begun"


def test_a_variant_of_which_they_have_enough_already_is_no_choice(account, now):
    milestone = make.milestone("share", criteria={"count": "share.done", "at_least": 10, "within_days": 60}, variants=VARIANTS, live_at=now - 5 * DAY)
    needed = asks("door", 1)
    services.save_version(milestone, says={**milestone.current.definition, "needs": ["door"]}, actor=make.ACTOR, now=now - 4 * DAY)
    hard(milestone, 0.0, now)
    able(account, -1.5)
    # Eight before it opened: nothing was begun, yet they are there.
    make.activity(account, *[now - 3 * DAY - number * timedelta(hours=1) for number in range(8)], name="share.done")
    make.activity(account, now - DAY, name="door.done")
    judge(account, now=now)
    assert Progress.objects.get(milestone=needed).state == "achieved"
    row = offer(account, now=now)[account.pk]
    assert (row.milestone, row.have, row.variant) == (milestone, 8.0, "standard")


def test_nothing_gets_harder_for_who_struggles(account, now):
    milestone = asks("share", 10)
    hard(milestone, 0.0, now)
    able(account, 3.0)
    services.note_risk(account_id=account.pk, at_risk=True)
    judge(account, now=now)
    assert offer(account, now=now)[account.pk].variant == "standard"
    choice = DifficultyChoice.objects.get()
    assert (choice.struggles, choice.reason) == (True, "struggles")
    assert "harder than before" in choice.candidates[2]["why_not"]


def test_being_stuck_anywhere_is_a_struggle(account, now):
    asks("other"), asks("share", 10)
    able(account, 3.0)
    judge(account, now=now)
    Progress.objects.filter(milestone__key="other").update(pace="stuck")
    offer(account, now=now)
    assert DifficultyChoice.objects.get().struggles is True


def test_an_account_may_have_everything_as_it_is_written(account, now):
    milestone = asks("share", 10)
    hard(milestone, 0.0, now)
    able(account, -1.5)
    services.take_as_written(account_id=account.pk, as_written=True, actor=make.ACTOR, now=now)
    judge(account, now=now)
    assert offer(account, now=now)[account.pk].variant == "standard"
    assert DifficultyChoice.objects.get().reason == "opted_out"
    assert Change.objects.get(field="milestones.as_written").after is True


def test_fitting_can_be_switched_off(account, now):
    milestone = asks("share", 10)
    hard(milestone, 0.0, now)
    able(account, -1.5)
    services.change_rules(fits=False, actor=make.ACTOR, now=now)
    judge(account, now=now)
    offer(account, now=now)
    assert DifficultyChoice.objects.get().reason == "switched_off"


@pytest.mark.parametrize("target", [59, 81])
def test_a_target_outside_60_to_80_is_refused_and_nothing_changes(target, now):
    with pytest.raises(Refused) as refusal:
        services.change_rules(target_percent=target, actor=make.ACTOR, now=now)
    assert refusal.value.code == "rule_out_of_range"
    assert selectors.winning_rules().target_percent == 70


def test_the_target_is_changed_with_its_history(now):
    assert services.change_rules(target_percent=65, actor=make.ACTOR, now=now).target_percent == 65
    assert Change.objects.get(field="target_percent").before == 70


def test_a_hard_one_waits_while_another_can_be_won(account, now):
    first, second = asks("first"), asks("second")
    hard(first, 2.5, now)
    hard(second, -1.0, now)
    able(account, 0.0)
    judge(account, now=now)
    assert offer(account, now=now)[account.pk].milestone == second
    assert "waits, as their chance there is" in PathChoice.objects.get().reasons[0]


def test_who_left_is_offered_nothing(account, now):
    asks("first")
    judge(account, now=now)
    Account.objects.filter(pk=account.pk).update(stage="churned", churned_on=now.date())
    assert offer(account, now=now) == {}
    assert services.offer_waiting(now=now, actor=make.ACTOR) == 0


def test_the_job_finds_everybody_without_a_next_one_and_then_nobody(now):
    asks("first")
    accounts = [make.account(started_on=date(2026, 1, 1)) for _ in range(3)]
    judge(*accounts, now=now)
    assert services.offer_waiting(now=now, actor=make.ACTOR) == 3
    assert services.offer_waiting(now=now, actor=make.ACTOR) == 0
    assert DifficultyChoice.objects.count() == 3


def test_what_was_tried_in_vain_is_offered_again_only_to_who_is_still_there(account, now):
    asks("first")
    judge(account, now=now)
    offer(account, now=now)
    later = now + 40 * DAY
    assert offer(account, now=later) == {}
    assert services.offer_waiting(now=later, actor=make.ACTOR) == 0
    make.activity(account, later - DAY, name="login")
    assert services.offer_waiting(now=later, actor=make.ACTOR) == 1
    assert [choice.reached for choice in DifficultyChoice.objects.order_by("pk")] == [False, None]


def test_statements_do_not_grow_with_the_accounts(now, django_assert_max_num_queries):
    for key in ("first", "second", "third"):
        asks(key)
    accounts = [make.account(started_on=date(2026, 1, 1)) for _ in range(20)]
    judge(*accounts, now=now)
    with django_assert_max_num_queries(30):
        assert len(offer(*accounts, now=now)) == 20


def test_the_path_says_what_comes_next_and_why(account, now):
    milestone = asks("share", 10)
    asks("other")
    hard(milestone, 0.0, now)
    able(account, -0.5, outcomes=3, successes=1)
    judge(account, now=now)
    offer(account, now=now)
    seen = selectors.path_of(account, now=now)
    assert seen.next is not None
    assert (seen.next.progress.milestone, seen.next.rule, seen.struggles) == (milestone, "catalogue", False)
    assert seen.next.reasons[0] == "It is the first of 2 open to them in the order of the catalogue."
    assert seen.words[0].startswith("They reached 1 of 3 milestones that they were offered in time; of one of usual difficulty they would reach 38 %")
    why = selectors.why_variant(seen.next.progress)
    assert why.words[0] == "“gentle”: 30 % less than it is written is asked."
    assert why.words[1].startswith("Their chance to reach it in time rose from 38 % to 5")
    assert why.words[2] == "Chosen because its chance is nearest to the share that should succeed, 70 %."


def test_a_path_without_an_offer_says_so(account, now):
    asks("share")
    judge(account, now=now)
    seen = selectors.path_of(account, now=now)
    assert (seen.next, seen.usual) == (None, True)
    assert selectors.why_variant(seen.progress[0]).words == ["It was not offered yet, so no variant was chosen: it stands as it is written."]


def test_the_moment_is_given_never_read(account):
    long_ago = datetime(2026, 2, 1, tzinfo=UTC)
    asks("first")
    judge(account, now=long_ago)
    assert offer(account, now=long_ago)[account.pk].offered_at == long_ago
