"""Rewards by the API: ask once, decide once, read boards as a person of one's own book."""

from decimal import Decimal

import pytest
import time_machine

from apps.accounts.types import Role
from apps.milestones import services
from apps.milestones.models import Redemption, RewardClaim
from apps.milestones.rewards.granting import settle
from tests import make
from tests.milestones import rewarding
from tests.milestones.rewarding import has

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def acme(now):
    account = make.account(external_id="acme", owner=make.user())
    rewarding.budget(now)
    settle(rewarding.rule(now, key="first"), rewarding.cause(account, "a", now), actor=make.ACTOR, now=now)
    services.write_item(key="mug", fields={"name": "A mug", "cost": Decimal(40), "stock": 5}, actor=make.ACTOR, now=now)
    return account


def test_a_piece_is_asked_for_once_however_often_the_message_comes(api, acme):
    said = {"account_external_id": "acme", "item": "mug", "message_id": "m1"}
    first, again = api.post("redemptions/", said), api.post("redemptions/", said)
    assert (first.status_code, again.json()["id"], first.json()["state"]) == (201, first.json()["id"], "asked")
    assert (has(acme), Redemption.objects.count()) == (60, 1)
    assert api.post("redemptions/", {**said, "message_id": "m2"}).status_code == 201
    refused = api.post("redemptions/", {**said, "message_id": "m3"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_enough")
    path = f"redemptions/{first.json()['id']}/"
    assert api.post(f"{path}hand_over/", {"note": "By mail"}).json()["state"] == "handed_over"
    assert api.post(f"{path}call_off/").status_code == 409


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"account_external_id": "nobody"}, "account_external_id"),
        ({"item": "gold"}, "item"),
        ({"message_id": ""}, "message_id"),
        ({"contact": 1}, "contact"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_by_its_field(api, acme, wrong, field):
    answer = api.post("redemptions/", {"account_external_id": "acme", "item": "mug", "message_id": "m", **wrong})
    assert (answer.status_code, list(answer.json()["fields"]), has(acme)) == (400, [field], 100)


def test_a_claim_that_waits_is_decided_once(api, acme, now):
    claim = settle(rewarding.rule(now, needs_proof=True), rewarding.cause(acme, "b", now, proven=False), actor=make.ACTOR, now=now)
    path = f"reward-claims/{claim.pk}/"
    assert api.get("reward-claims/?state=held").json()["results"][0]["reasons"] == [
        {"signal": "proof", "words": "Nothing shows yet that it happened."}
    ]
    assert api.post(f"{path}refuse/").status_code == 400
    assert api.post(f"{path}approve/").json()["state"] == "granted"
    assert api.post(f"{path}refuse/", {"reason": "x"}).status_code == 409
    assert api.post(f"{path}reverse/", {"reason": "Wrong account"}).json()["state"] == "reversed"
    assert has(acme) == 100


def test_balances_and_movements_tell_the_same(api, acme):
    balance = api.get("reward-balances/?account_external_id=acme").json()["results"]
    assert [(one["book"], one["unit"], one["amount"]) for one in balance] == [("account", "points", "100.00")]
    moved = api.get("reward-movements/?account_external_id=acme").json()["results"]
    assert [(one["kind"], one["source"], one["target"], one["amount"]) for one in moved] == [("grant", "budget", "account", "100.00")]


def test_a_board_is_read_as_a_person_of_ones_own_book_and_names_nobody_who_did_not_choose_it(api, key, acme, now):
    rule = rewarding.rule(now)
    people = [make.contact(acme, name=f"Secret Name{number}") for number in range(4)]
    for number, one in enumerate(people):
        settle(rule, rewarding.cause(acme, f"c{number}", now, 10 * (number + 1), contact_id=one.pk), actor=make.ACTOR, now=now)
    for one in people[:3]:
        assert api.post("recognition/", {"contact": one.pk, "level": "team"}).status_code == 201
    board = services.write_board(key="team", fields={"name": "Team", "circle": "team", "least": 3}, actor=make.ACTOR, now=now)
    services.reckon(board, now=now)
    read = f"boards/{board.pk}/places/?contact={people[3].pk}"
    answer = api.get(read)
    assert [one["name"] for one in answer.json()["people"]] == ["Secret Name2", "Secret Name1", "Secret Name0"]
    assert b"Secret Name3" not in answer.content
    assert (answer.json()["own"]["rank"], answer.json()["own"]["name"]) == (1, "")
    assert api.post("recognition/", {"contact": people[0].pk, "level": "none"}).json()["level"] == "none"
    assert (api.get(read).json()["people"], b"Secret" in api.get(read).content) == (None, False)
    stranger = key("rewards:read", "rewards:write", owner=make.user(Role.CSM))
    assert stranger.get(read).status_code == 400
    assert stranger.post("recognition/", {"contact": people[0].pk, "level": "public"}).status_code == 400
    assert stranger.get("reward-claims/").json()["results"] == []
    assert RewardClaim.objects.count() == 5
