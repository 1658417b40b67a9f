"""Pages of segments: what the form shows is what the rule says, the count follows what is typed, and everybody sees their own book."""

import json

import pytest
from django.http import QueryDict

from apps.accounts.types import Role
from apps.campaigns import services as campaigns
from apps.campaigns.models import Segment
from apps.dashboards.segment_form import draft as drafts
from apps.dashboards.segment_form import reading
from apps.dashboards.segment_form.fields import LEAVES
from tests import make

from .test_play_builder import Form

pytestmark = pytest.mark.django_db
GOLD = {"kind": "field", "name": "tier", "value": "gold"}
# One line of every kind, as somebody may say it.
LINES = [
    GOLD,
    {"kind": "everybody"},
    {"kind": "listed"},
    {"kind": "field", "name": "arr", "op": "at_least", "value": 5000.0},
    {"kind": "field", "name": "plan", "op": "one_of", "value": ["pro", "team"]},
    {"kind": "field", "name": "zone", "op": "unknown"},
    {"kind": "trait", "name": "beta", "value": True},
    {"kind": "trait", "name": "size", "op": "over", "value": 3.0},
    {"kind": "did", "name": "export", "op": "at_least", "times": 3, "within_days": 30},
    {"kind": "last", "meaning": "core", "op": "at_least", "days": 14},
    {"kind": "sequence", "first": "trial", "then": "invite", "within_days": 10},
    {"kind": "health", "op": "under", "value": 40.0},
    {"kind": "health", "band": "poor"},
    {"kind": "risk", "op": "is_not", "band": "high"},
    {"kind": "driver", "feature": "recency"},
    {"kind": "ticket", "priority": ["p1", "p2"]},
    {"kind": "ticket", "open": False},
    {"kind": "survey", "survey": "nps", "op": "at_least", "value": 9.0, "within_days": 90},
    {"kind": "milestone", "key": "first-export", "state": "stuck"},
    {"kind": "tier", "key": ""},
    {"kind": "play", "key": "save", "state": "ended", "within_days": 60},
    {"kind": "coaching", "reached": False, "within_days": 30},
    {"kind": "revenue", "movement": "expansion", "op": "over", "value": 100.0, "within_days": 30},
    {"kind": "renewal", "op": "at_most", "days": 60},
    {"kind": "consent", "channel": "email", "topic": "news", "allowed": False},
    {"kind": "in", "segment": "other"},
    {"kind": "bucket", "from": 10.0, "to": 20.0, "salt": "spring"},
]


def posted(page):
    """What a browser would post of the form on a page, as a QueryDict."""
    data = QueryDict(mutable=True)
    for name, values in Form(page).post().items():
        data.setlist(name, values)
    return data


def said(client, key):
    data = posted(client.get(f"/segments/{key}/edit/").content.decode())
    return drafts.posted(data, roots=reading.ROOTS, say=reading.said, key=key).says


def test_every_kind_of_line_comes_back_from_the_form_as_it_was(client, now):
    client.force_login(make.user(None, is_superuser=True))
    make.segment("other", GOLD, now=now)
    rule = {"all": [*LINES[:10], {"any": [*LINES[10:20], {"none": LINES[20:]}]}]}
    made = campaigns.segments.create(key="whole", name="Whole", why="All kinds", rule=rule, actor=make.ACTOR, now=now)
    assert {line["kind"] for line in LINES} == set(LEAVES)
    found = said(client, "whole")
    assert campaigns.segments.rules.plain(campaigns.segments.rules.read(found["rule"])) == made.current.rule
    assert (found["leaves"], found["stay_days"]) == (None, 0)


def test_a_second_rule_to_leave_by_and_days_to_stay_come_back_too(client, now):
    client.force_login(make.user(None, is_superuser=True))
    leaves = {"any": [{"kind": "health", "op": "over", "value": 60.0}, GOLD]}
    campaigns.segments.create(key="calm", name="Calm", rule=GOLD, leaves=leaves, stay_days=7, actor=make.ACTOR, now=now)
    assert said(client, "calm") == {"rule": GOLD, "leaves": leaves, "stay_days": 7}


def test_a_segment_is_built_counted_saved_and_put_live(client, now):
    lead = make.user(None, is_superuser=True)
    client.force_login(lead)
    for number in range(3):
        make.account(owner=lead, name=f"Gold {number}", tier="gold")
    make.account(owner=lead, name="Plain", tier="silver")
    form = {"name": "Gold ones", "why": "They hear first.", "rule.joint": "all", "rule.rows.0.kind": "field", "rule.rows.0.name": "tier"}
    form |= {"rule.rows.0.op": "is", "rule.rows.0.value": "gold"}
    looked = client.post("/segments/look/", form).content.decode()
    assert "<b>3</b> of 4 accounts" in looked
    assert "Gold 0" in looked
    assert "Tier is gold." in looked
    answer = client.post("/segments/new/", {**form, "do": "save"})
    assert (answer.status_code, answer["Location"]) == (302, "/segments/gold-ones/")
    segment = Segment.objects.select_related("current").get(key="gold-ones")
    assert (segment.state, segment.current.rule) == ("draft", GOLD)
    client.post("/do/segments/gold-ones/live/")
    page = client.get("/segments/gold-ones/").content.decode()
    assert "being counted: 0 % looked at" in page
    make.filled(now)
    assert "Gold 1" in client.get("/segments/gold-ones/?view=members").content.decode()
    assert client.get("/segments/").content.decode().count("<b>3</b>") == 1


def test_flaws_stand_at_their_lines_and_nothing_is_saved(client, now):
    client.force_login(make.user(None, is_superuser=True))
    form = {"name": "Bad", "why": "x", "rule.joint": "any", "rule.rows.0.kind": "field", "rule.rows.0.name": "arr", "rule.rows.0.op": "over"}
    form |= {"rule.rows.0.value": "much", "rule.rows.1.kind": "sequence", "rule.rows.1.first": "a", "do": "save"}
    answer = client.post("/segments/new/", form)
    found = Form(answer.content.decode())
    assert answer.status_code == 422
    assert found.flaws == ["“ARR” is compared with a number, not with 'much'.", "This is missing."]
    assert not Segment.objects.exists()


def test_buttons_of_lines_and_groups_keep_what_was_typed_and_can_be_taken_back(client, now):
    client.force_login(make.user(None, is_superuser=True))
    form = {"name": "N", "why": "y", "rule.joint": "all", "rule.rows.0.kind": "field", "rule.rows.0.name": "tier", "rule.rows.0.value": "gold"}
    grown = posted(client.post("/segments/new/", {**form, "do": "group:rule"}).content.decode())
    assert grown["rule.rows.1.joint"] == "any"
    grown["rule.rows.1.rows.0.kind"] = "health"
    grown["do"] = "drop:rule.rows.0"
    left = posted(client.post("/segments/new/", grown).content.decode())
    assert json.loads(left["before"])["rule"] == {"all": [GOLD, {"any": [{"kind": "health"}]}]}
    assert "rule.rows.0.rows.0.kind" in left
    left["do"] = "undo"
    assert posted(client.post("/segments/new/", left).content.decode())["rule.rows.0.value"] == "gold"


def test_why_somebody_is_in_or_not_is_told_of_the_own_book_only(client, now):
    lead, other = make.user(Role.CSM), make.user(Role.CSM)
    mine, theirs = make.account(owner=lead, name="Mine", tier="silver"), make.account(owner=other, name="Theirs", tier="gold")
    make.segment("gold", {"all": [GOLD, {"kind": "field", "name": "arr", "op": "at_least", "value": 0}]}, now=now)
    client.force_login(lead)
    page = client.get(f"/segments/gold/?who=Mine&account={mine.pk}").content.decode()
    assert "is not in it: it does not fit the rule." in page
    assert "it is silver" in page
    assert "Theirs" not in client.get(f"/segments/gold/?who=Theirs&account={theirs.pk}").content.decode().replace('value="Theirs"', "").replace(
        "“Theirs”", ""
    )
    assert "Theirs" not in client.get("/segments/gold/?view=members").content.decode()


def test_a_segment_in_use_is_not_archived(client, now):
    client.force_login(make.user(None, is_superuser=True))
    make.segment("gold", GOLD, now=now)
    make.segment("inner", {"kind": "in", "segment": "gold"}, now=now, name="Inner")
    assert "segment “Inner”" in client.get("/segments/gold/").content.decode()
    client.post("/do/segments/gold/archive/")
    assert Segment.objects.get(key="gold").state == "live"


@pytest.mark.parametrize(("role", "read", "write"), [(Role.VIEWER, 200, 403), (Role.CSM, 200, 403), (Role.TEAM_LEAD, 200, 200)])
def test_who_may_read_and_who_may_write(client, now, role, read, write):
    make.segment("gold", GOLD, now=now)
    client.force_login(make.user(role))
    assert [client.get(path).status_code for path in ("/segments/", "/segments/gold/")] == [read, read]
    assert [client.get(path).status_code for path in ("/segments/new/", "/segments/gold/edit/")] == [write, write]
    if write == 403:
        assert client.post("/do/segments/gold/archive/").status_code == 403
