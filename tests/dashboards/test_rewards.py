"""The Rewards page: what it says, who decides, and whose rows one sees."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from apps.accounts.roles import create_groups
from apps.accounts.types import Role
from apps.milestones import services
from apps.milestones.models import Redemption, RewardBudget, RewardClaim
from apps.milestones.rewards.granting import settle
from tests import make
from tests.milestones import rewarding
from tests.milestones.rewarding import has

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def at_noon(now, monkeypatch):
    create_groups()
    monkeypatch.setattr("apps.core.clock.now", lambda: now)


@pytest.fixture
def csm():
    return make.user()


@pytest.fixture
def account(csm):
    return make.account(name="Riverside Dental", owner=csm)


def of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def held(account, now) -> RewardClaim:
    rewarding.budget(now, 1_000)
    rule = rewarding.rule(now, name="First report", needs_proof=True)
    return settle(rule, rewarding.cause(account, "a", now, proven=False), actor=make.ACTOR, now=now)


def test_an_empty_company_is_told_what_comes_here(csm):
    words = of(csm).get("/rewards/").content.decode()
    for said in ("March has no reward budget", "Nobody is held out from rewards", "Nothing waits", "Nothing is asked for", "The catalogue is empty"):
        assert said in words


def test_the_page_says_how_the_month_goes_and_why_a_claim_waits(csm, held):
    words = of(csm).get("/rewards/").content.decode()
    assert "100 of 1,000 points are granted on day 11 of 31" in words
    assert "Nothing shows yet that it happened." in words
    assert "Riverside Dental" in words
    assert "held back for a decision" in words


def test_a_claim_is_granted_with_one_button_and_the_list_follows(csm, held, account):
    client = of(csm)
    assert client.post(f"/do/rewards/claims/{held.pk}/approve/", headers=HTMX).status_code == 204
    assert has(account) == 100
    assert "Nothing waits" in client.get("/rewards/?part=waiting", headers=HTMX).content.decode()
    again = client.post(f"/do/rewards/claims/{held.pk}/refuse/", {"note": "x"}, headers=HTMX)
    assert (again.status_code, has(account)) == (409, 100)


def test_a_refusal_needs_its_reason_and_a_viewer_decides_nothing(csm, held, account):
    assert of(csm).post(f"/do/rewards/claims/{held.pk}/refuse/", headers=HTMX).status_code == 409
    viewer = make.user(Role.VIEWER)
    assert of(viewer).post(f"/do/rewards/claims/{held.pk}/approve/", headers=HTMX).status_code == 403
    assert has(account, "held") == 100
    assert of(csm).post(f"/do/rewards/claims/{held.pk}/refuse/", {"note": "It did not happen"}, headers=HTMX).status_code == 204
    assert (has(account, "held"), RewardClaim.objects.get().decision) == (0, "It did not happen")


def test_another_books_claims_redemptions_and_movements_are_not_there(held):
    stranger = of(make.user())
    words = stranger.get("/rewards/").content.decode()
    assert "Riverside Dental" not in words
    assert stranger.post(f"/do/rewards/claims/{held.pk}/approve/", headers=HTMX).status_code == 404
    assert RewardClaim.objects.get().state == "held"


def test_what_was_asked_for_is_handed_over_or_given_back(csm, account, now):
    rewarding.budget(now)
    settle(rewarding.rule(now), rewarding.cause(account, "a", now), actor=make.ACTOR, now=now)
    item = services.write_item(key="mug", fields={"name": "A mug", "cost": Decimal(40), "stock": 2}, actor=make.ACTOR, now=now)
    rows = [services.redeem(account=account, item=item, idem_key=key, actor=make.ACTOR, now=now) for key in "ab"]
    client = of(csm)
    assert "A mug" in client.get("/rewards/?part=waiting", headers=HTMX).content.decode()
    assert client.post(f"/do/rewards/redemptions/{rows[0].pk}/hand_over/", headers=HTMX).status_code == 204
    assert client.post(f"/do/rewards/redemptions/{rows[1].pk}/refuse/", {"note": "Gone"}, headers=HTMX).status_code == 204
    assert client.post(f"/do/rewards/redemptions/{rows[1].pk}/nonsense/", headers=HTMX).status_code == 404
    assert set(Redemption.objects.values_list("state", flat=True)) == {"handed_over", "refused"}
    assert (has(account), has(account, "redeemed")) == (60, 40)


def test_leads_plan_the_month_and_success_managers_do_not(csm, now):
    said = {"unit": "points", "amount": "5,000", "unit_worth": "0.02"}
    assert of(csm).post("/do/rewards/budget/", said).status_code == 403
    lead = of(make.user(Role.TEAM_LEAD))
    assert lead.post("/do/rewards/budget/", said).status_code == 302
    row = RewardBudget.objects.get()
    assert (row.amount, row.unit_worth, row.month) == (5_000, Decimal("0.02"), now.date().replace(day=1))
    for wrong in ({"amount": "many"}, {"amount": "1e400"}, {"amount": "-5"}, {"unit": "credits", "currency": "E1"}, {"unit": "gold"}):
        lead.post("/do/rewards/budget/", {**said, **wrong})
    assert (RewardBudget.objects.count(), RewardBudget.objects.get().amount) == (1, 5_000)


def test_the_ledger_is_walked_by_its_rows_and_by_kind(csm, account, now):
    rewarding.budget(now, 100_000)
    rule = rewarding.rule(now, amount=Decimal(1))
    for number in range(30):
        # Hours apart, so that nothing looks like gaming.
        at = now - timedelta(hours=number)
        settle(rule, rewarding.cause(account, f"c{number}", at, 1), actor=make.ACTOR, now=at)
    client = of(csm)
    first = client.get("/rewards/?part=ledger", headers=HTMX).content.decode()
    assert first.count("<tr>") == 26
    older = first.split("before=")[1].split("#")[0].split("&")[0].split('"')[0]
    assert client.get(f"/rewards/?part=ledger&before={older}", headers=HTMX).content.decode().count("<tr>") == 6
    assert "No movement of this kind" in client.get("/rewards/?part=ledger&kind=expire", headers=HTMX).content.decode()
