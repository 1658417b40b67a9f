"""Dashboards: what is stored is what was arranged, everybody sees their own book, and nothing that was saved is ever lost."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.types import Role
from apps.core.errors import Refused
from apps.dashboards.boards import kinds, layout, links, reading, saving, shipped
from apps.dashboards.models import Dashboard, DashboardDraft, ShareLink
from tests import make

pytestmark = pytest.mark.django_db


def says(*widgets, name="Mornings"):
    return {"name": name, "why": "", "widgets": list(widgets)}


def one(kind, **more):
    return layout.widget({"kind": kind, **more}, complete=False)


TEXT = {"kind": "text", "options": {"text": "Call the red ones first."}}


def post(client, path, body):
    return client.post(path, json.dumps(body), content_type="application/json")


@pytest.fixture
def board(csm, now) -> Dashboard:
    return saving.create(csm, says(TEXT), now=now)


def test_there_are_at_least_fourteen_kinds_and_each_is_read_and_drawn():
    assert len(kinds.KINDS) == 16
    read = {*reading._METRICS, *reading._TOGETHER, *reading._ALONE, "text"}
    assert set(kinds.KINDS) == read


def test_widgets_that_stand_on_each_other_are_moved_apart_and_up():
    said = layout.read(
        says({**TEXT, "x": 0, "y": 9, "w": 6, "h": 2}, {**TEXT, "x": 3, "y": 9, "w": 6, "h": 2}, {**TEXT, "x": 9, "y": 9, "w": 3, "h": 1})
    )
    assert [(w["x"], w["y"], w["w"], w["h"]) for w in said["widgets"]] == [(0, 0, 6, 2), (9, 0, 3, 1), (3, 2, 6, 2)]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ([], "bad_board"),
        (says(TEXT, name=" "), "no_name"),
        (says({"kind": "cake"}), "bad_widget"),
        (says({"kind": "figure"}), "bad_widget"),
        (says({"kind": "bar", "metrics": ["arr"]}), "bad_widget"),
        (says(*[TEXT] * 31), "too_many_widgets"),
    ],
)
def test_what_makes_no_dashboard_is_refused_in_words(said, code):
    with pytest.raises(Refused) as refusal:
        layout.read(said)
    assert refusal.value.code == code
    assert "Nothing was saved" in refusal.value.message


def test_a_draft_may_be_unfinished():
    assert layout.read(says({"kind": "figure"}, name=""), complete=False)["widgets"][0]["metrics"] == []


def test_nonsense_in_a_widget_becomes_what_is_usual():
    said = layout.widget(
        {
            "kind": "line",
            "metrics": ["arr", {}, 3],
            "days": "x",
            "refresh": 7,
            "x": 99,
            "w": 99,
            "h": -1,
            "filters": {"owner": "me", "cake": "1"},
            "id": "<b>",
        }
    )
    assert said == {
        "id": "w1",
        "kind": "line",
        "title": "",
        "metrics": ["arr"],
        "dimension": "",
        "filters": {"owner": "me"},
        "days": 90,
        "refresh": 0,
        "options": {"ahead": "0"},
        "x": 0,
        "y": 0,
        "w": 12,
        "h": 3,
    }


def test_each_save_is_a_version_and_the_same_again_is_none(board, csm, now):
    saving.save(board, says(TEXT, {**TEXT, "y": 4}), user=csm, seen=1, now=now)
    board.refresh_from_db()
    saving.save(board, board.current.says, user=csm, seen=2, now=now)
    assert list(board.versions.values_list("number", "note")) == [(2, "added Text"), (1, "")]


def test_who_was_slower_is_told_and_keeps_the_draft(board, csm, now):
    other = make.user()
    saving.keep_draft(csm, board, says(TEXT, name="Mine"), seen=1, now=now)
    saving.save(board, says(TEXT, name="Theirs"), user=other, seen=1, now=now)
    with pytest.raises(Refused, match="saved version 2 meanwhile"):
        saving.save(board, says(TEXT, name="Mine"), user=csm, seen=1, now=now)
    board.refresh_from_db()
    assert (board.name, DashboardDraft.objects.get(user=csm).says["name"]) == ("Theirs", "Mine")
    saving.save(board, says(TEXT, name="Mine"), user=csm, seen=2, now=now)
    board.refresh_from_db()
    assert (board.name, board.version, DashboardDraft.objects.filter(user=csm).exists()) == ("Mine", 3, False)


def test_a_former_version_comes_back_as_the_newest(staff, board, csm, now):
    saving.save(board, says(TEXT, name="Evenings"), user=csm, seen=1, now=now)
    answer = staff.post(reverse("dashboard_do", args=[board.pk, "restore"]), {"number": 1, "seen": 2})
    board.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, f"/dashboards/{board.pk}/?saved=3")
    assert (board.name, board.version, board.current.note) == ("Mornings", 3, "Back to version 1")


def test_the_builder_saves_and_says_what_is_missing(staff, csm):
    refused = post(staff, reverse("dashboard_new"), {"says": says(TEXT, name="")})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_name")
    made = post(staff, reverse("dashboard_new"), {"says": says(TEXT)})
    board = Dashboard.objects.get(owner=csm)
    assert made.json() == {"url": f"/dashboards/{board.pk}/?saved=1"}
    assert staff.get(made.json()["url"]).status_code == 200


def test_a_draft_outlives_the_page_and_belongs_to_one_person(staff, board, csm):
    post(staff, reverse("dashboard_draft"), {"board": board.pk, "seen": 1, "says": says(TEXT, name="Half done")})
    assert "Half done" in staff.get(reverse("dashboard_edit", args=[board.pk])).content.decode()
    post(staff, reverse("dashboard_draft"), {"board": board.pk, "drop": True})
    assert "Half done" not in staff.get(reverse("dashboard_edit", args=[board.pk])).content.decode()


def test_a_personal_one_is_seen_by_nobody_else(client, board):
    client.force_login(make.user(None, is_superuser=True))
    for name in ("dashboard", "dashboard_data", "dashboard_edit", "dashboard_wall", "dashboard_history"):
        assert client.get(reverse(name, args=[board.pk])).status_code == 404, name


def test_a_teams_is_seen_by_the_team_and_changed_by_whom_its_owner_names(client, now):
    team = make.team()
    owner, mate, stranger = make.user(team=team), make.user(team=team), make.user(team=make.team())
    board = saving.create(owner, says(TEXT), now=now, sees="team")
    seen = [Dashboard.objects.for_user(who).filter(pk=board.pk).exists() for who in (owner, mate, stranger)]
    assert seen == [True, True, False]
    assert not board.may_be_changed_by(mate)
    saving.share(board, sees="team", edits="team", now=now)
    board.refresh_from_db()
    assert board.may_be_changed_by(mate)
    assert not board.may_be_changed_by(stranger)


def test_a_viewer_looks_at_what_is_for_everybody_and_changes_nothing(client, now):
    board = saving.create(make.user(), says(TEXT), now=now, sees="everybody")
    saving.share(board, sees="everybody", edits="everybody", now=now)
    client.force_login(make.user(Role.VIEWER))
    text = client.get(reverse("dashboard", args=[board.pk])).content.decode()
    assert "/do/" not in text
    assert [client.get(reverse(name, args=args)).status_code for name, args in (("dashboard_edit", [board.pk]), ("dashboard_new", []))] == [403, 403]
    assert client.post(reverse("dashboard_do", args=[board.pk, "duplicate"])).status_code == 403


def test_a_link_opens_one_dashboard_until_it_is_closed_or_over(client, board, csm, now):
    link = links.make(board, user=csm, days=7, now=now)
    token = links.token(link)
    colleague = Client()
    colleague.force_login(make.user())
    door = colleague.get(reverse("dashboard_shared", args=[token]))
    assert door["Location"] == f"/dashboards/{board.pk}/?link={token}"
    assert colleague.get(door["Location"]).status_code == 200
    assert colleague.get(f"/dashboards/{board.pk}/data/?link={token}").status_code == 200
    assert colleague.get(f"/dashboards/{board.pk}/edit/?link={token}").status_code == 403
    link.refresh_from_db()
    assert link.opened == 1
    links.revoke(board, link.pk, now=now)
    assert colleague.get(door["Location"]).status_code == 404
    late = links.make(board, user=csm, days=1, now=now - timedelta(days=2))
    assert links.opened(links.token(late), now=now) is None
    assert links.opened(token[:-2] + "xx", now=now) is None
    assert client.get(reverse("dashboard_shared", args=[token])).status_code == 302, "a stranger signs in first"


def test_behind_a_link_everybody_sees_their_own_book(csm, now):
    mine, theirs = make.account(owner=csm, name="Mine Dental"), make.account(owner=(other := make.user()), name="Theirs Dental")
    for account in (mine, theirs):
        make.risk(account, now=now, probability=0.9)
        make.alert(account, now=now, title="It may leave")
    board = saving.create(csm, says({"kind": "table"}, {"kind": "alerts", "y": 5}, {"kind": "scatter", "y": 9}), now=now)
    client = Client()
    client.force_login(other)
    text = client.get(f"/dashboards/{board.pk}/data/?link={links.token(links.make(board, user=csm, days=1, now=now))}").content.decode()
    assert "Theirs Dental" in text
    assert "Mine Dental" not in text


def test_every_kind_answers_for_an_empty_company_and_for_a_full_one(csm, now):
    admin = make.user(None, is_superuser=True)
    widgets = [{**one(key, metrics=["arr", "customers"], dimension="plan"), "id": key} for key in kinds.KINDS]
    empty = reading.data(admin, widgets, now=now)
    assert {key for key, found in empty.items() if "error" in found} == set()
    for number in range(3):
        account = make.account(owner=csm, plan="pro", started_on=now.date() - timedelta(days=200), churned_on=None, renews_on=now.date())
        make.risk(account, now=now, probability=0.3 * number)
        make.alert(account, now=now)
    found = reading.data(admin, widgets, now=now)
    assert {key for key, each in found.items() if "error" in each} == set()
    assert [len(found["table"]["lines"]), len(found["scatter"]["dots"]), len(found["alerts"]["lines"])] == [3, 3, 3]
    assert sum(each["count"] for each in found["bands"]["lines"]) == 3
    assert found["cohorts"]["lines"][0]["began"] == 3
    assert found["table"]["kind"] == "table"


def test_one_widget_that_cannot_be_read_leaves_the_others_alone(csm, now):
    found = reading.data(csm, [{**one("figure", metrics=["cake"]), "id": "a"}, {**one("text", options={"text": "Hello"}), "id": "b"}], now=now)
    assert "There is no figure 'cake'" in found["a"]["error"]
    assert found["b"]["text"] == "Hello"


def test_the_filters_of_the_whole_dashboard_come_before_those_of_a_widget(csm, now):
    for plan in ("pro", "free"):
        make.account(owner=csm, plan=plan, name=f"{plan} account", arr=1)
    widgets = [{**one("table", filters={"plan": "pro"}, options={"rank": "-arr"}), "id": "a"}]
    assert [line["name"] for line in reading.data(csm, widgets, now=now)["a"]["lines"]] == ["pro account"]
    assert [line["name"] for line in reading.data(csm, widgets, now=now, over={"plan": "free"})["a"]["lines"]] == ["free account"]


def test_me_means_whoever_reads(now):
    one_, other = make.user(), make.user()
    admin = make.user(None, is_superuser=True)
    for who in (one_, other):
        make.account(owner=who, name=f"of {who}")
    widgets = [{**one("table", filters={"owner": "me"}, options={"rank": "-arr"}), "id": "a"}]
    assert [line["name"] for line in reading.data(other, widgets, now=now)["a"]["lines"]] == [f"of {other}"]
    assert reading.data(admin, widgets, now=now)["a"]["lines"] == []


def test_a_page_of_many_widgets_costs_hardly_more_than_one_of_few(staff, csm, now):
    make.risk(make.account(owner=csm), now=now, probability=0.5)

    def cost(times):
        widgets = [
            {"kind": kind, "y": 10 * place, "metrics": ["customers"], "dimension": "plan"}
            for place, kind in enumerate(kinds.KINDS)
            if kind not in ("funnel", "text")
        ] * times
        board = saving.create(csm, says(*widgets), now=now)
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(reverse("dashboard_data", args=[board.pk])).status_code == 200
        return len(queries)

    cost(1)
    assert cost(2) == cost(1)


def test_the_table_behind_a_widget_is_a_file_that_runs_nothing(staff, csm, now):
    make.risk(make.account(owner=csm, name="=cmd()"), now=now, probability=0.9)
    board = saving.create(csm, says({"kind": "table"}), now=now)
    answer = staff.get(reverse("dashboard_csv", args=[board.pk, "w1"]))
    assert answer["Content-Disposition"] == 'attachment; filename="mornings-accounts.csv"'
    assert answer.content.decode().splitlines()[1].startswith("'=cmd(),")


def test_the_rows_behind_a_figure_have_a_page(staff, csm):
    assert staff.get(reverse("metric_rows", args=["arr"])).status_code == 200
    assert staff.get(reverse("metric_rows", args=["cake"])).status_code == 404


def test_shipped_ones_are_there_for_everybody_and_are_made_once(staff, now):
    assert shipped.ensure(now=now) == ["my-book", "my-team", "executive", "now"]
    assert shipped.ensure(now=now) == []
    for board in Dashboard.objects.exclude(key=None):
        data = staff.get(reverse("dashboard_data", args=[board.pk])).json()
        assert [key for key, each in data["widgets"].items() if "error" in each] == [], board.name
        assert staff.get(reverse("dashboard_edit", args=[board.pk])).status_code == 403


def test_a_copy_is_ones_own(staff, csm, now):
    shipped.ensure(now=now)
    answer = staff.post(reverse("dashboard_do", args=[Dashboard.objects.get(key="my-book").pk, "duplicate"]))
    mine = Dashboard.objects.get(owner=csm)
    assert (answer["Location"], mine.name, mine.key, mine.sees) == (f"/dashboards/{mine.pk}/edit/", "My book", None, "owner")


def test_what_was_put_away_comes_back_with_one_click(staff, board):
    answer = staff.post(reverse("dashboard_do", args=[board.pk, "archive"]))
    assert staff.get(reverse("dashboard", args=[board.pk])).status_code == 404
    assert "is in the archive" in staff.get(answer["Location"]).content.decode()
    staff.post(reverse("dashboard_do", args=[board.pk, "back"]))
    assert staff.get(reverse("dashboard", args=[board.pk])).status_code == 200


def test_the_wall_goes_round_only_what_is_seen(staff, board, now):
    theirs = saving.create(make.user(), says(TEXT), now=now)
    text = staff.get(f"{reverse('dashboard_wall', args=[board.pk])}?with={theirs.pk},{board.pk}&every=5").content.decode()
    assert f'data-round="{board.pk}" data-every="10"' in text


def test_a_link_lasts_as_long_as_one_of_the_choices(board, csm, now):
    with pytest.raises(Refused):
        links.make(board, user=csm, days=10_000, now=now)
    assert not ShareLink.objects.exists()
