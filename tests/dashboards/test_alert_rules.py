"""The list of alert rules, the page of one, and the editor with its try at the side."""

from datetime import timedelta

import pytest

from apps.accounts.types import Role
from apps.alerts import services as alerts
from apps.alerts.models import AlertRule, RuleTrial
from apps.core import clock
from apps.core.actor import Actor
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
FORM = {"kind": "threshold", "of": "account", "figure": "late_answers", "limit": "2", "way": "above", "name": "Two late answers"}
FORM["severity"] = "urgent"
SAYS = {"kind": "threshold", "figure": "late_answers", "way": "above", "limit": 2}


@pytest.fixture
def admin(client):
    user = make.user(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def rule(**fields):
    values = {"key": "late", "name": "Late answers", "says": SAYS, "by": None, "actor": ACTOR, "now": clock.now(), **fields}
    return alerts.rules.create(**values)


def test_what_is_typed_becomes_a_draft_with_its_first_version(admin, client):
    answer = client.post("/alerts/rules/new/", {**FORM, "do": "save", "note": "why not"})
    made = AlertRule.objects.get(key="two-late-answers")
    assert (answer.status_code, answer["Location"]) == (302, "/alerts/rules/two-late-answers/")
    assert (made.state, made.severity, made.current.number, made.current.says) == ("draft", "urgent", 1, SAYS)
    assert (made.current.note, made.current.written_by) == ("why not", admin)


def test_a_flaw_stands_at_its_field_and_nothing_is_saved(admin, client):
    answer = client.post("/alerts/rules/new/", {**FORM, "limit": "many", "do": "save"})
    assert answer.status_code == 422
    assert "p-limit-flaw" in answer.content.decode()
    assert not AlertRule.objects.filter(key="two-late-answers").exists()


def test_every_shipped_rule_shown_in_the_form_and_saved_untouched_makes_no_version(admin, client):
    alerts.rules.ensure(now=clock.now())
    for one in AlertRule.objects.exclude(kind="notice").select_related("current"):
        page = client.get(f"/alerts/rules/{one.key}/edit/")
        form = _fields(page.content.decode())
        answer = client.post(f"/alerts/rules/{one.key}/edit/", {**form, "do": "save"})
        assert answer.status_code == 302, (one.key, answer.content.decode()[-2000:])
        one.refresh_from_db()
        assert one.current.number == 1, (one.key, one.current.says)


def _fields(html):
    """What a browser would send of the form."""
    from html.parser import HTMLParser

    class Form(HTMLParser):
        def __init__(self):
            super().__init__()
            self.found, self.select, self.area = {}, "", ""

        def handle_starttag(self, tag, attrs):
            at = dict(attrs)
            name = at.get("name", "")
            if tag == "input" and name and at.get("type") == "checkbox":
                if "checked" in at:
                    self.found.setdefault(name, []).append(at["value"])
            elif tag == "input" and name:
                self.found[name] = at.get("value", "")
            elif tag == "select":
                self.select = name
            elif tag == "option" and "selected" in at:
                self.found[self.select] = at["value"]
            elif tag == "textarea":
                self.area = name
                self.found[name] = ""

        def handle_data(self, data):
            if self.area:
                self.found[self.area] = data
                self.area = ""

    reader = Form()
    reader.feed(html[html.index("data-build") :])
    return reader.found


def test_the_side_tells_what_it_would_have_done_before_anything_is_saved(admin, client):
    now = clock.now()
    account = make.account(name="Riverside Dental", started_on=(now - timedelta(days=400)).date())
    for number in range(2):
        make.ticket(account, now - timedelta(days=30), due_at=now - timedelta(days=20), external_id=f"t{number}")
    page = client.post("/alerts/rules/look/", FORM, headers={"HX-Request": "true"}).content.decode()
    assert "<b>1 time</b>" in page
    assert "Riverside Dental" in page
    assert AlertRule.objects.count() == 0
    assert RuleTrial.objects.get().result["fired"] == 1


def test_a_try_of_a_large_house_goes_on_in_a_worker_and_can_be_stopped(admin, client, monkeypatch):
    from apps.alerts.rules import trials

    monkeypatch.setattr(trials, "AT_ONCE", -1)
    page = client.post("/alerts/rules/look/", FORM, headers={"HX-Request": "true"}).content.decode()
    trial = RuleTrial.objects.get()
    assert f"/do/alerts/trials/{trial.pk}/stop/" in page
    answer = client.post(f"/do/alerts/trials/{trial.pk}/stop/", follow=True)
    trial.refresh_from_db()
    assert (trial.state, answer.status_code) == ("stopped", 200)
    assert trials.work(trial.pk, clock=clock.now) == ""


def test_the_same_words_make_no_version_and_others_show_what_changed(admin, client):
    one = rule()
    client.post(f"/alerts/rules/{one.key}/edit/", {**FORM, "name": one.name, "severity": "warning", "seen": "1", "do": "save"})
    assert one.versions.count() == 1
    client.post(f"/alerts/rules/{one.key}/edit/", {**FORM, "limit": "3", "name": one.name, "severity": "warning", "seen": "1", "do": "save"})
    page = client.get(f"/alerts/rules/{one.key}/?view=versions").content.decode()
    assert "<del>2</del>" in page
    assert "<ins>3</ins>" in page


def test_a_version_that_another_saved_meanwhile_is_not_written_over(admin, client):
    one = rule()
    alerts.rules.save_version(one, says={**SAYS, "limit": 9}, by=None, actor=ACTOR, now=clock.now())
    answer = client.post(f"/alerts/rules/{one.key}/edit/", {**FORM, "name": one.name, "severity": "warning", "seen": "1", "do": "save"})
    assert answer.status_code == 409
    assert one.versions.count() == 2


def test_live_off_and_gone(admin, client):
    one = rule()
    client.post(f"/do/alerts/rules/{one.key}/live/")
    one.refresh_from_db()
    assert one.state == "live"
    client.post(f"/do/alerts/rules/{one.key}/remove/")
    assert AlertRule.objects.filter(pk=one.pk).exists()
    client.post(f"/do/alerts/rules/{one.key}/off/")
    client.post(f"/do/alerts/rules/{one.key}/remove/")
    assert not AlertRule.objects.filter(pk=one.pk).exists()


@pytest.mark.parametrize("role", [Role.CSM, Role.VIEWER, Role.TEAM_LEAD])
def test_whoever_sees_only_a_book_reads_rules_and_writes_none(client, role):
    one = rule()
    client.force_login(make.user(role))
    assert client.get("/alerts/rules/").status_code == 200
    assert client.get(f"/alerts/rules/{one.key}/").status_code == 200
    assert client.get("/alerts/rules/new/").status_code == 403
    assert client.post("/alerts/rules/look/", FORM).status_code == 403
    assert client.post(f"/do/alerts/rules/{one.key}/live/").status_code == 403
    assert RuleTrial.objects.count() == 0


def test_the_list_shows_each_rule_as_a_sentence(admin, client):
    rule()
    page = client.get("/alerts/rules/?state=draft").content.decode()
    assert "An account&#x27;s late answers is 2 or more" in page
    assert "nobody has judged it yet" in page
