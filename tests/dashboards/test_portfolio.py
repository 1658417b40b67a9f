import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account
from apps.accounts.types import Role
from apps.core.reading import nothing, read
from apps.dashboards.models import SavedView
from apps.dashboards.selectors import columns, figures, orders, portfolio
from apps.dashboards.selectors.portfolio import Asked
from tests import make

pytestmark = pytest.mark.django_db
ALL = set(columns.BY_KEY)
EVERYTHING = SavedView(columns=[{"key": key} for key in columns.BY_KEY])


def walked(user, now, *, limit=50, **asked):
    """All rows in the order of the list, however many blocks it takes."""
    found, after = [], ""
    while True:
        block = read(portfolio.block(user, Asked(**asked), now=now, shown={"name"}, after=after, limit=limit))
        found += [row["cells"]["name"]["text"] for row in block.rows]
        after = block.more
        if not after:
            return found


@pytest.fixture
def book(csm, now):
    """Three accounts that differ in everything a list can sort or narrow by."""
    small = make.account(
        owner=csm, name="alder", arr=1_000, renews_on=now.date() + timedelta(days=20), domain="alder.example", tier="gold", tags=["beta", "eu"]
    )
    middle = make.account(owner=csm, name="Birch", arr=5_000, renews_on=now.date() + timedelta(days=80), stage="onboarding", segment="retail")
    large = make.account(owner=csm, name="Cedar", arr=9_000, external_id="CRM-7")
    make.risk(small, now=now, probability=0.7, before=0.2)
    make.risk(middle, now=now, probability=0.3, before=0.4)
    make.activity(small, now - timedelta(days=3))
    make.activity(middle, now - timedelta(days=1))
    return small, middle, large


@pytest.mark.parametrize("limit", [1, 2, 50])
@pytest.mark.parametrize("everybody", [False, True])
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["alder", "Birch", "Cedar"]),
        ("-name", ["Cedar", "Birch", "alder"]),
        ("-risk", ["alder", "Birch", "Cedar"]),
        ("risk", ["Birch", "alder", "Cedar"]),
        ("arr", ["alder", "Birch", "Cedar"]),
        ("-arr", ["Cedar", "Birch", "alder"]),
        ("-stake", ["Birch", "alder", "Cedar"]),
        ("stake", ["alder", "Birch", "Cedar"]),
        ("renewal", ["alder", "Birch", "Cedar"]),
        ("-renewal", ["Birch", "alder", "Cedar"]),
    ],
)
def test_every_order_goes_both_ways_with_empty_values_last_in_blocks_of_any_size(book, csm, now, sort, expected, limit, everybody):
    reader = make.user(Role.VIEWER) if everybody else csm
    assert walked(reader, now, sort=sort, limit=limit) == expected


@pytest.mark.parametrize("most", [0, 5_000])
@pytest.mark.parametrize("sort", ["name", "-risk", "-arr", "-stake", "renewal"])
def test_a_search_stands_in_the_same_order_however_many_are_found(book, csm, now, sort, most, monkeypatch):
    for account, name in zip(book, ("alder tree", "Birch tree", "Cedar tree"), strict=True):
        account.name = name
        account.save(update_fields=["name"])
    make.account(owner=csm, name="Rose")
    monkeypatch.setattr(portfolio, "_FEW", most)
    assert walked(csm, now, words="TREE", sort=sort, limit=2) == [name for name in walked(csm, now, sort=sort, limit=50) if name != "Rose"]


def test_few_found_are_all_read_and_sorted_and_a_word_that_most_hold_walks_the_order(now):
    """An order that an index holds may make the server walk the whole book for one block; without such an order it cannot."""
    make.account(name="Cedar")
    reader = make.user(Role.VIEWER)

    def ordered_by(word):
        with CaptureQueriesContext(connection) as queries:
            read(portfolio.block(reader, Asked(words=word, sort="-arr"), now=now, shown={"name"}, limit=2))
        return next(found[1] for query in queries if (found := re.search(r'ORDER BY (COALESCE|"accounts_account"."arr")', query["sql"])))

    Account.objects.bulk_create([Account(external_id=f"many-{number}", name=f"Everyone {number}") for number in range(6_000)])
    with connection.cursor() as cursor:
        cursor.execute("analyze accounts_account")
    assert (ordered_by("Cedar"), ordered_by("Everyone")) == ("COALESCE", '"accounts_account"."arr"')


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"band": "high"}, ["alder"]),
        ({"band": "low"}, []),
        ({"stage": "onboarding"}, ["Birch"]),
        ({"renewal": "30"}, ["alder"]),
        ({"renewal": "90"}, ["Birch", "alder"]),
        ({"tier": "gold"}, ["alder"]),
        ({"segment": "retail"}, ["Birch"]),
        ({"tag": "eu"}, ["alder"]),
        ({"words": "EDA"}, ["Cedar"]),
        ({"words": "alder.ex"}, ["alder"]),
        ({"words": "crm-7"}, ["Cedar"]),
        ({"words": "100%"}, []),
    ],
)
def test_filters_narrow_the_list(book, csm, now, asked, expected):
    assert walked(csm, now, **asked) == expected


def test_customers_who_left_appear_only_when_asked_for(csm, now):
    make.account(owner=csm, name="Gone", stage="churned", churned_on=now.date())
    assert walked(csm, now) == []
    assert walked(csm, now, stage="churned") == ["Gone"]


def test_owner_narrows_to_one_person_or_to_nobody(now):
    admin = make.user(None, is_superuser=True)
    owner = make.user()
    make.account(owner=owner, name="Owned")
    make.account(name="Nobody's")
    assert walked(admin, now, owner=str(owner.pk)) == ["Owned"]
    assert walked(admin, now, owner="none") == ["Nobody's"]


def test_blocks_neither_overlap_nor_skip_where_values_are_equal(csm, now):
    for _ in range(23):
        make.account(owner=csm)
    found = walked(csm, now, sort="-arr", limit=5)
    assert (len(found), len(set(found))) == (23, 23)


def test_accounts_that_come_and_go_while_one_scrolls_move_nothing(book, csm, now):
    """The place is a value, not a number of rows."""
    first = read(portfolio.block(csm, Asked(sort="-arr"), now=now, shown={"name"}, limit=1))
    make.account(owner=csm, name="Newcomer", arr=50_000)
    second = read(portfolio.block(csm, Asked(sort="-arr"), now=now, shown={"name"}, after=first.more, limit=1))
    assert [block.rows[0]["cells"]["name"]["text"] for block in (first, second)] == ["Cedar", "Birch"]


def test_nonsense_in_the_address_means_no_filter(csm, book, now):
    asked = Asked.read({"band": "purple", "stage": "x", "owner": "1 or 1=1", "renewal": "7", "sort": "-password", "q": "a\x00b "})
    assert asked == Asked(words="ab")
    for word in ("x", "bm9uc2Vuc2U", "WzEsMl0", orders.Place(id=1, value="x").word()):
        found = read(portfolio.block(csm, Asked(), now=now, shown={"name"}, after=word))
        assert len(found.rows) == 2, word


def test_cells_say_what_the_account_is_like(book, csm, now):
    small, middle, _ = book
    make.contact(small, last_two_way_at=now - timedelta(days=4))
    rows = read(portfolio.first_block(csm, Asked(sort="name"), nothing(EVERYTHING), now=now))[1].rows
    cells = {name: cell.get("text") for name, cell in rows[0]["cells"].items()}
    assert (cells.pop("health"), cells.pop("coverage")) == ("–", "–")
    assert cells == {
        "name": "alder",
        "risk": "high 70 rule score",
        "arr": "$1.0k",
        "stake": "$700",
        "renewal": "in 20 d",
        "activity": "0 actions a week over the last 4 weeks, none before",
        "last_activity": "3 d ago",
        "two_way": "4 d ago",
        "next_step": "–",
        "owner": str(csm),
        "stage": "active",
        "tier": "gold",
        "segment": "–",
        "tags": "beta, eu",
        "plan": "–",
        "seats": "–",
    }
    assert (rows[0]["cells"]["risk"]["note"], rows[0]["cells"]["risk"]["note_tone"]) == ("↑ +50", "worse")
    assert rows[2]["cells"]["risk"]["text"] == "not scored yet"
    assert rows[0]["raw"] == {
        "renews_on": small.renews_on.isoformat(),
        "owner_id": csm.pk,
        "stage": "active",
        "tier": "gold",
        "segment": "",
        "tags": ["beta", "eu"],
    }


def test_a_row_shows_what_comes_next_a_task_before_a_play(book, csm, now):
    small, middle, _ = book
    make.enrolment(small, now=now)
    make.task(small, now=now, title="Call Sam")
    run = make.enrolment(middle, now=now)
    rows = read(portfolio.first_block(csm, Asked(), nothing(EVERYTHING), now=now))[1].rows
    steps = {row["cells"]["name"]["text"]: row["cells"]["next_step"]["text"] for row in rows}
    assert steps == {"alder": "Call Sam", "Birch": f"Play: {run.play.name}", "Cedar": "–"}


@pytest.mark.parametrize(("words", "few"), [("", portfolio._FEW), ("customer", portfolio._FEW), ("customer", 6)])
@pytest.mark.parametrize("sort", ["-stake", "name", "renewal"])
def test_a_block_costs_six_queries_at_most_whoever_asks(client, now, sort, words, few, monkeypatch):
    monkeypatch.setattr(portfolio, "_FEW", few)
    for number in range(60):
        account = make.account(name=f"Customer {number:02}", renews_on=now.date() + timedelta(days=number))
        make.risk(account, now=now)
        make.task(account, now=now)
    with connection.cursor() as cursor:
        cursor.execute("analyze accounts_account")
    client.force_login(make.user(Role.VIEWER))
    shown = ",".join(ALL)
    asked = {"q": words, "sort": sort, "columns": shown}
    with CaptureQueriesContext(connection) as queries:
        first = client.get("/portfolio/rows/", asked | {"limit": 20}, HTTP_HX_REQUEST="true").json()
    assert len(first["rows"]) == 20
    assert len(queries) <= 6, [query["sql"] for query in queries]
    with CaptureQueriesContext(connection) as queries:
        second = client.get("/portfolio/rows/", asked | {"limit": 40, "after": first["next"]}, HTTP_HX_REQUEST="true").json()
    assert len(second["rows"]) == 40
    assert len(queries) <= 6


def test_the_strip_counts_what_the_filters_leave_and_adds_no_currencies_up(book, csm, now):
    make.account(owner=csm, name="Elm", arr=2_000, currency="EUR")
    whole = figures.figures(csm, Asked(), now=now)
    assert (whole.customers, whole.counted) == (4, True)
    assert (whole.arr, whole.at_risk, whole.at_risk_arr) == ({"USD": 15_000, "EUR": 2_000}, 1, {"USD": 1_000})
    assert (whole.renewing, whole.renewing_arr) == (2, {"USD": 6_000})
    assert figures.figures(csm, Asked(words="birch"), now=now).arr == {"USD": 5_000}


def test_the_strip_stops_counting_at_its_bound(book, csm, now, monkeypatch):
    monkeypatch.setattr(figures, "COUNTED", 2)
    whole = figures.figures(csm, Asked(), now=now)
    assert (whole.customers, whole.counted) == (2, False)


def test_a_layout_is_kept_per_person_and_opens_again(staff, csm, book):
    wanted = [{"key": "arr", "width": 150}, {"key": "name", "width": 9999}, {"key": "nonsense", "width": 1}, {"key": "arr", "width": 1}]
    answer = staff.post("/portfolio/layout/", json.dumps({"columns": wanted}), content_type="application/json")
    assert (answer.status_code, answer.json()["home"]) == (200, True)
    opened = staff.get("/portfolio/").context["config"]["columns"]
    assert opened == [{"key": "name", "width": 480}, {"key": "arr", "width": 150}]
    nameless = staff.post("/portfolio/layout/", json.dumps({"columns": [{"key": "arr", "width": 90}]}), content_type="application/json")
    assert nameless.status_code == 409
    assert SavedView.objects.get().columns == [{"key": "arr", "width": 150}, {"key": "name", "width": 480}]


def test_a_saved_view_holds_filters_order_and_columns_and_is_shared_on_purpose(staff, csm, client):
    data = {"name": " Red  now ", "band": "high", "sort": "-arr", "columns": [{"key": "name", "width": 200}], "shared": True}
    answer = staff.post("/portfolio/views/", json.dumps(data), content_type="application/json").json()
    view = SavedView.objects.get()
    assert (view.name, view.shared, view.filters, view.sort) == ("Red now", True, {"band": "high"}, "-arr")
    assert answer["link"] == f"/portfolio/?view={view.pk}&band=high&sort=-arr"
    colleague = make.user(Role.VIEWER)
    client.force_login(colleague)
    assert client.get(answer["link"]).context["config"]["columns"] == [{"key": "name", "width": 200}]
    refused = client.post(f"/portfolio/views/{view.pk}/remove/")
    assert (refused.status_code, SavedView.objects.count()) == (409, 1)
    client.post("/portfolio/views/", json.dumps({**data, "name": "Mine"}), content_type="application/json")
    assert SavedView.objects.get(owner=colleague).shared is False


def test_a_view_that_is_not_shared_is_nobody_elses(staff, csm, client):
    theirs = SavedView.objects.create(owner=make.user(), name="Secret", changed_at="2026-01-01T00:00Z", columns=[{"key": "name", "width": 99}])
    page = staff.get(f"/portfolio/?view={theirs.pk}")
    assert page.context["view"] is None
    assert "Secret" not in page.content.decode()
    assert staff.post(f"/portfolio/views/{theirs.pk}/remove/").status_code == 404


def test_removing_a_view_tells_what_it_held_so_that_it_can_be_undone(staff, csm):
    staff.post(
        "/portfolio/views/", json.dumps({"name": "Red", "band": "high", "columns": [{"key": "name", "width": 200}]}), content_type="application/json"
    )
    kept = staff.post(f"/portfolio/views/{SavedView.objects.get().pk}/remove/").json()["kept"]
    assert SavedView.objects.count() == 0
    staff.post("/portfolio/views/", json.dumps(kept), content_type="application/json")
    again = SavedView.objects.get()
    assert (again.name, again.filters, again.columns) == ("Red", {"band": "high"}, [{"key": "name", "width": 200}])


def test_tiers_are_offered_once_each(book, csm):
    make.account(tier="silver")
    make.account(tier="gold")
    assert read(portfolio.editing())["words"]["tier"] == ["gold", "silver"]


def test_whether_words_are_few_is_looked_up_where_the_servers_guess_is_too_high(monkeypatch):
    accounts = [make.account(name=f"Riverside {number}") for number in range(30)]
    with connection.cursor() as cursor:
        cursor.execute("analyze accounts_account")
    monkeypatch.setattr(portfolio, "_FEW", 5)
    assert not portfolio._with_words_are_few("riverside")
    Account.objects.filter(pk__in=[account.pk for account in accounts[3:]]).update(name="Hilltop")
    assert portfolio._with_words_are_few("riverside")
