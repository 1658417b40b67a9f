"""The board of milestones, the page of one, and the path of an account with its buttons."""

from datetime import timedelta

import pytest

from apps.accounts.types import Role
from apps.milestones import services as milestones
from apps.milestones.models import Claim, Milestone, Progress
from tests import make
from tests.make import ACTOR

pytestmark = pytest.mark.django_db


def way(account, milestone, now, *, days=10, **fields):
    """Open since some days; behind from day 14 and stuck from day 28 unless it says otherwise."""
    opened = now - timedelta(days=days)
    edges = {"behind_at": opened + timedelta(days=14), "stuck_at": opened + timedelta(days=28)}
    pace = "stuck" if days >= 28 else "behind" if days >= 14 else "on_track"
    values = {"version": milestone.current, "state": "open", "opened_at": opened, "target": 5.0, "pace": pace, **edges}
    return Progress.objects.create(account=account, milestone=milestone, **{**values, **fields})


def words(answer, status=200):
    assert answer.status_code == status, answer.content[-500:]
    return " ".join(answer.content.decode().split())


@pytest.fixture
def book(csm, now):
    """One stuck with little at stake, one stuck with much, one behind, one on track; and one in another's book."""
    first = make.milestone("first-report")
    accounts = {
        name: make.account(name=name, owner=csm, arr=arr) for name, arr in (("Small", 1_000), ("Large", 90_000), ("Late", 5_000), ("Fine", 5_000))
    }
    make.risk(accounts["Large"], now=now, probability=0.5)
    make.risk(accounts["Small"], now=now, probability=0.5)
    for name, days in (("Small", 40), ("Large", 31), ("Late", 20), ("Fine", 3)):
        way(accounts[name], first, now, days=days, have=2.0)
    way(make.account(name="Elsewhere", owner=make.user()), first, now, days=50)
    return accounts | {"first": first}


def test_the_board_tells_the_stuck_first_and_the_most_at_stake_first_of_ones_own_book(staff, book):
    shown = words(staff.get("/milestones/"))
    places = [shown.index(f">{name}</a>") for name in ("Large", "Small", "Late", "Fine")]
    assert places == sorted(places)
    assert "Elsewhere" not in shown
    assert "All <small>4</small>" in shown
    assert "Stuck <small>2</small>" in shown
    assert "3 days past day 28, by which nine of ten are there; nothing was done for it yet." in shown
    assert "6 days past day 14, by which three of four are there; stuck from day 28" in shown
    assert "Behind from day 14, in " in shown
    assert "2 of 5" in shown


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?pace=behind", {"Late"}),
        ("?pace=nonsense", {"Small", "Large", "Late", "Fine"}),
        ("?owner=nobody", set()),
        ("?milestone=first-report&pace=stuck", {"Small", "Large"}),
        ("?milestone=other", set()),
        ("?plan=gold", {"Fine"}),
        ("?owner=99999999999999999999", {"Small", "Large", "Late", "Fine"}),
    ],
)
def test_it_narrows_by_pace_owner_milestone_and_plan(staff, book, query, names):
    fine = book["Fine"]
    fine.plan = "gold"
    fine.save()
    shown = words(staff.get(f"/milestones/{query}"))
    assert {name for name in ("Small", "Large", "Late", "Fine") if f">{name}</a>" in shown} == names
    assert names or "Nobody is on such a way now" in shown


def test_customers_who_left_and_milestones_that_are_retired_are_not_on_the_board(staff, book, now):
    gone = book["Small"]
    gone.stage = "churned"
    gone.save()
    assert ">Small</a>" not in words(staff.get("/milestones/"))
    milestones.turn(Milestone.objects.get(key="first-report"), "retired", actor=ACTOR, now=now)
    assert "Nobody is on the way to a milestone" in words(staff.get("/milestones/"))


def test_durations_are_drawn_with_how_many_are_known_and_who_is_not_counted(staff, csm, book, now):
    for days in (2, 4, 6, 8, 10):
        opened = now - timedelta(days=60)
        reached = opened + timedelta(days=days)
        way(
            make.account(),
            book["first"],
            now,
            opened_at=opened,
            state="achieved",
            achieved_at=reached,
            noticed_at=reached,
            via="rule",
            pace="on_track",
        )
    shown = words(staff.get("/milestones/"))
    assert "6.0 · 8.0" in shown
    assert "<b>5</b><small>5 on the way</small>" in shown
    one = words(staff.get("/milestones/first-report/?view=takes"))
    assert "<b>Everybody</b>" in one
    assert "9.2" in one


def test_a_milestones_page_says_it_in_words_with_its_funnel_and_versions(staff, book, now):
    first = book["first"]
    said = {**first.current.definition, "days": {"behind": 7, "stuck": 21}, "audience": {"tier": ["gold"]}}
    milestones.save_version(first, says=said, note="Gold moves faster", actor=ACTOR, now=now)
    shown = words(staff.get("/milestones/first-report/"))
    assert "“report.shared” 5 times" in shown
    assert "tier gold" in shown
    assert "behind after 7 days, stuck after 21" in shown
    assert "Teilen Sie, was Sie sehen." in shown
    versions = words(staff.get("/milestones/first-report/?view=versions"))
    assert "Gold moves faster" in versions
    assert "<del>behind after 14 days, stuck after 28</del>" in versions
    assert "<ins>behind after 7 days, stuck after 21</ins>" in versions


def test_only_leads_and_administrators_turn_a_milestone(client, staff, book, now):
    assert staff.post("/do/milestones/first-report/turn/retired/").status_code == 403
    assert Milestone.objects.get().state == "live"
    client.force_login(make.user(Role.ADMINISTRATOR))
    assert client.post("/do/milestones/first-report/turn/retired/").status_code == 302
    assert Milestone.objects.get().state == "retired"


def test_an_accounts_path_tells_what_is_next_with_its_chance_and_why(staff, csm, now):
    first, second = make.milestone("first-report"), make.milestone("second-report", needs=["first-report"])
    account = make.account(owner=csm, started_on=now.date() - timedelta(days=30))
    milestones.evaluate([account.pk], now=now, actor=ACTOR)
    milestones.offer_next(account_ids=[account.pk], now=now, actor=ACTOR)
    shown = words(staff.get(f"/accounts/{account.pk}/?tab=path"))
    assert "<b>0</b> of 2 reached" in shown
    assert "<h3>Next</h3>" in shown
    assert "chance to reach it in time" in shown
    assert "Why this one next" in shown
    assert "Why this difficulty" in shown
    assert "Opens after “first-report”" in shown
    assert Progress.objects.filter(milestone__in=[first, second], offered_at__isnull=False).count() == 1


def test_staff_say_that_it_is_reached_with_proof_and_take_it_back_with_a_reason(staff, csm, now):
    make.milestone("first-report")
    account = make.account(owner=csm, started_on=now.date() - timedelta(days=30))
    door = f"/do/accounts/{account.pk}/path/first-report/reached/"
    hx = {"HX-Request": "true"}
    bare = staff.post(door, {"proof": " "}, headers=hx)
    assert bare.status_code == 409
    assert not Progress.objects.filter(state="achieved").exists()
    assert staff.post(door, {"proof": "The minutes of our call", "on": (now - timedelta(days=2)).date().isoformat()}, headers=hx).status_code == 204
    row = Progress.objects.get(account=account)
    assert (row.state, row.via, row.proof) == ("achieved", "manual", "The minutes of our call")
    assert row.achieved_at.date() == (now - timedelta(days=2)).date()
    shown = words(staff.get(f"/accounts/{account.pk}/?tab=path"))
    assert "a person, with proof" in shown
    assert "The minutes of our call" in shown
    assert staff.post(f"/do/progress/{row.pk}/take-back/", {"reason": ""}, headers=hx).status_code == 409
    assert staff.post(f"/do/progress/{row.pk}/take-back/", {"reason": "It was another account"}, headers=hx).status_code == 204
    row.refresh_from_db()
    assert (row.state, row.ruled) == ("open", False)
    assert "Let it count again" in words(staff.get(f"/accounts/{account.pk}/?tab=path"))
    assert staff.post(f"/do/progress/{row.pk}/judge/", headers=hx).status_code == 204
    row.refresh_from_db()
    assert row.ruled


def test_a_day_that_is_none_or_lies_ahead_changes_nothing(staff, csm, now):
    make.milestone("first-report")
    account = make.account(owner=csm)
    for day in ("soon", "2026-13-45", (now + timedelta(days=3)).date().isoformat()):
        answer = staff.post(f"/do/accounts/{account.pk}/path/first-report/reached/", {"proof": "x", "on": day}, headers={"HX-Request": "true"})
        assert answer.status_code == 409, day
    assert not Progress.objects.exists()


def test_a_pause_stops_the_clock_and_can_be_undone(staff, csm, now):
    row = way(make.account(owner=csm), make.milestone("first-report"), now, days=3)
    hx = {"HX-Request": "true"}
    answer = staff.post(f"/do/progress/{row.pk}/pause/", headers=hx)
    assert f"/do/progress/{row.pk}/resume/" in answer["HX-Trigger"]
    row.refresh_from_db()
    assert row.state == "paused"
    assert staff.post(f"/do/progress/{row.pk}/resume/", headers=hx).status_code == 204
    row.refresh_from_db()
    assert row.state == "open"
    assert staff.post(f"/do/progress/{row.pk}/nonsense/", headers=hx).status_code == 404


def test_another_book_and_viewers_change_nothing(client, staff, csm, now):
    milestone = make.milestone("first-report")
    theirs = way(make.account(owner=make.user()), milestone, now, days=3)
    assert staff.post(f"/do/progress/{theirs.pk}/pause/").status_code == 404
    assert staff.post(f"/do/accounts/{theirs.account_id}/path/first-report/reached/", {"proof": "x"}).status_code == 404
    client.force_login(make.user(Role.VIEWER))
    assert client.post(f"/do/progress/{theirs.pk}/pause/").status_code == 403
    shown = words(client.get(f"/accounts/{theirs.account_id}/?tab=path"))
    assert "Mark as reached" not in shown
    assert "/c/path/" not in shown
    theirs.refresh_from_db()
    assert theirs.state == "open"


def test_the_link_on_the_tab_shows_what_the_customer_sees_and_changes_nothing(client, staff, csm, now):
    make.milestone("first-report")
    account = make.account(owner=csm, name="Riverside Dental")
    make.contact(account)
    shown = words(staff.get(f"/accounts/{account.pk}/?tab=path"))
    link = shown.split('href="/c/path/')[1].split('"')[0]
    assert "The path of Riverside Dental" in words(client.get(f"/c/path/{link}"))


def test_the_path_as_of_a_day_tells_what_was_reached_by_then(staff, csm, now):
    account = make.account(owner=csm)
    for days, key in ((30, "early"), (2, "lately")):
        at = now - timedelta(days=days)
        way(account, make.milestone(key), now, state="achieved", achieved_at=at, noticed_at=at, via="rule")
    day = (now - timedelta(days=10)).date().isoformat()
    shown = words(staff.get(f"/accounts/{account.pk}/?tab=path&as_of={day}"))
    assert "1 reached by then" in shown
    assert ">early</a>" in shown
    assert ">lately</a>" not in shown
    assert "Mark as reached" not in shown


def test_an_account_may_get_everything_as_it_is_written(staff, csm, now):
    make.milestone("first-report")
    account = make.account(owner=csm)
    answer = staff.post(f"/do/accounts/{account.pk}/as-written/yes/", headers={"HX-Request": "true"})
    assert "as-written/no/" in answer["HX-Trigger"]
    assert "They get every milestone as it is written." in words(staff.get(f"/accounts/{account.pk}/?tab=path"))


def test_words_that_differ_stand_side_by_side_and_one_can_be_withdrawn(staff, csm, now):
    milestone, account = make.milestone("first-report"), make.account(owner=csm, name="Riverside Dental", started_on=now.date() - timedelta(days=30))
    said = {"account": account, "milestone": milestone, "actor": ACTOR, "now": now}
    milestones.achieve(**said, proof="Their minutes", at=now - timedelta(days=9))
    milestones.achieve(**said, kind="api", source="crm", key="a", at=now - timedelta(days=2))
    shown = words(staff.get("/milestones/"))
    assert "Where words differ" in shown
    assert "Riverside Dental: First-report" in shown
    assert f"{now - timedelta(days=2):%-d %b %Y}, says crm" in shown
    manual = Claim.objects.get(kind="manual")
    assert staff.post(f"/do/said/{manual.pk}/withdraw/", headers={"HX-Request": "true"}).status_code == 204
    row = Progress.objects.get()
    assert (row.via, row.source, row.achieved_at) == ("api", "crm", now - timedelta(days=2))
    assert "Where words differ" not in words(staff.get("/milestones/"))
    theirs = make.account(owner=make.user(), started_on=now.date() - timedelta(days=30))
    milestones.achieve(**{**said, "account": theirs}, proof="x")
    assert staff.post(f"/do/said/{Claim.objects.get(account=theirs).pk}/withdraw/").status_code == 404
