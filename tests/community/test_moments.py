"""Right moments: what makes them, each thing that speaks against them, who is held out, and that they pass."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.accounts.models import Renewal
from apps.community import selectors, services
from apps.community.models import Ask, AskRules, Favour, Moment
from apps.community.moments.praise import praise_in
from apps.events.models import Event
from apps.experiments import services as experiments
from apps.experiments.models import Holdout
from apps.health.models import AccountHealth
from tests import make
from tests.milestones.written import milestone, progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return make.account(name="Acme")


@pytest.fixture
def sam(acme):
    return make.contact(acme, name="Sam Doe", role="champion")


@pytest.fixture
def promoter(sam, now):
    """A champion who said 10 of 10 last week, at an account that reached something."""
    make.response(sam.account, now - timedelta(days=7), contact=sam, score=10)
    progress(sam.account, milestone("first"), achieved_at=now - timedelta(days=3))
    return sam


def look(now, *accounts) -> int:
    return services.find([account.pk for account in accounts], now=now, actor=make.ACTOR)


def verdict(contact, now):
    return selectors.judge([contact.account_id], now=now, rules=services.rules_now())[0]


def test_a_promoter_whose_account_reached_something_is_asked_to_recommend_us(promoter, now):
    assert look(now, promoter.account) == 1
    found = Moment.objects.get()
    assert (found.contact_id, found.kind, found.state, found.score) == (promoter.pk, "referral", "open", 50)
    assert found.reasons == [
        {"signal": "promoter", "points": 30, "words": "Answered 10 of 10 to “would you recommend us” 7 days ago"},
        {"signal": "milestone", "points": 20, "words": "Reached “The first” 3 days ago"},
    ]
    told = Event.objects.get(type="community.moment_found")
    assert (told.payload["kind"], told.payload["because"].count("; ")) == ("referral", 1)
    assert Ask.objects.get().state == "proposed"
    # Looked at again, nothing more is found.
    assert look(now, promoter.account) == 0


def test_every_signal_counts_with_its_points(sam, now):
    account = sam.account
    AccountHealth.objects.create(account=account, score=Decimal(88), band="good", momentum=Decimal("4.5"))
    Renewal.objects.create(account=account, due_on=now.date(), arr=1, currency="USD", state="renewed", decided_on=now.date() - timedelta(days=10))
    make.message(sam, now=now, state="replied", replied_at=now - timedelta(days=2), reply="We love it, thank you!")
    assert look(now, account) == 1
    found = Moment.objects.get()
    assert (found.kind, found.score) == ("reference", 70)
    assert [(reason["signal"], reason["points"]) for reason in found.reasons] == [("renewal", 35), ("health", 25), ("praise", 10)]


def test_health_that_is_green_but_falling_says_nothing(sam, now):
    AccountHealth.objects.create(account=sam.account, score=Decimal(88), band="good", momentum=Decimal("-0.1"))
    assert selectors.judge([sam.account_id], now=now, rules=services.rules_now()) == []


def test_a_newer_answer_below_nine_takes_the_promoter_back(promoter, now):
    make.response(promoter.account, now - timedelta(days=1), contact=promoter, score=8)
    assert look(now, promoter.account) == 0


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("We love it!", ["love it"]),
        ("Wir sind begeistert, klasse.", ["begeistert", "klasse"]),
        ("It is not amazing.", []),
        ("Das ist nicht großartig", []),
        ("Amazing, but it crashed twice", []),
        ("Leider ein Fehler, sonst klasse", []),
        ("ok\n\nOn Monday the team wrote:\n> you will love it", []),
        ("clover itself", []),
        ("", []),
    ],
)
def test_praise_is_a_word_rule_that_rather_misses_than_invents(reply, found):
    assert praise_in(reply) == found


def ticket(sam, now):
    make.ticket(sam.account, now - timedelta(days=1))


def risk(sam, now):
    make.risk(sam.account, now=now, probability=0.3)


def talk(sam, now):
    Renewal.objects.create(account=sam.account, due_on=now.date() + timedelta(days=60), arr=1, currency="USD")


def save_play(sam, now):
    make.enrolment(sam.account, now=now, arm="treated")


def gone(sam, now):
    sam.account.stage = "churned"
    sam.account.save()


def refused(sam, now):
    services.choose(sam, {"referral": False, "advocacy": False}, source="csm", actor=make.ACTOR, now=now)


def asked_lately(sam, now):
    at = now - timedelta(days=29)
    Ask.objects.create(account=sam.account, contact=sam, kind="review", state="expired", proposed_at=at, expires_at=at, asked_at=at)


def departed(sam, now):
    sam.departed_on = now.date()
    sam.save()


@pytest.mark.parametrize("trouble", [ticket, risk, talk, save_play, gone, refused, asked_lately, departed], ids=lambda one: one.__name__)
def test_whatever_speaks_against_it_wins_and_says_so(promoter, now, trouble):
    trouble(promoter, now)
    assert look(now, promoter.account) == 0
    assert not Moment.objects.exists()
    assert verdict(promoter, now).against != []


def test_a_renewal_beyond_the_days_and_a_solved_ticket_stop_nothing(promoter, now):
    Renewal.objects.create(account=promoter.account, due_on=now.date() + timedelta(days=61), arr=1, currency="USD")
    make.ticket(promoter.account, now - timedelta(days=3), solved_at=now - timedelta(days=2))
    assert look(now, promoter.account) == 1


def test_an_ask_to_recommend_rests_for_sixty_days_where_others_rest_for_thirty(promoter, now):
    AccountHealth.objects.create(account=promoter.account, score=Decimal(88), band="good", momentum=Decimal("4.5"))
    at = now - timedelta(days=59)
    Ask.objects.create(account=promoter.account, contact=promoter, kind="referral", state="expired", proposed_at=at, expires_at=at, asked_at=at)
    assert verdict(promoter, now).kind != "referral"
    assert verdict(promoter, now + timedelta(days=2)).kind == "referral"


def test_a_moment_ends_when_trouble_comes_and_takes_back_the_ask(promoter, now):
    look(now, promoter.account)
    ticket(promoter, now)
    look(now, promoter.account)
    assert Moment.objects.values_list("state", "closed_why").get() == ("called_off", "A ticket of theirs is open.")
    assert Ask.objects.get().state == "expired"


def test_moments_pass_and_are_not_found_again_from_the_same_facts(promoter, now):
    look(now, promoter.account)
    later = now + timedelta(days=14)
    services.find_all(now=later, actor=make.ACTOR)
    assert Moment.objects.values_list("state").get() == ("expired",)
    assert Ask.objects.values_list("state", "closed_why").get() == ("expired", "Nobody sent it in time.")


def test_who_is_held_out_has_a_moment_of_which_nobody_hears(promoter, now):
    experiments.draw_holdout(key="asks", share_percent=50, actor=make.ACTOR, now=now - timedelta(days=1))
    held = Holdout.objects.get()
    held.members.update(held_out=True)
    assert look(now, promoter.account) == 1
    assert Moment.objects.get().state == "held_out"
    assert not Event.objects.filter(type="community.moment_found").exists()
    assert not Ask.objects.exists()


def test_the_daily_round_draws_a_tenth_once_and_staff_may_end_it(promoter, now):
    services.find_all(now=now, actor=make.ACTOR)
    held = Holdout.objects.get()
    assert (held.key, held.share_percent) == ("asks", 10)
    experiments.end_holdout(held, actor=make.ACTOR, now=now + timedelta(hours=1))
    services.find_all(now=now + timedelta(days=1), actor=make.ACTOR)
    assert Holdout.objects.count() == 1


def test_what_asking_brings_is_told_by_assignment(now):
    accounts = [make.account() for _ in range(8)]
    for number, account in enumerate(accounts):
        contact = make.contact(account)
        state = "held_out" if number < 4 else "expired"
        Moment.objects.create(account=account, contact=contact, kind="referral", state=state, score=50, reasons=[], found_at=now, expires_at=now)
        if number in (0, 4, 5, 6):
            Favour.objects.create(account=account, contact=contact, kind="referral", key=f"k{number}", at=now + timedelta(days=5), source="test")
    # Beyond the window it is no effect of the ask.
    Favour.objects.create(account=accounts[7], kind="referral", key="late", at=now + timedelta(days=61), source="test")
    read = selectors.measured([one.pk for one in accounts], since=now - timedelta(days=1), until=now + timedelta(days=1))
    assert (read.effect.treated.successes, read.effect.treated.n) == (3, 4)
    assert (read.effect.held_out.successes, read.effect.held_out.n) == (1, 4)
    assert read.effect.difference == 0.5


def test_marks_of_events_lead_to_a_look(promoter, now):
    services.mark_stale([promoter.account_id], now=now)
    assert services.find_stale(now=now, actor=make.ACTOR) == 1
    assert services.find_stale(now=now, actor=make.ACTOR) == 0
    assert Moment.objects.count() == 1


def test_the_number_of_statements_does_not_grow_with_the_accounts(now, django_assert_num_queries):
    first = milestone("first")
    for _ in range(12):
        account = make.account()
        make.response(account, now, contact=make.contact(account), score=8)
        progress(account, first, achieved_at=now)
    from apps.accounts.models import Account

    ids = list(Account.objects.values_list("pk", flat=True))
    rules = AskRules()
    with django_assert_num_queries(15):
        selectors.judge(ids, now=now, rules=rules)
