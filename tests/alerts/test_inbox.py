"""The inbox, one alert's page and what reaches somebody, as pages."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts.types import Role
from apps.alerts import services
from apps.alerts.matters import Matter
from apps.alerts.models import Alert, AlertRule, AlertSubscription
from apps.core import clock
from apps.core.actor import Actor
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
HX = {"HX-Request": "true"}


@pytest.fixture
def person():
    return make.user(team=make.team())


@pytest.fixture
def staff(client, person):
    client.force_login(person)
    return client


def opened(account, *, about="1", severity="warning", title="Usage fell by half", rule_key="usage-fell", now=None):
    matter = Matter("usage_fell", f"{account.pk if account else 0}:{about}", severity, title, ["40 instead of 80 a day"], account, rule_key=rule_key)
    return services.open_alert(matter, actor=ACTOR, now=now or clock.now())


def words(answer):
    return answer.content.decode()


def test_accounts_are_ranked_by_what_is_at_stake_and_an_accounts_alerts_stand_together(staff, person, now):
    small, large = make.account(owner=person, name="Small", arr=1_000), make.account(owner=person, name="Large", arr=90_000)
    opened(small, severity="urgent", title="Small and urgent")
    opened(large, title="Large one")
    opened(large, title="Large two", about="2")
    told = words(staff.get("/alerts/"))
    # 4 x 1,000 x 5 % against 2 x 90,000 x 5 %.
    assert told.index("Large one") < told.index("Small and urgent")
    assert "2 alerts" in told
    assert "Ranked by severity × ARR × chance of leaving" in told


def test_the_risk_of_the_account_stands_beside_its_name(staff, person, now):
    account = make.account(owner=person)
    make.risk(account, now=now, probability=0.62)
    alert = opened(account)
    for page in ("/alerts/", reverse("alert", args=[alert.pk])):
        told = words(staff.get(page))
        assert "not scored yet" not in told
        assert "62" in told


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"mine", "team's"}),
        ("?whose=mine", {"mine"}),
        ("?whose=team", {"mine", "team's"}),
        ("?severity=urgent", {"team's"}),
        ("?rule=seats-full", {"team's"}),
        ("?age=old", {"team's"}),
        ("?age=day", {"mine"}),
        ("?view=nonsense&age=nonsense&rule=&account=x", {"mine", "team's"}),
        ("?view=snoozed", set()),
    ],
)
def test_the_filters_narrow(client, now, query, shown):
    team = make.team()
    lead, mate = make.user(Role.TEAM_LEAD, team=team), make.user(team=team)
    opened(make.account(owner=lead, arr=1), title="this is mine")
    long_ago = clock.now() - timedelta(days=8)
    opened(make.account(owner=mate, arr=1), title="this is team's", severity="urgent", rule_key="seats-full", now=long_ago)
    opened(make.account(owner=make.user()), title="this is foreign")
    client.force_login(lead)
    told = words(client.get(f"/alerts/{query}"))
    assert {name for name in ("mine", "team's", "foreign") if f"this is {name}".replace("'", "&#x27;") in told} == shown


def test_a_large_group_shows_its_first_and_a_door_to_the_rest(staff, person, now):
    account = make.account(owner=person)
    for number in range(9):
        opened(account, about=str(number), title=f"Alert {number}")
    told = words(staff.get("/alerts/"))
    assert told.count("data-row ") == 6
    assert f"?account={account.pk}" in told
    assert "3 more of" in told


def test_each_button_says_how_it_went_and_names_the_way_back(staff, person, now):
    alert = opened(make.account(owner=person))

    def press(name, **said):
        answer = staff.post(reverse(name, args=[alert.pk]), said, headers=HX)
        return answer.status_code, json.loads(answer.headers["HX-Trigger"])["cs:done"]

    def undo(told):
        assert staff.post(told[1]["undo"], headers=HX).status_code == 204
        alert.refresh_from_db()

    told = press("snooze_alert", reason="They are away", days="7")
    assert told == (204, {"words": "Back in 7 days: Usage fell by half", "undo": f"/do/alerts/{alert.pk}/wake/"})
    undo(told)
    assert alert.state == "open"
    undo(press("assign_alert", to=person.pk))
    assert alert.owner is None
    undo(press("judge_alert", useful="yes"))
    assert alert.useful is None
    press("comment_alert", words="He is back on Monday")
    press("alert_task")
    press("alert_play", play=make.play().key)
    alert.refresh_from_db()
    assert (alert.state, alert.owner) == ("acknowledged", person)
    page = words(staff.get(f"/alerts/{alert.pk}/"))
    for said in ("He is back on Monday", "Look into: Usage fell by half", "play started", "1 of 1 useful"):
        assert said.lower() in page.lower()


def test_many_are_done_at_once_and_taken_back_at_once(staff, person, now):
    account = make.account(owner=person)
    mine = [opened(account, about=str(number)) for number in range(3)]
    foreign = opened(make.account(owner=make.user()))
    services.acknowledge(mine[0], actor=ACTOR, now=now)
    keys = [alert.pk for alert in [*mine, foreign]]
    answer = staff.post("/do/alerts/many/acknowledge/", {"alert": keys}, headers=HX)
    told = json.loads(answer.headers["HX-Trigger"])["cs:done"]
    assert told["words"] == "Acknowledged: 2 alerts; 1 stayed as they were"
    assert Alert.objects.get(pk=foreign.pk).state == "open"
    assert staff.post(told["undo"], headers=HX).status_code == 204
    assert sorted(Alert.objects.values_list("state", flat=True)) == ["acknowledged", "open", "open", "open"]
    assert staff.post("/do/alerts/many/acknowledge/", {}, headers=HX).status_code == 409
    assert staff.post("/do/alerts/many/burn/", {"alert": keys}, headers=HX).status_code == 404


def test_a_foreign_alert_is_no_page_and_a_viewer_looks_only(client, staff, now):
    foreign = opened(make.account(owner=make.user()))
    assert staff.get(f"/alerts/{foreign.pk}/").status_code == 404
    assert staff.post(reverse("snooze_alert", args=[foreign.pk]), {"reason": "x"}, headers=HX).status_code == 404
    client.force_login(make.user(Role.VIEWER))
    assert "data-key" not in words(client.get("/alerts/"))
    assert client.post(reverse("snooze_alert", args=[foreign.pk]), {"reason": "x"}, headers=HX).status_code == 403


def test_a_noisy_rule_says_so_and_whoever_may_change_rules_lifts_it(client, staff, person, now):
    account = make.account(owner=person)
    for number in range(10):
        services.judge(opened(account, about=str(number)), useful=False, by=person, actor=ACTOR, now=clock.now())
    alert, rule = Alert.objects.first(), AlertRule.objects.get()
    assert "told in a digest" in words(staff.get("/alerts/"))
    assert "Too few of its alerts were useful (0 of 10)" in words(staff.get(f"/alerts/{alert.pk}/"))
    assert staff.post(f"/do/alert-rules/{rule.pk}/at-once/", headers=HX).status_code == 403
    client.force_login(make.user(Role.ADMINISTRATOR))
    assert client.post(f"/do/alert-rules/{rule.pk}/at-once/", headers=HX).status_code == 204
    rule.refresh_from_db()
    assert not rule.digest


def test_what_reaches_me_says_what_last_week_would_have_been_and_follows_a_choice(staff, person, now):
    account = make.account(owner=person)
    opened(account, severity="urgent", about="1")
    opened(account, severity="warning", about="2")
    opened(account, severity="urgent", about="3", now=clock.now() - timedelta(days=8))
    opened(make.account(owner=make.user()), severity="urgent")
    told = " ".join(words(staff.get("/alerts/subscriptions/")).split())
    assert "<b>2</b> alerts in the product" in told
    assert "<b>1</b> email at once, <b>1</b> digest by email" in told
    answer = staff.post("/do/alerts/subscriptions/", {"severity": "warning", "whose": "mine", "email": "at_once", "sms": "at_once"}, headers=HX)
    undo = json.loads(answer.headers["HX-Trigger"])["cs:done"]["undo"]
    told = " ".join(words(staff.get("/alerts/subscriptions/?part=week", headers=HX)).split())
    assert "<b>2</b> emails at once" in told
    assert "<b>1</b> SMS at once" in told
    staff.post(undo, headers=HX)
    assert not AlertSubscription.objects.exists()
