"""Social proof: true by construction, k on either side, no dominance, rounded down, once a day, and no two numbers that give a few away."""

from datetime import timedelta
from itertools import combinations

import pytest
import time_machine
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from apps.accounts.models import Account
from apps.community import services
from apps.community.models import Published, Statement
from apps.community.proof.rules import K, Shown, rounded, rule
from apps.core.errors import Refused
from tests import make

WORDS = {
    "en": "{number} teams your size invited a colleague in their first week",
    "de": "{number} Teams Ihrer Größe haben in der ersten Woche eingeladen",
}


def write(key="invited", **fields):
    says = {"words": WORDS, "deed": "first_days", "activity": "invited", "days": 7, "live": True}
    return services.write_statement(key=key, fields={**says, **fields}, actor=make.ACTOR, now=None)


def accounts(count, did, now, **fields):
    """So many that began a month ago, of which so many invited somebody on their third day."""
    began = now - timedelta(days=30)
    made = [make.account(started_on=began.date(), **fields) for _ in range(count)]
    for account in made[:did]:
        make.activity(account, began + timedelta(days=2), name="invited")
    return made


def newest(key="invited"):
    return Published.objects.filter(statement__key=key).order_by("-on").first()


@pytest.mark.django_db
def test_a_number_is_the_true_count_rounded_down_to_fives(now):
    write()
    accounts(45, 33, now)
    # Their first week is not over: nobody is told to be behind.
    make.account(started_on=now.date() - timedelta(days=3))
    assert services.publish_all(now=now) == 1
    row = newest()
    assert (row.number, row.counted, row.others, row.verdict) == (30, 33, 12, "published")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "did", "why"), [(40, 9, "Fewer than 10 accounts did it."), (40, 31, "All but fewer than 10"), (0, 0, "Fewer than 10")]
)
def test_too_few_on_either_side_show_nothing(now, count, did, why):
    write()
    accounts(count, did, now)
    assert services.publish_all(now=now) == 0
    row = newest()
    assert row.number is None
    assert row.why.startswith(why)
    assert row.behind == []


@pytest.mark.django_db
def test_an_account_where_anybody_refused_is_not_counted_on_either_side(now):
    write()
    made = accounts(40, 20, now)
    for account in (made[0], made[30]):
        make.contact(account)
        services.choose(make.contact(account), {"proof": False}, source="csm", actor=make.ACTOR, now=now)
    services.publish_all(now=now)
    row = newest()
    assert (row.counted, row.others, row.number) == (19, 19, 15)
    assert made[0].pk not in row.behind


@pytest.mark.django_db
def test_who_said_no_after_all_takes_the_number_down_where_it_would_tell_of_them(now):
    write()
    made = accounts(40, 20, now)
    services.publish_all(now=now)
    services.choose(make.contact(made[0]), {"proof": False}, source="csm", actor=make.ACTOR, now=now)
    services.publish_all(now=now + timedelta(days=1))
    row = newest()
    assert (row.verdict, row.why) == ("suppressed", "Beside the number of “invited” it would tell of fewer than 10 accounts.")


@pytest.mark.django_db
def test_a_few_more_leave_the_number_and_ten_more_move_it(now):
    write()
    made = accounts(60, 20, now)
    services.publish_all(now=now)
    began = now - timedelta(days=30)
    for account in made[20:26]:
        make.activity(account, began, name="invited")
    services.publish_all(now=now + timedelta(days=1))
    assert (newest().number, newest().counted) == (20, 20)
    for account in made[26:31]:
        make.activity(account, began, name="invited")
    services.publish_all(now=now + timedelta(days=2))
    assert (newest().number, newest().counted) == (30, 31)


@pytest.mark.django_db
def test_the_number_is_made_once_a_day(now):
    write()
    accounts(40, 20, now)
    services.publish_all(now=now)
    accounts(30, 15, now)
    services.publish_all(now=now + timedelta(hours=2))
    assert Published.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Published.objects.create(statement=Statement.objects.get(), version=1, on=now.date(), verdict="suppressed", counted=0, others=0)


@pytest.mark.django_db
def test_a_sum_that_one_account_makes_half_of_is_not_shown(now):
    write("sum", deed="sum", days=28, words={"en": "{number} invitations in four weeks"})
    made = accounts(30, 0, now)
    for account in made[:15]:
        make.activity(account, now - timedelta(days=1), name="invited")
    make.activity(made[0], *[now - timedelta(days=1, minutes=minute) for minute in range(1, 15)], name="invited")
    services.publish_all(now=now)
    assert newest("sum").why == "One account makes up half of the sum or more."
    make.activity(made[1], *[now - timedelta(minutes=minute) for minute in range(1, 3)], name="invited")
    services.publish_all(now=now + timedelta(days=1))
    assert newest("sum").number == 30


@pytest.mark.django_db
def test_a_nested_group_that_would_give_a_few_away_is_not_shown(now):
    write("everybody")
    write("team", cohort="plan", cohort_value="Team")
    accounts(40, 20, now, plan="Team")
    accounts(30, 4, now, plan="Solo")
    services.publish_all(now=now)
    assert (newest("everybody").number, newest("team").number) == (20, None)
    assert newest("team").why == "Beside the number of “everybody” it would tell of fewer than 10 accounts."


@pytest.mark.django_db
def test_the_definition_is_one_click_away_and_never_beside_a_number_that_may_not_be_shown(client, now):
    write()
    accounts(40, 20, now)
    with time_machine.travel(now, tick=False):
        assert client.get("/c/proof/invited/").status_code == 404
        services.publish_all(now=now)
        answer = client.get("/c/proof/invited/")
        shown = answer.content.decode()
        assert (answer.status_code, answer.cookies) == (200, {})
        assert "20 teams your size invited" in shown
        assert "in their first 7 days" in shown
        assert "<script" not in shown
        assert "20 Teams Ihrer Größe" in client.get("/c/proof/invited/", headers={"Accept-Language": "de"}).content.decode()
    with time_machine.travel(now + timedelta(days=3), tick=False):
        assert client.get("/c/proof/invited/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("words", [{}, {"en": "no number"}, {"de": "{number} Teams"}, {"en": "{number} of {number}"}])
def test_words_have_the_number_once(words):
    with pytest.raises(Refused):
        write(words=words)
    assert not Account.objects.exists()


@pytest.mark.parametrize(("true", "shown"), [(10, 10), (14, 10), (99, 95), (104, 100), (1_249, 1_200), (98_765, 98_000)])
def test_rounding_never_says_more_than_is_true(true, shown):
    assert rounded(true) == shown


@settings(max_examples=400, deadline=None)
@given(population=some.integers(20, 90), days=some.data())
def test_no_pair_of_numbers_ever_shown_differs_by_a_few(population, days):
    """The attack: take any two numbers that were ever shown, of nested groups or of following days, and look who is in one and not in the other."""
    shown: list[Shown] = []
    groups = [set(range(population)), set(range(population // 2)), set(range(population // 3, population))]
    did = days.draw(some.sets(some.integers(0, population - 1), max_size=population))
    for _ in range(days.draw(some.integers(1, 5))):
        for statement, group in enumerate(groups):
            behind = did & group
            ruling = rule(statement, did=dict.fromkeys(behind, 1.0), others=len(group - behind), is_sum=False, before=shown)
            if ruling.number is not None:
                # True by construction, whatever stood before: no more than those who did it today.
                assert ruling.number <= len(ruling.behind)
                assert ruling.behind <= behind
                assert len(group - behind) >= K
                shown.append(Shown(statement, str(statement), ruling.number, ruling.behind))
        moved = days.draw(some.sets(some.integers(0, population - 1), max_size=14))
        did = did ^ moved
    for one, other in combinations(shown, 2):
        if one.statement == other.statement and one.number == other.number:
            continue
        for few in (one.behind - other.behind, other.behind - one.behind):
            assert not 0 < len(few) < K
        # Of a group within a group, or the same on another day, the numbers themselves differ by none or by enough.
        if one.behind < other.behind or other.behind < one.behind:
            assert abs(len(one.behind) - len(other.behind)) >= K
