"""The pages of escalation: what they show, who may write, and that nothing is lost when the form is wrong."""

import json
from datetime import timedelta

import pytest

from apps.accounts.types import Role
from apps.alerts.models import DutyOverride, DutyRota, EscalationPolicy, Notice, NoticeRoad, OutsideChannel, Response, ResponseRun
from apps.alerts.notifying import telling
from apps.core import clock
from tests import make

pytestmark = pytest.mark.django_db
PAGES = ["/alerts/escalation/", "/alerts/duty/", "/alerts/channels/", "/alerts/told/", "/notices/"]


@pytest.fixture
def lead(client):
    person = make.user(Role.TEAM_LEAD, team=make.team())
    client.force_login(person)
    return person


def form(**more):
    said = {"name": "Weekend", "why": "", "repeat": "0", "least_severity": "warning", "large_arr": "50000", "head": "", "seen": "0", "steps": "2"}
    steps = {"s0-do": "notify", "s0-whom": "owner", "s1-do": "wait", "s1-hours": "1.5"}
    return {**said, **steps, **more}


@pytest.mark.parametrize("path", [*PAGES, "/alerts/escalation/new/", "/alerts/duty/new/"])
def test_empty_pages_open_and_say_why_they_are_empty(client, lead, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("role", [Role.CSM, Role.VIEWER])
def test_success_managers_and_viewers_read_and_do_not_write(client, role):
    client.force_login(make.user(role))
    assert [client.get(path).status_code for path in PAGES] == [200] * 5
    posts = [client.post("/alerts/escalation/new/", form(do="save")), client.post("/do/channels/new/", {}), client.post("/alerts/duty/new/", {})]
    assert [answer.status_code for answer in posts] == [403] * 3
    assert EscalationPolicy.objects.filter(name="Weekend").count() == 0


def test_a_policy_is_built_step_by_step_and_saved(client, lead):
    added = client.post("/alerts/escalation/new/", form(do="add:notify"), headers={"HX-Request": "true"}).content.decode()
    assert "Step 3 added." in added
    assert 'name="steps" value="3"' in added
    moved = client.post("/alerts/escalation/new/", form(do="down:0"), headers={"HX-Request": "true"}).content.decode()
    assert moved.index('value="wait"') < moved.index('value="notify"')
    third = {"s2-do": "notify", "s2-whom": f"person:{lead.email}", "s2-urgent": "yes"}
    saved = client.post("/alerts/escalation/new/", form(steps="3", **third, do="save"))
    assert saved.status_code == 302
    policy = EscalationPolicy.objects.get(key="weekend")
    assert policy.steps == [
        {"do": "notify", "whom": "owner"},
        {"do": "wait", "minutes": 90},
        {"do": "notify", "whom": "person", "key": lead.email, "urgent": True},
    ]
    assert "Weekend" in client.get("/alerts/escalation/").content.decode()


def test_what_makes_no_policy_is_told_and_what_was_typed_stays(client, lead):
    answer = client.post("/alerts/escalation/new/", form(do="save"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The last step has to tell somebody" in page
    assert 'value="1.5"' in page


def test_a_policy_that_somebody_saved_meanwhile_is_not_typed_over(client, lead):
    policy = make.policy("weekend", now=clock.now())
    said = form(steps="1", seen="1", do="save", name="Mine")
    EscalationPolicy.objects.filter(pk=policy.pk).update(version=2, name="Theirs")
    assert client.post("/alerts/escalation/weekend/", said).status_code == 409
    policy.refresh_from_db()
    assert policy.name == "Theirs"
    assert client.post("/alerts/escalation/weekend/", {**said, "seen": "2"}).status_code == 302


def test_the_side_tells_what_would_happen_now(client, lead):
    owner = make.user(team=lead.team, full_name="x")
    owner.full_name = "Mara Lindqvist"
    owner.save()
    account = make.account(owner=owner, name="Riverside Dental")
    said = form(steps="3", account=str(account.pk), **{"s2-do": "notify", "s2-whom": "lead"})
    page = client.post("/alerts/escalation/look/", said).content.decode()
    assert "Mara Lindqvist" in page
    assert str(lead) in page
    assert "Riverside Dental" in page


def test_a_rota_is_written_and_somebody_stands_in(client, lead):
    first, second = make.user(), make.user()
    said = {"name": "First response", "order": f"{first.email}\n{second.email}", "zone": "Europe/Berlin", "starts_on": "2026-03-09"}
    said |= {"handover_at": "09:00", "turn_days": "7", "team": ""}
    assert client.post("/alerts/duty/new/", {**said, "zone": "Mars"}).status_code == 409
    assert client.post("/alerts/duty/new/", said).status_code == 302
    rota = DutyRota.objects.get()
    assert [member.user for member in rota.members.all()] == [first, second]
    soon = clock.now() + timedelta(days=1)
    stand = {"person": second.email, "starts_at": f"{soon:%Y-%m-%dT09:00}", "ends_at": f"{soon + timedelta(days=1):%Y-%m-%dT09:00}", "why": "Dentist"}
    client.post(f"/do/duty/{rota.key}/stand-in/", stand)
    page = client.get(f"/alerts/duty/{rota.key}/").content.decode()
    assert "stands in: Dentist" in page
    client.post(f"/do/duty/{rota.key}/take-back/{DutyOverride.objects.get().pk}/")
    assert DutyOverride.objects.count() == 0


def test_the_bell_counts_what_one_has_not_read_and_reading_clears_it(client, lead):
    now = clock.now()
    account = make.account(owner=lead, name="Riverside Dental")
    for number in range(2):
        telling.tell(make.alert(account, now=now), people=[lead], key=f"k{number}", words="To you as the lead.", urgent=False, now=now)
    assert 'aria-label="Notices, 2 unread"' in client.get("/alerts/duty/").content.decode()
    page = client.get("/notices/").content.decode()
    assert page.count("To you as the lead.") == 2
    assert page.count("Riverside Dental</a></h2>") == 1
    client.post("/do/notices/read/", {"account": str(account.pk)})
    assert Notice.objects.unread().count() == 0
    assert 'aria-label="Notices"' in client.get("/notices/?part=bell", headers={"HX-Request": "true"}).content.decode()


def test_one_chooses_how_one_is_told(client, lead):
    client.post("/do/told/", {"in_app-on": "yes", "email-on": "yes", "email-pace": "daily", "email-urgent": "yes"})
    road = NoticeRoad.objects.get(user=lead, road="email")
    assert (road.is_on, road.pace, road.urgent_only) == (True, "daily", True)
    client.post("/do/told/", {"sms-on": "yes", "sms-number": "0171 1"})
    assert NoticeRoad.objects.get(user=lead, road="sms").is_on is False


@pytest.mark.parametrize("body", ["", "[]", '{"endpoint": 1}', '{"endpoint": "https://10.0.0.1/x", "keys": {"p256dh": "a", "auth": "b"}}'])
def test_what_is_no_browser_is_refused(client, lead, body):
    assert client.post("/do/told/browser/", body, content_type="application/json").status_code in (400, 409)


def test_a_channel_outside_is_added_and_its_address_shown_nowhere(client, lead):
    address = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    client.post("/do/channels/new/", {"name": "Operations", "kind": "slack", "address": "json://127.0.0.1/"})
    assert OutsideChannel.objects.count() == 0
    client.post("/do/channels/new/", {"name": "Operations", "kind": "slack", "address": address})
    page = client.get("/alerts/channels/").content.decode()
    assert "hooks.slack.com</span>" in page
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in page
    admin = make.user(None, is_superuser=True)
    client.force_login(admin)
    channel = OutsideChannel.objects.get()
    assert channel.sealed not in client.get(f"/admin/alerts/outsidechannel/{channel.pk}/change/").content.decode()


def test_an_answer_is_let_through_from_the_page_and_taken_back(client, lead):
    now = clock.now()
    run = make.response_run(make.alert(make.account(owner=make.user(team=lead.team)), now=now), now=now)
    assert "It would open the task" in client.get("/alerts/escalation/").content.decode()
    done = client.post(f"/do/answers/{run.pk}/approve/", headers={"HX-Request": "true"})
    assert json.loads(done.headers["HX-Trigger"])["cs:done"] == {
        "words": "Opened the task “Call the sponsor”.",
        "undo": f"/do/answers/{run.pk}/undo/",
    }
    client.post(f"/do/answers/{run.pk}/undo/")
    assert ResponseRun.objects.get().state == "undone"


def test_an_answer_of_another_book_is_no_page(client):
    now = clock.now()
    run = make.response_run(make.alert(make.account(owner=make.user()), now=now), now=now)
    client.force_login(make.user())
    assert client.post(f"/do/answers/{run.pk}/approve/").status_code == 404
    assert ResponseRun.objects.get().state == "asked"


def test_a_response_is_written_on_its_rule(client, lead):
    now = clock.now()
    rule = make.response_run(make.alert(make.account(), now=now), now=now).response.rule
    said = {"deed": "task", "task": "Call", "minutes": "15", "due_hours": "24", "priority": "high", "mode": "dry", "per_hour": "5", "per_day": "20"}
    client.post(f"/do/alert-rules/{rule.pk}/responses/", said)
    response = Response.objects.order_by("-pk").first()
    assert (response.says["title"], response.mode, response.per_hour) == ("Call", "dry", 5)
    client.post(f"/do/alert-rules/{rule.pk}/responses/", {"response": response.pk, "mode": "auto", "per_hour": "2", "per_day": "3"})
    response.refresh_from_db()
    assert (response.mode, response.per_hour, response.per_day) == ("auto", 2, 3)
