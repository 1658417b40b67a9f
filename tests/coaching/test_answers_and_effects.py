"""What is said to tips, what the choice learns from it, and what the behaviour did before and after."""

from datetime import timedelta

import pytest

from apps.accounts.models import Account
from apps.coaching import services
from apps.coaching.models import Recommendation, Tip, TipAnswerRow
from apps.core.errors import Refused
from apps.events.models import Event
from apps.experiments.models import ArmCount, PolicyDecision
from tests import make
from tests.coaching.conftest import tip


@pytest.fixture
def told(company: list[Account], now) -> Recommendation:
    """One tip, shown to an account that looks at no reports."""
    tip("open-report", now=now)
    for account in company[6:]:
        services.recommend([account.pk], now=now, actor=make.ACTOR)
        if row := Recommendation.objects.filter(account=account, held_back=False).first():
            return row
    raise AssertionError("every slot was held back")


def counts() -> list[tuple[str, float, float]]:
    return [(row.arm, round(row.successes, 6), round(row.failures, 6)) for row in ArmCount.objects.order_by("arm")]


def say(row: Recommendation, word: str, now, **more) -> Recommendation:
    return services.answer(row.pk, word, now=now, actor=make.ACTOR, **more)


def test_accepting_counts_as_help_at_once_and_is_announced(told, now):
    assert say(told, "accept", now).state == "accepted"
    assert counts() == [("open-report", 1.0, 0.0)]
    event = Event.objects.get(type="coaching.tip_answered")
    assert event.payload == {"account_id": told.account_id, "recommendation_id": told.pk, "tip": "open-report", "answer": "accept"}


def test_the_same_answer_twice_counts_once(told, now):
    say(told, "accept", now)
    say(told, "accept", now)
    assert (counts(), TipAnswerRow.objects.count()) == ([("open-report", 1.0, 0.0)], 1)


def test_not_useful_counts_against_it_also_after_it_was_accepted(told, now):
    say(told, "accept", now)
    assert say(told, "not_useful", now, note="We have no reports.").state == "refused"
    assert counts() == [("open-report", 0.0, 1.0)]
    assert list(TipAnswerRow.objects.order_by("pk").values_list("answer", "note")) == [("accept", ""), ("not_useful", "We have no reports.")]


def test_not_now_says_nothing_of_the_tip_yet(told, now):
    assert say(told, "not_now", now).state == "later"
    assert counts() == []
    assert PolicyDecision.objects.get().settled_at is None


def test_what_is_done_cannot_be_accepted_any_more(told, now):
    say(told, "done", now)
    with pytest.raises(Refused, match="“Open report” is done; accept cannot be said any more"):
        say(told, "accept", now)
    assert counts() == [("open-report", 1.0, 0.0)]
    assert TipAnswerRow.objects.count() == 1


def test_the_effect_is_read_when_the_window_is_over_and_not_before(told, now):
    say(told, "accept", now)
    make.activity(told.account, now + timedelta(days=2), now + timedelta(days=5), now + timedelta(days=40), name="report.viewed")
    assert services.read_due(now=now + timedelta(days=27)) == 0
    assert services.read_due(now=now + timedelta(days=28)) == Recommendation.objects.count()
    told.refresh_from_db()
    assert (told.before, told.after, told.moved, told.state) == (0.0, 2.0, True, "accepted")
    assert services.read_due(now=now + timedelta(days=29)) == 0


def test_an_acceptance_after_which_nothing_moved_is_taken_back(told, now):
    say(told, "accept", now)
    services.read_due(now=now + timedelta(days=28))
    told.refresh_from_db()
    assert (told.moved, told.state) == (False, "accepted")
    row = ArmCount.objects.get()
    assert (row.successes, row.failures > 0.9) == (0.0, True)


def test_who_says_done_has_the_last_word(told, now):
    say(told, "done", now)
    services.read_due(now=now + timedelta(days=28))
    told.refresh_from_db()
    assert (told.moved, told.state, counts()) == (False, "done", [("open-report", 1.0, 0.0)])


def test_a_tip_nobody_answered_goes_out_of_date_and_counts_by_what_they_did(told, now):
    services.read_due(now=now + timedelta(days=28))
    told.refresh_from_db()
    assert (told.state, told.ended_because, counts()) == ("stale", "nobody answered in time", [("open-report", 0.0, 1.0)])


def test_what_is_held_back_is_read_like_the_rest(company, now):
    for key in ("a", "b", "c"):
        tip(key, now=now, helps=[])
    services.recommend([account.pk for account in company], now=now, actor=make.ACTOR)
    held = Recommendation.objects.filter(held_back=True).first()
    assert held is not None
    make.activity(
        held.account,
        *[now + timedelta(days=day) for day in range(1, 27)],
        *[now + timedelta(days=day, hours=1) for day in range(1, 27)],
        name="report.viewed",
    )
    services.read_due(now=now + timedelta(days=28))
    held.refresh_from_db()
    assert (held.state, held.moved, held.after >= 52) == ("held", True, True)


def test_doing_it_already_ends_the_tip_as_help(told, now):
    make.activity(told.account, now + timedelta(days=1), now + timedelta(days=2), name="report.viewed")
    assert services.end_stale(now=now + timedelta(days=3)) == 1
    told.refresh_from_db()
    assert (told.state, told.ended_because) == ("stale", "they do it already")
    assert counts() == [("open-report", 1.0, 0.0)]


def test_a_retired_tip_and_a_customer_who_left_need_no_answer(told, now):
    services.turn_tip(Tip.objects.get(), "retired", actor=make.ACTOR, now=now)
    assert services.end_stale(now=now) == 1
    told.refresh_from_db()
    assert (told.state, told.ended_because) == ("stale", "the tip was retired")
    Recommendation.objects.filter(pk=told.pk).update(state="open")
    Account.objects.filter(pk=told.account_id).update(stage="churned", churned_on=now.date())
    services.end_stale(now=now)
    told.refresh_from_db()
    assert (told.ended_because, PolicyDecision.objects.filter(settled_at__isnull=True).count()) == ("the customer left", 0)


def test_accepted_tips_stay_when_they_are_retired(told, now):
    say(told, "accept", now)
    services.turn_tip(Tip.objects.get(), "retired", actor=make.ACTOR, now=now)
    assert services.end_stale(now=now) == 0
    told.refresh_from_db()
    assert told.state == "accepted"
