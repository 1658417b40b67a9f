"""Rules as they are written, how they judge, and what the watch makes of what it finds."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from apps.accounts.models import DailyRollup
from apps.accounts.types import Role
from apps.alerts import handlers, services
from apps.alerts.models import Alert, AlertRule, RuleDay, Watched, WatchMark
from apps.alerts.rules import early, hysteresis, shipped, trials, tuning, watching, writing
from apps.alerts.rules.definition import Flaws, plain, read
from apps.alerts.rules.detectors import Pattern, course, same_weekday
from apps.alerts.rules.hysteresis import Memory, Turn
from apps.alerts.types import RuleState
from apps.core.actor import Actor
from apps.events.vocabulary import AlertJudged, StoryChanged
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
LATE = {"kind": "threshold", "figure": "late_answers", "way": "above", "limit": 1}
DAY = timedelta(days=1)
MORNING = datetime(2026, 3, 11, 0, 5, tzinfo=UTC)


def live(says=None, *, now=MORNING, key="late", **fields) -> AlertRule:
    rule = writing.create(key=key, name="Late answers", says=says or LATE, by=None, actor=ACTOR, now=now, **fields)
    writing.turn(rule, RuleState.LIVE, actor=ACTOR, now=now)
    watching.look(now=now, actor=ACTOR)
    return rule


def late(account, at, number=0):
    return make.ticket(account, at - timedelta(hours=8), due_at=at - timedelta(hours=1), external_id=f"late{account.pk}-{number}")


def old(**fields):
    return make.account(started_on=date(2025, 1, 1), **fields)


@pytest.mark.parametrize(
    ("says", "place"),
    [
        ({**LATE, "colour": "red"}, ""),
        ({**LATE, "figure": "moon"}, "figure"),
        ({**LATE, "way": "sideways"}, "way"),
        ({**LATE, "as_share": True}, "as_share"),
        ({**LATE, "release": 2}, "release"),
        ({**LATE, "quiet": [{"first": "2026-03-02", "last": "2026-03-01"}]}, "quiet[0]"),
        ({**LATE, "whom": {"segment": "nobody"}}, "whom.segment"),
        ({"kind": "band", "figure": "health_band", "into": ["red"]}, "into"),
        ({"kind": "band", "figure": "health", "into": ["poor"]}, "figure"),
        ({"kind": "absence", "figure": "health", "days": 3}, "figure"),
        ({"kind": "threshold", "of": "house", "figure": "usage", "way": "above", "limit": 1}, "figure"),
    ],
)
def test_a_flaw_is_told_at_its_place(says, place):
    with pytest.raises(Flaws) as found:
        writing.checked(says)
    assert [where for where, _ in found.value.flaws] == [place]


def test_what_is_usual_anyway_is_not_kept():
    says = {"kind": "baseline", "figure": "usage", "score": 3.5, "whom": {"least_arr": 0}, "together": {"share": 0.3, "least": 20}}
    assert plain(read(says)) == {"kind": "baseline", "figure": "usage", "together": {"least": 20}}


def test_every_shipped_rule_can_be_read_and_is_made_once(now):
    made = shipped.ensure(now=now)
    assert len(made) == len(shipped.WATCHED) + len(shipped.NOTICES) == 27
    assert shipped.ensure(now=now) == []
    assert AlertRule.objects.filter(state="live").count() == 27


def test_a_pattern_learns_the_week_and_an_incident_does_not_become_usual():
    pattern, begin = Pattern(), date(2026, 1, 5)
    week = [100, 110, 105, 100, 90, 20, 15]
    for number in range(84):
        day = begin + number * DAY
        pattern = pattern.learned(day, week[day.weekday()])
    saturday, monday = date(2026, 4, 4), date(2026, 4, 6)
    assert round(pattern.usual(saturday)) == 20
    assert abs(pattern.score(saturday, 20)) < 0.5
    assert pattern.score(monday, 40) < -6
    assert round(pattern.learned(monday, 0).usual(monday + 7 * DAY)) > 90
    assert Pattern.of(pattern.kept()) == pattern


def test_fewer_than_four_weeks_say_nothing():
    begin = date(2026, 1, 5)
    assert same_weekday([(begin + number * DAY, 30.0) for number in range(27)], begin + 27 * DAY) is None
    usual = same_weekday([(begin + number * DAY, 30.0) for number in range(28)], begin + 28 * DAY)
    assert usual is not None
    assert (round(usual.value, 6), usual.spread) == (30.0, 1.0)


def test_a_straight_fall_crosses_when_it_crosses():
    begin = date(2026, 1, 5)
    line = course([(begin + number * DAY, 80.0 - number) for number in range(20)])
    assert line is not None
    middle, earliest, latest = line.crossing(50)
    assert (round(middle, 6), round(earliest, 6), round(latest, 6)) == (11, 11, 11)
    assert line.crossing(90) is None


def test_it_opens_at_the_threshold_closes_after_calm_days_and_pauses():
    def days(pattern):
        memory, told, day = Memory(), [], date(2026, 1, 1)
        for mark in pattern:
            memory, turn = hysteresis.step(memory, day, over=mark == "x", calm=mark == ".", opens_after=1, calm_days=2, cooldown_days=7)
            told.append(turn)
            day += DAY
        return told

    assert days("x-x..") == [Turn.BEGAN, Turn.NONE, Turn.NONE, Turn.NONE, Turn.ENDED]
    assert days("x.-..x..x") == [Turn.BEGAN, *[Turn.NONE] * 3, Turn.ENDED, Turn.HUSHED, Turn.NONE, Turn.NONE, Turn.BEGAN]


def test_a_score_moves_by_what_people_say_within_bounds_and_fades():
    assert round(tuning.moved(3.5, useful=False), 4) == 3.5994
    assert round(tuning.moved(3.5, useful=True), 4) == 3.4583
    assert (tuning.moved(8.0, useful=False), tuning.moved(2.5, useful=True)) == (8.0, 2.5)
    assert tuning.faded(5.0, home=3.5, last=MORNING - 90 * DAY, now=MORNING) == 5.0
    assert tuning.faded(5.0, home=3.5, last=MORNING - 120 * DAY, now=MORNING) == 4.25


def test_what_held_already_is_listed_and_what_begins_is_told_and_settles(now):
    before, after = old(name="Old trouble"), old(name="Riverside Dental")
    late(before, MORNING - 2 * DAY)
    rule = live()
    assert [row.account for row in Watched.objects.filter(since__isnull=False)] == [before]
    ticket = late(after, MORNING + timedelta(hours=5))
    watching.look(now=MORNING + DAY, actor=ACTOR)
    alert = Alert.objects.get()
    assert (alert.title, alert.rule, alert.version, alert.severity) == ("Riverside Dental: Late answers", rule, rule.current, "warning")
    assert alert.why == ["Late answers: 1; the limit is 1."]
    assert (alert.facts["figure"], alert.facts["value"], alert.facts["limit"], alert.facts["day"]) == ("late_answers", 1.0, 1, "2026-03-11")
    ticket.solved_at, ticket.state = MORNING + DAY + timedelta(hours=2), "solved"
    ticket.save()
    watching.look(now=MORNING + 2 * DAY, actor=ACTOR)
    alert.refresh_from_db()
    assert (alert.state, alert.by_itself) == ("resolved", True)


def test_an_account_of_which_there_is_nothing_to_remember_has_no_memory():
    for _ in range(3):
        old()
    live()
    watching.look(now=MORNING + DAY, actor=ACTOR)
    assert (Watched.objects.count(), RuleDay.objects.get(day=MORNING.date()).looked) == (0, 3)


def test_news_of_an_account_is_looked_at_at_once_and_taken_back_the_same_day(now):
    account, other = old(), old()
    live()
    ticket = late(account, now)
    handlers.mark_changed(StoryChanged([account.pk], "ticket"), None)
    assert list(WatchMark.objects.values_list("account", flat=True)) == [account.pk]
    assert early.look(now=now, actor=ACTOR) == 1
    assert (Alert.objects.get().account, WatchMark.objects.count()) == (account, 0)
    ticket.solved_at, ticket.state = now + timedelta(hours=1), "solved"
    ticket.save()
    early.mark([account.pk, other.pk], now=now + timedelta(hours=1))
    early.look(now=now + timedelta(hours=1), actor=ACTOR)
    assert Alert.objects.get().state == "resolved"
    watching.look(now=MORNING + DAY, actor=ACTOR)
    assert Alert.objects.count() == 1
    assert Watched.objects.get(account=account).since is None


def test_hours_alone_bring_a_p1_ticket_over_its_limit(now):
    account = old()
    live({"kind": "threshold", "figure": "p1_hours", "way": "above", "limit": 48})
    make.ticket(account, now - timedelta(hours=47), priority="p1", external_id="p1")
    for hours, alerts in ((0, 0), (2, 1)):
        assert early.mark_by_time(now=now + timedelta(hours=hours)) == 1
        early.look(now=now + timedelta(hours=hours), actor=ACTOR)
        assert Alert.objects.count() == alerts


def test_many_at_once_are_one_alert_about_the_house():
    accounts = [old() for _ in range(12)]
    live()
    for account in accounts[:10]:
        late(account, MORNING + timedelta(hours=5))
    watching.look(now=MORNING + DAY, actor=ACTOR)
    alert = Alert.objects.get()
    assert (alert.account, alert.severity, alert.title) == (None, "urgent", "Late answers: 10 accounts at once")
    assert RuleDay.objects.get(day=date(2026, 3, 11)).together


def test_beyond_the_budget_of_a_day_the_lightest_wait_for_the_digest():
    owner = make.user()
    accounts = [old(owner=owner, arr=1_000 * (number + 1)) for number in range(7)]
    live({**LATE, "budget": 5})
    for account in accounts:
        late(account, MORNING + timedelta(hours=5))
    watching.look(now=MORNING + DAY, actor=ACTOR)
    quiet = [alert.account for alert in Alert.objects.order_by("account") if "digest" in alert.facts]
    assert (Alert.objects.count(), quiet) == (7, accounts[:2])


def test_on_quiet_days_it_does_not_look():
    account = old()
    live({**LATE, "quiet": [{"first": "2026-03-11", "last": "2026-03-11", "why": "move"}]})
    late(account, MORNING + timedelta(hours=5))
    watching.look(now=MORNING + DAY, actor=ACTOR)
    assert Alert.objects.count() == 0
    watching.look(now=MORNING + 2 * DAY, actor=ACTOR)
    assert Alert.objects.get().facts["day"] == "2026-03-12"


def test_a_day_without_data_is_an_alert_of_its_own_and_nobody_is_silent():
    accounts = [old() for _ in range(3)]
    rows = [
        DailyRollup(account=account, day=MORNING.date() - number * DAY, name="login", count=50, value=1)
        for account in accounts
        for number in range(-2, 60)
        if number != 0
    ]
    DailyRollup.objects.bulk_create(rows)
    live({"kind": "baseline", "figure": "usage", "way": "below", "by": "weekday"})
    watching.look(now=MORNING + DAY, actor=ACTOR)
    alert = Alert.objects.get()
    assert (alert.kind, alert.title) == ("missing_day", "No data: Usage of 11 March")
    watching.look(now=MORNING + 2 * DAY, actor=ACTOR)
    alert.refresh_from_db()
    assert (alert.state, Alert.objects.count()) == ("resolved", 1)


def test_a_rule_of_the_house_looks_at_the_house():
    old()
    DailyRollup.objects.create(account=old(), day=MORNING.date() - DAY, name="login", count=1, value=1)
    live({"kind": "absence", "of": "house", "figure": "days_without_activity", "days": 2})
    for days in (1, 2):
        watching.look(now=MORNING + days * DAY, actor=ACTOR)
    watching.look(now=MORNING + 3 * DAY, actor=ACTOR)
    alert = Alert.objects.get()
    assert (alert.account, alert.title, alert.facts["value"], alert.facts["day"]) == (None, "Late answers", 2.0, "2026-03-12")


def test_a_live_rule_written_anew_goes_on_with_what_it_remembers():
    account = old()
    rule = live()
    late(account, MORNING + timedelta(hours=5))
    watching.look(now=MORNING + DAY, actor=ACTOR)
    writing.save_version(rule, says={**LATE, "limit": 2}, by=None, actor=ACTOR, now=MORNING + DAY)
    watching.look(now=MORNING + 2 * DAY, actor=ACTOR)
    alert = Alert.objects.get()
    assert (alert.state, alert.version.number, rule.versions.count()) == ("resolved", 1, 2)


def test_what_people_say_of_its_alerts_tunes_a_pattern_and_no_limit(now):
    pattern = live({"kind": "baseline", "figure": "usage"}, key="usage")
    limit = live(key="late")
    for rule in (pattern, limit):
        alert = make.alert(old(), now=now, kind="rule", rule=rule)
        handlers.tune(AlertJudged(account_id=alert.account_id, alert_id=alert.pk, useful=False), None)
    pattern.refresh_from_db()
    limit.refresh_from_db()
    assert (round(pattern.score, 4), limit.score) == (3.5994, None)


def test_useful_is_what_happened_after_within_sixty_days(now):
    left, stayed, fresh = old(name="Left"), old(name="Stayed"), old(name="Fresh")
    for account, ago in ((left, 80), (stayed, 80), (fresh, 10)):
        make.ticket(account, now - (ago + 1) * DAY, due_at=now - ago * DAY, external_id=f"t{account.pk}")
    type(left).objects.filter(pk=left.pk).update(stage="churned", churned_on=(now - 50 * DAY).date())
    trial = trials.ask(rule=None, says=LATE, actor=ACTOR, now=now)
    told = {alert["name"]: (alert["useful"], alert["words"]) for alert in trial.result["alerts"]}
    assert told["Left"] == (True, "left 30 days later")
    assert told["Stayed"] == (False, "nothing happened within 60 days")
    assert told["Fresh"] == (None, "too early to say")
    assert [trial.result[name] for name in ("fired", "useful", "not_useful", "too_early")] == [3, 1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_several_workers_tell_each_beginning_once():
    make.user(Role.ADMINISTRATOR)
    accounts = [old() for _ in range(9)]
    live()
    for account in accounts:
        late(account, MORNING + timedelta(hours=5))
    early.mark([account.pk for account in accounts], now=MORNING + timedelta(hours=6))

    def work():
        early.look(now=MORNING + timedelta(hours=6), actor=ACTOR, limit=3)
        watching.look(now=MORNING + DAY, actor=ACTOR)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watching.look(now=MORNING + DAY + timedelta(hours=1), actor=ACTOR)
    assert sorted(Alert.objects.values_list("account", flat=True)) == [account.pk for account in accounts]
    assert services.rules.open_alerts(AlertRule.objects.get(key="late")) == 9
