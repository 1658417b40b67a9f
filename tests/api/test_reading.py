"""Lists and single rows: pages, filters, orders, and whose rows they are."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from apps.accounts.types import Role
from apps.messaging import dispatch
from cs_platform.api import ROUTES
from tests import make

pytestmark = pytest.mark.django_db


def pages(api, path):
    """Every page from this one on, as lists of ids."""
    found = []
    while path:
        answer = api.get(path).json()
        found.append([row["id"] for row in answer["results"]])
        path = answer["next"] and "?".join(urlsplit(answer["next"])[2:4]).removeprefix("/api/v1/")
    return found


def test_an_account_is_told_with_both_of_its_ids_and_its_owner(api):
    owner = make.user(email="cara@staff.test")
    parent = make.account(external_id="group")
    account = make.account(external_id="acme", owner=owner, parent=parent, traits={"size": 3})
    told = api.get(f"accounts/{account.pk}/").json()
    assert (told["external_id"], told["owner"], told["parent_external_id"]) == ("acme", "cara@staff.test", "group")
    assert (told["arr"], told["traits"]) == ("12000.00", {"size": 3})


def test_pages_hold_every_row_once_in_either_direction(api):
    ids = [make.account(name=f"Same {number // 3}").pk for number in range(7)]
    assert pages(api, "accounts/?limit=3") == [ids[:3], ids[3:6], ids[6:]]
    assert sum(pages(api, "accounts/?limit=2&ordering=name"), []) == ids
    assert sum(pages(api, "accounts/?limit=2&ordering=-name"), []) == ids[::-1]
    assert sum(pages(api, "accounts/?limit=2&ordering=-arr"), []) == ids[::-1]


def test_a_row_that_comes_between_two_pages_is_not_repeated_and_hides_nobody(api):
    ids = [make.account(name=name).pk for name in "bcd"]
    first = api.get("accounts/?limit=2&ordering=name").json()
    make.account(name="a")
    second = api.get("accounts/?" + urlsplit(first["next"]).query).json()
    assert [row["id"] for row in first["results"] + second["results"]] == ids


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=" + "9" * 30, "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=%C2%B2", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=" + "W" * 5_000, "cursor"),
        ("cursor=WyJwayIsMSwxZTQwMF0", "cursor"),
        ("ordering=name&cursor=WyJuYW1lIiwiXHUwMDAwIiwxXQ", "cursor"),
        ("ordering=owner__password", "ordering"),
        ("ordering=-", "ordering"),
        ("owner__password__startswith=p", "owner__password__startswith"),
        ("nmae_contains=x", "nmae_contains"),
        ("stage=gone", "stage"),
        ("parent=0", "parent"),
        ("parent=" + "9" * 30, "parent"),
        ("parent=1e3", "parent"),
        ("has_owner=maybe", "has_owner"),
        ("renews_from=yesterday", "renews_from"),
        ("name_contains=a%00b", "name_contains"),
        ("x=1&y=2", "y"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(api, query, field):
    answer = api.get(f"accounts/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert field in answer.json()["fields"]


def test_a_cursor_of_another_order_is_refused(api):
    for _ in range(2):
        make.account()
    cursor = dict(part.split("=") for part in urlsplit(api.get("accounts/?limit=1&ordering=name").json()["next"]).query.split("&"))["cursor"]
    assert api.get(f"accounts/?cursor={cursor}").json()["fields"] == {"cursor": ["It is no cursor of this list and order; take it from `next`."]}


def test_filters_choose_rows(api, now):
    cara = make.user(email="cara@staff.test")
    one = make.account(external_id="one", owner=cara, tags=["vip", "eu"], renews_on=now.date())
    two = make.account(external_id="two", name="Riverside", stage="onboarding")
    make.activity(one, now, now - timedelta(days=2), name="login")
    make.activity(two, now, name="export")
    ids = lambda path: [row["id"] for row in api.get(path).json()["results"]]  # noqa: E731
    assert ids("accounts/?owner=CARA@staff.test") == [one.pk]
    assert ids("accounts/?has_owner=false") == [two.pk]
    assert ids("accounts/?tag=vip&renews_until=2026-03-11") == [one.pk]
    assert ids("accounts/?name_contains=river&stage=onboarding") == [two.pk]
    events = api.get("activity/?account_external_id=one&since=2026-03-11T00:00:00Z").json()["results"]
    assert [(row["name"], row["account"]) for row in events] == [("login", one.pk)]
    assert [row["name"] for row in api.get("activity/?name=export").json()["results"]] == ["export"]
    assert [row["name"] for row in api.get("event-names/").json()["results"]] == ["export", "login"]
    assert len(api.get(f"rollups/?account={one.pk}").json()["results"]) == 2


def test_a_moment_far_from_greenwich_is_read_as_the_same_moment(api, now):
    account = make.account(external_id="acme")
    make.activity(account, now)
    at = "2026-03-12T11:59:00%2B23:59"
    assert len(api.get(f"activity/?since={at}").json()["results"]) == 1
    assert api.get(f"activity/?until={at}").json()["results"] == []
    assert api.get(f"movements/figures/?from=2026-01-01&until=2026-02-01&known_at={at}").status_code == 200
    thing = {"message_id": "far", "name": "login", "at": "2026-03-12T11:59:00+23:59", "account_external_id": "acme"}
    assert api.post("activity/bulk/", [thing]).json()["created"] == 1
    assert {row["at"] for row in api.get("activity/").json()["results"]} == {"2026-03-11T12:00:00Z"}
    ticket = {"external_id": "t1", "account_external_id": "acme", "opened_at": "2026-03-11T00:01:00-23:59"}
    assert api.post("tickets/", ticket).json()["opened_at"] == "2026-03-12T00:00:00Z"


def test_risks_come_with_their_reasons(api, now):
    account = make.account()
    make.risk(account, now=now, probability=0.7)
    told = api.get(f"risks/?account={account.pk}").json()["results"][0]
    assert (told["band"], told["reasons"][0]["words"]) == ("high", "No activity for 23 days")
    assert api.get(f"predictions/{told['prediction']}/").json()["probability"] == 0.7


def test_another_books_rows_answer_exactly_like_rows_that_never_were(key, now):
    owner = make.user(Role.CSM)
    caller = key("accounts:read", "support:read", "history:read", owner=owner)
    theirs = make.account(owner=make.user())
    make.story(theirs, now=now)
    missing = caller.get("accounts/987654321/")
    for path in (f"accounts/{theirs.pk}/", f"tickets/{theirs.tickets.get().pk}/", f"notes/{theirs.notes.get().pk}/"):
        answer = caller.get(path)
        assert (answer.status_code, answer.content) == (404, missing.content)
    for path in ("accounts/", "tickets/", f"notes/?account={theirs.pk}", "events/", "pulses/", f"accounts/?external_id={theirs.external_id}"):
        assert caller.get(path).json() == {"results": [], "next": None}


@pytest.mark.parametrize(
    "path", ["nothing/", "accounts/x/", "accounts/99999999999999999999999/", "accounts/1/2/3/", "accounts", "%00", "accounts/-1/"]
)
def test_an_address_that_nobody_answers_is_404_in_the_same_shape(api, path):
    answer = api.get(path)
    assert (answer.status_code, answer.json()) == (404, {"code": "not_found", "message": "There is no such thing here."})


def test_nobodys_address_asks_for_no_csrf_token():
    answer = Client(enforce_csrf_checks=True).post("/api/v1/nothing/", b"{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_other_methods_are_405_in_the_same_shape(api):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = api(method, "risks/", {})
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_a_success_manager_reads_their_own_book_with_their_session(staff, now):
    me = make.user(Role.CSM)
    mine, _ = make.account(owner=me), make.account(owner=make.user())
    browser = staff(me)
    assert [row["id"] for row in browser.get("/api/v1/accounts/").json()["results"]] == [mine.pk]


def test_every_resource_names_a_door_that_a_key_can_be_given():
    from apps.integrations.types import SCOPES

    doors = {scope.split(":")[0] for scope in SCOPES}
    assert {name: views.scope for name, views in ROUTES.items() if views.scope not in doors} == {}


def test_the_schema_describes_every_resource_and_the_page_loads_nothing_from_elsewhere(client, api):
    schema = client.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    assert {f"/api/v1/{name}/" for name in ROUTES} <= set(schema["paths"])
    accounts = schema["paths"]["/api/v1/accounts/"]["get"]
    assert {"cursor", "limit", "ordering", "owner", "stage"} <= {one["name"] for one in accounts["parameters"]}
    assert "accounts:read" in accounts["description"]
    assert accounts["responses"]["400"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    words = page.content.decode()
    assert "http://" not in words
    assert "https://" not in words
    # The policy forbids inline scripts: the page's own script is a file of its own.
    assert "unsafe-inline" not in page["Content-Security-Policy"].split("script-src")[1].split(";")[0]
    assert words.count("<script>") == 0
    assert client.get("/api/v1/docs/?script=").content.decode().count("SwaggerUIBundle({") == 1


def test_revenue_is_told_by_period_and_group_and_as_it_was_known(api):
    for number, plan in ((1, "team"), (2, "gold")):
        api.post("accounts/bulk/", [{"external_id": f"r{number}", "plan": plan, "arr": 100 * number, "started_on": "2026-01-01"}])
    movements = api.get("movements/?kind=new").json()["results"]
    assert [(row["amount"], row["currency"]) for row in movements] == [("100.00", "USD"), ("200.00", "USD")]
    day = movements[0]["effective_on"]
    whole = api.get(f"movements/figures/?from={day}&until=2199-01-01").json()["groups"]
    assert [(one["closing"], one["new"], one["nrr"], one["customers"], one["came"]) for one in whole] == [("300.00", "300.00", None, 0, 2)]
    by_plan = api.get(f"movements/figures/?from={day}&until=2199-01-01&by=plan").json()["groups"]
    assert [(one["key"], one["closing"]) for one in by_plan] == [("gold", "200.00"), ("team", "100.00")]
    assert api.get(f"movements/figures/?from={day}&until=2199-01-01&known_at=2020-01-01T00:00:00Z").json()["groups"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("until=2026-01-01", "from"),
        ("from=2026-01-02&until=2026-01-01", "until"),
        ("from=x&until=2026-01-01", "from"),
        ("from=2026-01-01&until=2026-02-01&by=password", "by"),
        ("from=2026-01-01&until=2026-02-01&known_at=0001-01-01T00:00:00%2B23:59", "known_at"),
        ("from=2026-01-01&until=2026-02-01&x=1", "x"),
    ],
)
def test_a_wrong_period_is_refused_by_name(api, query, field):
    answer = api.get(f"movements/figures/?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_changes_of_fields_are_told_to_whoever_sees_the_row(api, key, now):
    owner = make.user(Role.CSM)
    mine, theirs = make.account(owner=owner, plan="a"), make.account(owner=make.user(), plan="a")
    for account in (mine, theirs):
        api.patch(f"accounts/{account.pk}/", {"plan": "b"}, If_Match="*")
    person = make.contact(mine)
    api.patch(f"contacts/{person.pk}/", {"title": "CTO"}, If_Match="*")
    caller = key("history:read", owner=owner)
    told = [(row["subject"], row["field"], row["before"], row["after"]) for row in caller.get("changes/").json()["results"]]
    assert told == [(f"contact:{person.pk}", "title", "", "CTO"), (f"account:{mine.pk}", "plan", "a", "b")]
    assert len(api.get("changes/?field=plan").json()["results"]) == 2


def test_one_message_tells_every_decision_about_it_and_the_list_does_not(api, now):
    message = make.message(make.contact(make.account()), now=now)
    dispatch.one_round("email", owner="w", clock=lambda: now.replace(hour=23))
    told = api.get(f"messages/{message.pk}/").json()
    assert [(one["state"], one["times"], one["actor"]) for one in told["decisions"]] == [("held", 1, "job:messaging.dispatch")]
    assert told["decisions"][0]["reason"].startswith("Quiet hours until")
    assert "decisions" not in api.get("messages/").json()["results"][0]


def test_messages_are_narrowed_by_contact_and_state(api, now):
    account = make.account()
    sam, kim = make.contact(account), make.contact(account)
    held = make.message(sam, now=now, state="held").pk
    sent = make.message(sam, now=now, state="sent").pk
    theirs = make.message(kim, now=now, state="held").pk

    def ids(query):
        return [row["id"] for row in api.get(f"messages/?{query}").json()["results"]]

    assert (ids(f"contact={sam.pk}"), ids("state=held"), ids(f"contact={sam.pk}&state=held")) == ([held, sent], [held, theirs], [held])
