"""Plays as programs write, start and stop them."""

import json

import pytest
from django.test import Client

from apps.interventions.models import Enrolment, PassedOver, Play
from tests import make

pytestmark = pytest.mark.django_db
SAYS = {"trigger": {"kind": "api"}, "steps": [{"kind": "wait", "minutes": 5}, {"kind": "watch"}], "holdout_percent": 0}
FILE = {"key": "ours", "name": "Ours", "why": "To help.", "definition": SAYS}


def test_a_play_is_written_put_live_started_and_stopped(api):
    account = make.account()
    made = api.post("plays/", FILE)
    assert (made.status_code, made.json()["state"], made.json()["version"]) == (201, "draft", 1)
    at = f"plays/{made.json()['id']}"
    second = api.post(f"{at}/version/", {"definition": {**SAYS, "holdout_percent": 10}, "note": "A tenth held out."})
    assert (second.status_code, second.json()["version"], "holdout_percent" in second.json()["definition"]) == (200, 2, False)
    started = {"play": "ours", "account": account.external_id, "key": "order-7"}
    refused = api.post("enrolments/", started)
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_enter")
    assert api.post(f"{at}/turn/", {"state": "live"}).json()["state"] == "live"
    assert api.post(f"{at}/turn/", {"state": "draft"}).status_code == 409
    runs = [api.post("enrolments/", started) for _ in range(2)]
    assert [run.status_code for run in runs] == [201, 201]
    assert runs[0].json()["id"] == runs[1].json()["id"]
    stopped = api.post(f"enrolments/{runs[0].json()['id']}/stop/", {})
    assert stopped.json()["exit_reason"] == "manual"
    assert api.post(f"enrolments/{runs[0].json()['id']}/stop/", {}).status_code == 409


def test_a_flaw_is_told_by_its_place_and_nothing_is_saved(api):
    steps = [{"kind": "wait", "minutes": 5, "next": "nowhere"}, {"kind": "message", "channel": "pigeon", "template": "x"}]
    refused = api.post("plays/", {**FILE, "definition": {**SAYS, "steps": steps}})
    assert refused.status_code == 400
    assert sorted(refused.json()["fields"]) == ["definition.steps[0].next", "definition.steps[1].channel"]
    mistyped = api.post("plays/", {**FILE, "definition": {**SAYS, "steps": [{"kind": "wait", "minutes": "five"}]}})
    assert list(mistyped.json()["fields"]) == ["definition.steps[0].minutes"]
    assert Play.objects.filter(key="ours").count() == 0


def test_a_play_cannot_be_started_for_what_is_not_there(api):
    play, account = make.play(says=SAYS), make.account()
    assert list(api.post("enrolments/", {"play": "none", "account": account.external_id}).json()["fields"]) == ["play"]
    assert list(api.post("enrolments/", {"play": play.key, "account": "none"}).json()["fields"]) == ["account"]
    assert Enrolment.objects.count() == 0


def test_candidates_are_let_in_and_refused_and_reasons_are_read(api, now):
    play = make.play()
    first, second = (make.enrolment(make.account(), now=now, of=play, state="candidate") for _ in range(2))
    assert api.post(f"enrolments/{first.pk}/let_in/", {}).json()["state"] == "waiting"
    assert api.post(f"enrolments/{second.pk}/refuse/", {}).json()["exit_reason"] == "refused"
    PassedOver.objects.create(play=play, account=first.account, reason="cooldown", on=now.date(), at=now)
    told = api.get(f"passed-over/?play={play.pk}&reason=cooldown").json()["results"]
    assert [(row["account"], row["reason"]) for row in told] == [(first.account_id, "cooldown")]


def test_success_managers_start_plays_and_administrators_write_them(now):
    owner = make.user()
    account, play = make.account(owner=owner), make.play(says=SAYS)
    browser = Client()
    browser.force_login(owner)

    def post(path, body):
        return browser.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")

    assert post("plays/", FILE).status_code == 403
    assert post(f"plays/{play.pk}/version/", {"definition": SAYS}).status_code == 403
    assert post(f"plays/{play.pk}/turn/", {"state": "paused"}).status_code == 403
    play.refresh_from_db()
    assert (play.state, play.current.number, Play.objects.count()) == ("live", 1, 1)
    assert post("enrolments/", {"play": play.key, "account": account.external_id}).status_code == 201
