"""Segments by the API: written, put live, asked, and lists made outside."""

import json
from urllib.parse import quote

import pytest
import time_machine

from apps.accounts.types import Role
from apps.campaigns import services
from apps.campaigns.models import ListedAccount, Segment
from tests import make

pytestmark = pytest.mark.django_db
BIG = {"any": [{"kind": "field", "name": "arr", "op": "at_least", "value": 50_000}, {"kind": "listed"}]}


@pytest.fixture
def caller(key):
    return key("segments:read", "segments:write")


def test_a_segment_is_written_put_live_and_asked(caller, now):
    big, small = make.account(external_id="big", arr=80_000), make.account(external_id="small", arr=5)
    with time_machine.travel(now, tick=False):
        made = caller.post("segments/", {"key": "big", "name": "Big", "rule": BIG})
        assert (made.status_code, made.json()["state"], made.json()["number"]) == (201, "draft", 1)
        assert made.json()["words"] == "ARR is at least 50000 or is listed by hand"
        row = f"segments/{made.json()['id']}/"
        assert caller.post("segments/", {"key": "big", "name": "Big", "rule": BIG}).status_code == 409
        assert caller.post(f"{row}go_live/").json()["state"] == "live"
        make.filled(now)
        assert caller.get(row).json()["size"] == 1
        listed = caller.post(f"{row}list_accounts/", {"add": ["small"]})
        assert (listed.status_code, ListedAccount.objects.get().account_id) == (200, small.pk)
        services.segments.refresh(now=now, actor=make.ACTOR)
        inside = caller.get(f"segment-members/?segment_key=big&at={quote(now.isoformat())}").json()["results"]
        assert {one["account_external_id"] for one in inside} == {"big", "small"}
        why = caller.get(f"{row}explain/?account={big.pk}").json()
        assert (why["holds"], [part["holds"] for part in why["parts"]]) == (True, [True, False])
        both = caller.get(f"segments/overlap/?ids={made.json()['id']}").json()["both"]
        assert both == [[made.json()["id"], made.json()["id"], 2]]
        again = {"rule": {"kind": "everybody"}, "note": "All of them."}
        assert caller.post(f"{row}save_version/", again).json()["number"] == 2
        assert caller.post(f"{row}save_version/", again).json()["number"] == 2
        assert caller.post(f"{row}archive/").json()["state"] == "archived"


def test_a_rule_is_counted_unsaved_and_refused_by_place(caller, now):
    make.account(arr=80_000)
    found = caller.get(f"segments/count/?rule={quote(json.dumps(BIG))}")
    assert found.json() == {"accounts": 1, "of": 1, "arr": 80_000.0, "words": "ARR is at least 50000 or is listed by hand"}
    wrong = {"key": "x", "name": "X", "rule": {"all": [{"kind": "in", "segment": "y"}, {"kind": "z"}]}}
    refused = caller.post("segments/", wrong)
    assert refused.status_code == 400
    assert "rule.all[1].kind" in json.dumps(refused.json())
    assert caller.get("segments/count/?rule=%7B").status_code == 400
    assert caller.get("segments/count/").status_code == 400
    assert Segment.objects.count() == 0


def test_accounts_of_another_book_are_neither_listed_nor_explained(key, now):
    owner, other = make.user(Role.CSM), make.account(external_id="theirs")
    mine = make.account(external_id="mine", owner=owner)
    segment = make.segment("all", {"kind": "everybody"}, now=now)
    caller = key("segments:read", "segments:write", owner=owner)
    assert caller.post(f"segments/{segment.pk}/list_accounts/", {"add": ["mine", "theirs"]}).status_code == 400
    assert caller.get(f"segments/{segment.pk}/explain/?account={other.pk}").status_code == 400
    rows = caller.get("segment-members/").json()["results"]
    assert ([row["account"] for row in rows], ListedAccount.objects.count()) == ([mine.pk], 0)
