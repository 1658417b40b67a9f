"""Dashboards over the API: whose they are, what they show to whom, and how a program arranges them."""

import pytest

from apps.core import clock
from apps.dashboards.boards import saving
from tests import make

pytestmark = pytest.mark.django_db
TEXT = {"kind": "text", "options": {"text": "Hello"}}


def test_a_program_of_nobody_makes_the_houses_own_and_arranges_it_again(api):
    made = api.post("dashboards/", {"name": "From outside", "widgets": [TEXT]})
    told = made.json()
    assert (made.status_code, told["owner"], told["sees"], told["version"], told["widgets"][0]["id"]) == (201, None, "everybody", 1, "w1")
    again = api.post(f"dashboards/{told['id']}/save_version/", {"name": "Anew", "widgets": [TEXT, TEXT], "seen": 1}).json()
    assert (again["name"], again["version"], [one["y"] for one in again["widgets"]]) == ("Anew", 2, [0, 2])
    late = api.post(f"dashboards/{told['id']}/save_version/", {"name": "Late", "widgets": [], "seen": 1})
    assert (late.status_code, late.json()["code"]) == (409, "board_moved")


def test_a_key_sees_its_owners_dashboards_and_their_own_book(key):
    owner, now = make.user(), clock.now()
    make.risk(make.account(owner=owner, name="Mine Dental"), now=now, probability=0.9)
    make.risk(make.account(owner=make.user(), name="Theirs Dental"), now=now, probability=0.9)
    board = saving.create(owner, {"name": "Mine", "widgets": [{"kind": "table"}, {"kind": "text", "y": 9}]}, now=now)
    mine = key("dashboards:read", "dashboards:write", owner=owner)
    found = mine.get(f"dashboards/{board.pk}/data/?only=w1").json()["widgets"]
    assert [line["name"] for line in found["w1"]["lines"]] == ["Mine Dental"]
    assert set(found) == {"w1"}
    assert key("dashboards:read").get(f"dashboards/{board.pk}/").status_code == 404


def test_what_is_no_dashboard_is_refused_by_its_words(api):
    assert api.post("dashboards/", {"name": "Odd", "widgets": [{"kind": "cake"}]}).json()["code"] == "bad_widget"
    board = api.post("dashboards/", {"name": "Good", "widgets": []}).json()["id"]
    assert api.get(f"dashboards/{board}/data/?cake=1").status_code == 400


def test_others_look_and_do_not_arrange(key):
    board = saving.create(make.user(), {"name": "Theirs", "widgets": []}, now=clock.now(), sees="everybody")
    answer = key("dashboards:read", "dashboards:write").post(f"dashboards/{board.pk}/save_version/", {"name": "Mine now", "widgets": [], "seen": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
