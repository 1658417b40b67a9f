import json
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts.types import Role
from apps.interventions.models import Enrolment
from tests import make

pytestmark = pytest.mark.django_db


def press(browser, name, *args, query="", **fields):
    """A button as htmx presses it: the status, and the words of the toast."""
    answer = browser.post(reverse(name, args=args) + query, fields, HTTP_HX_REQUEST="true")
    trigger = json.loads(answer.headers.get("HX-Trigger", "{}"))
    return answer.status_code, trigger.get("cs:done") or trigger.get("cs:refused")


def test_acknowledging_keeps_who_and_when_and_can_be_taken_back(staff, csm, now):
    alert = make.alert(make.account(owner=csm, name="Riverside"), now=now)
    status, said = press(staff, "acknowledge", alert.pk)
    alert.refresh_from_db()
    assert (status, alert.state, alert.acknowledged_by) == (204, "acknowledged", f"user:{csm.pk}")
    assert said == {"words": "Acknowledged: Riverside is likely to leave", "undo": f"/do/alerts/{alert.pk}/reopen/"}

    assert press(staff, "reopen_alert", alert.pk)[0] == 204
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_at, alert.acknowledged_by) == ("open", None, "")


def test_a_refusal_is_told_in_its_own_words_and_changes_nothing(staff, csm, now):
    alert = make.alert(make.account(owner=csm), now=now, state="resolved", resolved_at=now)
    status, said = press(staff, "acknowledge", alert.pk)
    alert.refresh_from_db()
    assert (status, alert.state) == (409, "resolved")
    assert said == {"words": f"“{alert.title}” is no longer open, so there is nothing to acknowledge."}


def test_resolving_settles_the_alert(staff, csm, now):
    alert = make.alert(make.account(owner=csm), now=now)
    assert press(staff, "resolve", alert.pk)[0] == 204
    alert.refresh_from_db()
    assert (alert.state, alert.resolved_by) == ("resolved", f"user:{csm.pk}")


def test_an_alert_cannot_be_reopened_beside_a_newer_one_of_the_same_matter(staff, csm, now):
    account = make.account(owner=csm)
    old = make.alert(account, now=now, state="resolved", resolved_at=now, dedup_key="risk:1")
    make.alert(account, now=now, dedup_key="risk:1")
    status, said = press(staff, "reopen_alert", old.pk)
    old.refresh_from_db()
    assert (status, old.state) == (409, "resolved")
    assert said["words"].startswith("The same matter has a newer alert")


def test_a_task_is_done_with_its_outcome_and_can_be_taken_back(staff, csm, now):
    due = now - timedelta(hours=3)
    task = make.task(make.account(owner=csm), now=now, due_at=due)
    status, said = press(staff, "finish_task", task.pk, outcome="They stay")
    task.refresh_from_db()
    assert (status, task.state, task.outcome, task.closed_by) == (204, "done", "They stay", f"user:{csm.pk}")

    path, _, query = said["undo"].partition("?")
    assert staff.post(f"{path}?{query}", HTTP_HX_REQUEST="true").status_code == 204
    task.refresh_from_db()
    assert (task.state, task.due_at, task.closed_at, task.outcome) == ("open", due, None, "")


def test_a_snoozed_task_comes_back_in_three_days_or_at_once_when_taken_back(staff, csm, now):
    due = now - timedelta(hours=3)
    task = make.task(make.account(owner=csm), now=now, due_at=due)
    status, said = press(staff, "snooze_task", task.pk, reason="They are away")
    task.refresh_from_db()
    assert status == 204
    assert timedelta(days=2, hours=23) < task.due_at - now < timedelta(days=3, minutes=5)

    path, _, query = said["undo"].partition("?")
    staff.post(f"{path}?{query}", HTTP_HX_REQUEST="true")
    task.refresh_from_db()
    assert task.due_at == due


def test_a_play_starts_by_hand_and_stops_by_hand(staff, csm, now):
    account = make.account(owner=csm, name="Riverside")
    make.contact(account)
    play = make.play(name="Save it")
    status, said = press(staff, "start_play", account.pk, play=play.key)
    run = Enrolment.objects.get(account=account)
    assert (status, run.state, said["words"]) == (204, "waiting", "“Save it” began for Riverside.")

    assert press(staff, "stop_play", run.pk)[0] == 204
    run.refresh_from_db()
    assert (run.state, run.exit_reason) == ("ended", "manual")
    assert press(staff, "stop_play", run.pk) == (409, {"words": "This run has ended already."})


def test_a_play_that_does_not_exist_is_not_started(staff, csm):
    account = make.account(owner=csm)
    assert press(staff, "start_play", account.pk, play="none")[0] == 404
    assert Enrolment.objects.count() == 0


@pytest.mark.parametrize("name", ["acknowledge", "resolve", "reopen_alert"])
def test_another_books_alert_is_not_found_and_not_changed(staff, now, name):
    alert = make.alert(make.account(owner=make.user()), now=now)
    assert press(staff, name, alert.pk)[0] == 404
    alert.refresh_from_db()
    assert alert.state == "open"


def test_another_books_task_play_and_run_are_not_found(staff, now):
    account = make.account(owner=make.user())
    play, task, run = make.play(), make.task(account, now=now), make.enrolment(account, now=now)
    assert [press(staff, "finish_task", task.pk)[0], press(staff, "snooze_task", task.pk)[0], press(staff, "stop_play", run.pk)[0]] == [404, 404, 404]
    assert press(staff, "start_play", account.pk, play=play.key)[0] == 404
    task.refresh_from_db()
    run.refresh_from_db()
    assert (task.state, run.state) == ("open", "waiting")


def test_without_scripts_the_button_leads_back_with_a_message(staff, csm, now):
    alert = make.alert(make.account(owner=csm, name="Riverside"), now=now)
    answer = staff.post(reverse("acknowledge", args=[alert.pk]), HTTP_REFERER="http://testserver/alerts/", follow=True)
    assert answer.redirect_chain == [("http://testserver/alerts/", 302)]
    assert "Acknowledged: Riverside is likely to leave" in answer.content.decode()


def test_a_button_never_leads_to_another_site(staff, csm, now):
    alert = make.alert(make.account(owner=csm), now=now)
    assert staff.post(reverse("acknowledge", args=[alert.pk]), HTTP_REFERER="https://evil.example/")["Location"] == "/"


def test_looking_is_not_acting(staff, csm, now):
    alert = make.alert(make.account(owner=csm), now=now)
    assert staff.get(reverse("acknowledge", args=[alert.pk])).status_code == 405


def test_a_team_lead_acts_for_the_team(client, now):
    team = make.team()
    alert = make.alert(make.account(owner=make.user(team=team)), now=now)
    client.force_login(make.user(Role.TEAM_LEAD, team=team))
    assert press(client, "acknowledge", alert.pk)[0] == 204


def draft(csm, now, **fields):
    owner_of = make.account(owner=csm, name="Riverside")
    waits = {"state": "held", "due_at": now + timedelta(hours=4), "approver": csm, "reason": "Sends 16:00 unless you stop it."}
    return make.message(make.contact(owner_of), now=now, subject="A word about your set-up", **{**waits, **fields})


def test_a_draft_stands_first_among_what_waits_and_is_stopped_or_sent_from_today(staff, csm, now):
    make.message(make.contact(make.account(owner=csm)), now=now, state="held", due_at=now + timedelta(hours=1), reason="Quiet hours.")
    stopped, sent = draft(csm, now), draft(csm, now)
    page = staff.get("/").content.decode()
    assert page.index("Sends 16:00 unless you stop it.") < page.index("Quiet hours.")
    assert (page.count("Stop it"), page.count("Send now")) == (2, 2)
    assert press(staff, "message_do", stopped.pk, "recall") == (204, {"words": "Taken back: A word about your set-up", "undo": ""})
    assert press(staff, "message_do", sent.pk, "send") == (204, {"words": "It leaves now: A word about your set-up", "undo": ""})
    for row in (stopped, sent):
        row.refresh_from_db()
    assert (stopped.state, stopped.reason) == ("cancelled", f"Recalled by {csm}.")
    assert (sent.state, sent.approved_by, sent.due_at < now + timedelta(minutes=1)) == ("held", f"user:{csm.pk}", True)
    assert press(staff, "message_do", stopped.pk, "recall")[0] == 409


def test_drafts_of_another_book_are_not_there_and_viewers_only_look(staff, client, csm, now):
    theirs = draft(make.user(), now)
    assert staff.post(reverse("message_do", args=[theirs.pk, "recall"])).status_code == 404
    viewer = make.user(Role.VIEWER)
    client.force_login(viewer)
    mine = draft(viewer, now)
    assert "Stop it" not in client.get("/").content.decode()
    assert client.post(reverse("message_do", args=[mine.pk, "recall"])).status_code == 403
    mine.refresh_from_db()
    assert mine.state == "held"
