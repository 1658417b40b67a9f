"""The climb of an alert with a frozen clock: `now` is Wednesday, 11 March 2026, 12:00 UTC; everybody works 9 to 17 UTC unless a test says so."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from apps.accounts.models import AccountRole
from apps.accounts.types import Role
from apps.alerts import matters, services
from apps.alerts.escalation import climbing, foretold, policies, steps
from apps.alerts.models import Climb, ClimbStep, EscalationPolicy, Notice, NoticeSending
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.interventions.models import Holiday, WorkingTime
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def at(day, hour, minute=0, month=3):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def team():
    return make.team()


@pytest.fixture
def people(team):
    """Owner, backup, lead, head."""
    return make.user(team=team), make.user(team=team), make.user(Role.TEAM_LEAD, team=team), make.user(Role.ADMINISTRATOR)


@pytest.fixture
def account(people):
    owner, backup, *_ = people
    account = make.account(name="Riverside Dental", owner=owner, arr=24_000)
    AccountRole.objects.create(account=account, user=backup, role="backup")
    return account


@pytest.fixture
def policy(now):
    EscalationPolicy.objects.all().delete()
    policies.prepare(now=now)
    return EscalationPolicy.objects.get()


def raised(account, now, severity="warning", kind="risk"):
    matter = matters.Matter(kind, str(account.pk if account else 0), severity, "Something is the matter", ["Logins fell by 54 %."], account)
    return services.open_alert(matter, actor=ACTOR, now=now)


def climb(account, now, **fields):
    return climbing.begin(raised(account, now, **fields), now=now)


def told(*, start, end, every=timedelta(minutes=15)):
    """Who is told when: (moment, names), looked at in steps of a quarter of an hour."""
    seen, moment = [], start
    while moment <= end:
        climbing.advance(now=moment)
        for step in ClimbStep.objects.filter(done_at=moment, kind="notify").order_by("position"):
            if people := list(step.people.all()):
                seen.append((moment, people))
        moment += every
    return seen


def test_the_usual_ladder_in_working_time(account, people, policy, now):
    """Owner at once, backup after 4 h (Wed 16:00), lead after 8 h (Thu 16:00), head after 24 h (Tue 16:00); then again after 4 h."""
    owner, backup, lead, head = people
    started = climb(account, now)
    assert told(start=now, end=at(31, 0)) == [
        (at(11, 12), [owner]),
        (at(11, 16), [backup]),
        (at(12, 16), [lead]),
        (at(17, 16), [head]),
        (at(18, 12), [owner]),
        (at(18, 16), [backup]),
        (at(19, 16), [lead]),
        (at(24, 16), [head]),
    ]
    started.refresh_from_db()
    assert (started.state, started.ended_at, started.ended_by) == ("exhausted", at(24, 16), "job:alerts.escalate")


def test_a_step_says_whom_it_told_and_why(account, people, policy, now):
    owner, backup, *_ = people
    climb(account, now)
    told(start=now, end=at(11, 16))
    assert [step.what for step in ClimbStep.objects.filter(kind="notify")] == [
        f"To {owner} as the owner.",
        f"To {backup} as the backup: {owner} did not take it on within 4 h.",
    ]
    assert [event.payload["user_ids"] for event in Event.objects.filter(type="alert.told").order_by("id")] == [[owner.pk], [backup.pk]]
    assert list(Notice.objects.order_by("id").values_list("user", flat=True)) == [owner.pk, backup.pk]


def test_a_large_account_waits_one_hour(account, people, policy, now):
    type(account).objects.update(arr=Decimal(50_000))
    account.refresh_from_db()
    climb(account, now)
    assert [moment for moment, _ in told(start=now, end=at(11, 16))] == [at(11, 12), at(11, 13)]


def test_over_a_weekend_a_holiday_of_the_team_and_one_of_the_country(account, people, policy, team, now):
    """Raised on Friday 15:00. Monday is the team's; Tuesday, 17 March is Saint Patrick's Day in Ireland: 2 h on Friday, 2 h on Wednesday."""
    owner, *_ = people
    Holiday.objects.create(team=team, day=date(2026, 3, 16), name="Team day")
    WorkingTime.objects.create(user=owner, region="IE")
    climb(account, at(13, 15))
    assert [moment for moment, _ in told(start=at(13, 15), end=at(18, 12))] == [at(13, 15), at(18, 11)]


def test_the_region_of_the_house_is_everybodys_who_names_none(account, people, policy, settings):
    """Good Friday and Easter Monday (3 and 6 April 2026) in Germany: raised on Thursday 15:00, the backup hears on Tuesday."""
    settings.HOLIDAYS_REGION = "DE"
    climb(account, at(2, 15, month=4))
    assert [moment for moment, _ in told(start=at(2, 15, month=4), end=at(8, 0, month=4))][1] == at(7, 11, month=4)


def test_over_the_change_of_the_clock(account, people, policy):
    """Berlin changes on Sunday, 29 March 2026: 9 to 17 there is 8 to 16 UTC on Friday and 7 to 15 UTC on Monday."""
    owner, *_ = people
    type(owner).objects.filter(pk=owner.pk).update(time_zone="Europe/Berlin")
    account.owner.refresh_from_db()
    climb(account, at(27, 14))
    assert [moment for moment, _ in told(start=at(27, 14), end=at(30, 12))] == [at(27, 14), at(30, 9)]


def test_taking_it_on_stops_the_climb_and_what_has_not_left(account, people, policy, now):
    started = climb(account, now)
    climbing.advance(now=now)
    assert NoticeSending.objects.get().state == "waiting"
    alert = started.alert
    services.acknowledge(alert, actor=Actor.user(people[0]), now=now + timedelta(minutes=1))
    climbing.stop(alert.pk, "acknowledged", by=str(Actor.user(people[0])), now=now + timedelta(minutes=1))
    assert NoticeSending.objects.get().state == "dropped"
    assert len(told(start=now + timedelta(minutes=15), end=at(31, 0), every=timedelta(hours=1))) == 0
    started.refresh_from_db()
    assert (started.state, started.ended_at) == ("acknowledged", now + timedelta(minutes=1))


def test_a_step_that_is_due_before_the_news_of_the_acknowledgement_tells_nobody(account, people, policy, now):
    started = climb(account, now)
    climbing.advance(now=now)
    services.acknowledge(started.alert, actor=Actor.user(people[0]), now=at(11, 16))
    assert climbing.advance(now=at(11, 16)) == 1
    started.refresh_from_db()
    assert (started.state, started.ended_by) == ("acknowledged", f"user:{people[0].pk}")
    assert Notice.objects.count() == 1


def test_a_snooze_pauses_and_what_was_left_of_the_wait_is_left(account, people, policy, now):
    """An hour of the owner's four has passed; the alert sleeps until Thursday 10:00, so the backup hears at 13:00."""
    _, backup, *_ = people
    started = climb(account, now)
    climbing.advance(now=now)
    climbing.pause(started.alert_id, now=at(11, 13))
    assert told(start=at(11, 13), end=at(12, 9)) == []
    climbing.resume(started.alert, now=at(12, 10))
    assert told(start=at(12, 10), end=at(12, 15)) == [(at(12, 13), [backup])]


def test_an_edit_touches_future_climbs_only(account, people, policy, now):
    _, _, _, head = people
    started = climb(account, now)
    policies.change(policy, said={"steps": [{"do": "notify", "whom": "head"}], "repeat": 0}, actor=ACTOR, now=now)
    climbing.advance(now=now)
    assert list(ClimbStep.objects.get(climb=started, position=0).people.all()) == [account.owner]
    other = climb(make.account(owner=people[0]), now)
    climbing.advance(now=now)
    assert list(ClimbStep.objects.get(climb=other, position=0).people.all()) == [head]


def test_unowned_accounts_go_round(team, policy, now):
    first, second = make.user(team=team), make.user(team=team)
    got = []
    for minute in range(3):
        moment = now + timedelta(minutes=minute)
        started = climb(make.account(owner=None), moment)
        climbing.advance(now=moment)
        got += list(ClimbStep.objects.get(climb=started, position=0).people.all())
    assert got == [first, second, first]


def test_a_step_on_which_nobody_stands_takes_no_time(people, policy, now):
    """An alert of the platform has no owner, backup or lead: the head hears at once."""
    *_, head = people
    climb(None, now, kind="provider")
    assert told(start=now, end=now) == [(now, [head])]


def written(policy, now, *says, repeat=0):
    return policies.change(policy, said={"steps": list(says), "repeat": repeat}, actor=ACTOR, now=now)


def test_hours_hold_it_back_until_they_begin(account, people, policy, now):
    hours = {"do": "hours", "from": "08:00", "until": "12:00", "days": [0, 1, 2, 3, 4], "zone": "Europe/Berlin"}
    written(policy, now, hours, {"do": "notify", "whom": "owner"})
    climb(account, now)
    assert [moment for moment, _ in told(start=now, end=at(13, 0))] == [at(12, 7)]


@pytest.mark.parametrize(("arr", "severity", "whom"), [(99_999, "urgent", 0), (100_000, "warning", 0), (100_000, "urgent", 1)])
def test_only_if_lets_large_and_urgent_ones_go_on(account, policy, now, arr, severity, whom):
    type(account).objects.update(arr=arr)
    account.refresh_from_db()
    written(policy, now, {"do": "only_if", "arr": 100_000}, {"do": "only_if", "severity": "urgent"}, {"do": "notify", "whom": "owner"})
    started = climb(account, now, severity=severity)
    climbing.advance(now=now)
    started.refresh_from_db()
    assert (Notice.objects.count(), started.state) == (whom, "exhausted" if whom else "halted")


def test_a_wait_by_the_clock_counts_nights(account, people, policy, now):
    written(policy, now, {"do": "notify", "whom": "owner"}, {"do": "wait", "minutes": 600, "by": "clock"}, {"do": "notify", "whom": "lead"})
    climb(account, now)
    assert [moment for moment, _ in told(start=now, end=at(12, 0))] == [at(11, 12), at(11, 22)]


def test_small_alerts_and_those_told_in_a_digest_do_not_climb(account, policy, now):
    assert climb(account, now, severity="info") is None
    assert Climb.objects.count() == 0


def test_an_alert_climbs_once_at_a_time(account, policy, now):
    started = climb(account, now)
    assert climbing.begin(started.alert, now=now) is None
    assert Climb.objects.count() == 1


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ([], "A policy needs at least one step."),
        ([{"do": "wait", "minutes": 5}], "A policy tells somebody: add a step that does."),
        (
            [{"do": "notify", "whom": "owner"}, {"do": "wait", "minutes": 5}],
            "The last step has to tell somebody; after anything else nothing would happen.",
        ),
        ([{"do": "notify", "whom": "duty"}], "Step 1: say which duty."),
        ([{"do": "notify", "whom": "owner", "key": "x"}], "Step 1: who the owner is follows from the account; leave the key out."),
        ([{"do": "wait", "minutes": 0}], "Step 1: minutes is 0; use whole minutes from 1 to 10080."),
        ([{"do": "hours", "from": "9", "until": "17:00"}], "Step 1: give from and until as 08:00."),
        ([{"do": "only_if", "arr": 1, "severity": "urgent"}], "Step 1: name either an ARR or a severity."),
        ([{"do": "dance"}], "Step 1: use one of notify, wait, hours, only_if for what it does."),
        ([{"do": "notify", "whom": "owner", "loud": 1}], "Step 1: there is no 'loud' in a step that does notify."),
    ],
)
def test_what_makes_no_policy(says, words):
    assert steps.problem(says) == words


def test_a_step_that_names_nobody_is_refused_and_nothing_changes(policy, now):
    with pytest.raises(Refused, match="Step 1: there is no duty 'weekend'"):
        written(policy, now, {"do": "notify", "whom": "duty", "key": "weekend"})
    policy.refresh_from_db()
    assert policy.steps == steps.usual()


def test_what_is_foretold_is_what_happens(account, people, policy, now):
    owner, backup, lead, head = people
    says = foretold.foretell(policy.steps, account=account, head=None, large_arr=policy.large_arr, severity="warning", now=now)
    assert [(one.at, one.whom) for one in says] == [
        (at(11, 12), str(owner)),
        (at(11, 16), str(backup)),
        (at(12, 16), str(lead)),
        (at(17, 16), str(head)),
    ]
    assert Climb.objects.count() == 0


def test_whoever_is_told_may_see_the_account(account, policy, now):
    outsider = make.user()
    written(policy, now, {"do": "notify", "whom": "person", "key": outsider.email})
    assert not type(account).objects.for_user(outsider).exists()
    climb(account, now)
    climbing.advance(now=now)
    assert type(account).objects.for_user(outsider).get() == account
