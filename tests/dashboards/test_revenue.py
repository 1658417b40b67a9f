"""The Revenue and Renewals pages: figures with doors, calls with a way back, each in one's own book."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse

from apps.accounts.models import Account, ArrMovement, Renewal, RenewalCall
from apps.accounts.services import ledger, mark_churned, rates, renewals
from apps.accounts.types import Call, Role
from apps.core.actor import Actor
from apps.dashboards.selectors.revenue import Asked, months_of
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


@pytest.fixture
def book(csm, now):
    """Two customers of a year: one grew by 20 %, one left."""
    long_ago = now.date() - timedelta(days=500)
    grows = make.account(owner=csm, name="Grows", arr=1000, plan="Team", started_on=long_ago)
    goes = make.account(owner=csm, name="Goes", arr=500, plan="Solo", started_on=long_ago)
    ledger.record(
        grows, amount=Decimal(200), effective_on=now.date() - timedelta(days=40), reason="ten more seats", source="test", actor=ACTOR, now=now
    )
    mark_churned(goes, on=now.date() - timedelta(days=20), actor=ACTOR, now=now)
    return grows, goes


def press(browser, name, *args, **fields):
    answer = browser.post(reverse(name, args=args), fields, HTTP_HX_REQUEST="true")
    trigger = json.loads(answer.headers.get("HX-Trigger", "{}"))
    return answer.status_code, trigger.get("cs:done") or trigger.get("cs:refused")


def test_the_page_says_in_one_sentence_how_revenue_was_kept(staff, book):
    text = staff.get("/revenue/").content.decode()
    # 1000 of 1500 are kept; with the 200 of growth it is 1200.
    assert "Of every 100 USD at the start, 66.7 were kept (GRR), and with growth it is 80.0 now (NRR). 1 of 2 customers left." in text
    assert "By plan" in text
    assert "<html" not in staff.get("/revenue/?part=list", HTTP_HX_REQUEST="true").content.decode()


@pytest.mark.parametrize(
    ("figure", "total", "reason"), [("expansion", "200 USD", "ten more seats"), ("churn", "-500 USD", ""), ("nrr", "-300 USD", "")]
)
def test_a_figure_opens_its_movements_and_they_add_up(staff, book, figure, total, reason):
    text = staff.get(f"/revenue/movements/?figure={figure}").content.decode()
    assert f"add up to {total}" in text
    assert reason in text


def test_the_page_as_known_before_the_news(staff, book, now):
    before = (now - timedelta(days=1)).date().isoformat()
    text = staff.get(f"/revenue/?known={before}").content.decode()
    assert "100.0 were kept (GRR), and with growth it is 100.0 now (NRR). None of 2 customers left." in text
    assert "as known at the end of" in text


def test_narrowing_and_widening_again(staff, book):
    text = staff.get("/revenue/?only=plan:Team").content.decode()
    assert "with growth it is 120.0 now (NRR). None of 1 customers left." in text
    assert "Plan: Team" in text


def test_a_missing_rate_is_named_on_the_page(staff, csm, book, now):
    make.account(owner=csm, arr=700, currency="SEK", started_on=now.date() - timedelta(days=500))
    text = staff.get("/revenue/").content.decode()
    assert "Not in these sums" in text
    assert "700 SEK" in text
    rates.enter(rates.read("SEK 2020-01-01 0.1"), source="test", actor=ACTOR, now=now)
    assert "Not in these sums" not in staff.get("/revenue/").content.decode()


def test_nonsense_in_the_address_means_the_default():
    params = QueryDict("period=x&by=password&figure=;&only=evil:1&only=plan:A&known=2026-99-99&from=1&to=2")
    assert Asked.read(params) == Asked(only=(("plan", "A"),))
    backwards = QueryDict("period=custom&from=2026-02-01&to=2026-01-01")
    assert Asked.read(backwards) == Asked()


@pytest.mark.parametrize("period", ["12m", "month", "last_month", "quarter", "last_quarter", "year", "last_year"])
def test_every_period_is_cut_into_its_months_without_a_gap(period, now):
    span = Asked(period=period).span(now.date())
    months = months_of(span)
    assert (months[0].start, months[-1].end) == (span.start, span.end)
    assert all(one.end == following.start for one, following in zip(months, months[1:], strict=False))


def test_every_address_answers(staff, book, now):
    today = now.date().isoformat()
    for by in ("plan", "tier", "segment", "owner", "currency", "tag"):
        assert staff.get(f"/revenue/?by={by}&period=year").status_code == 200
    assert staff.get(f"/revenue/?period=custom&from=2026-01-01&to={today}&only=owner:1&only=owner:&only=tag:&only=currency:USD").status_code == 200
    for view in ("todo", "calendar", "decided", "x"):
        assert staff.get(f"/renewals/?view={view}&page=9").status_code == 200


def test_nobody_sees_the_revenue_of_another_book(staff, now):
    theirs = make.account(owner=make.user(), name="Theirs", arr=9000, renews_on=now.date() + timedelta(days=20))
    renewals.plan(actor=ACTOR, now=now)
    for page in ("/revenue/", "/revenue/movements/?figure=closing", "/renewals/", "/renewals/?view=calendar"):
        text = staff.get(page).content.decode()
        assert "Theirs" not in text
        assert "9.0k" not in text
    row = Renewal.objects.get(account=theirs)
    assert press(staff, "call_renewal", row.pk, call="good")[0] == 404
    assert press(staff, "decide_renewal", row.pk, arr="0")[0] == 404


@pytest.fixture
def renewal(csm, now):
    make.account(owner=csm, name="Riverside", arr=1000, renews_on=now.date() + timedelta(days=20))
    renewals.plan(actor=ACTOR, now=now)
    return Renewal.objects.get()


def test_one_click_calls_a_renewal_and_can_be_taken_back(staff, csm, renewal):
    status, said = press(staff, "call_renewal", renewal.pk, call="at_risk")
    row = RenewalCall.objects.get()
    assert (status, row.call, row.checkpoint, row.author) == (204, "at_risk", 30, csm)
    assert said == {"words": "Riverside: you call it at risk", "undo": f"/do/renewals/{renewal.pk}/uncall/"}
    assert press(staff, "uncall_renewal", renewal.pk)[0] == 204
    row.refresh_from_db()
    assert row.withdrawn_at is not None
    status, said = press(staff, "uncall_renewal", renewal.pk)
    assert (status, said["words"]) == (409, "You have no call on this renewal that could be taken back.")


def test_where_the_model_differs_comes_first_and_a_settled_one_leaves_the_list(staff, csm, renewal, now):
    make.account(owner=csm, name="Uncalled", arr=9000, renews_on=now.date() + timedelta(days=10))
    renewals.plan(actor=ACTOR, now=now)
    renewals.call(renewal, call=Call.GOOD, author=csm, actor=ACTOR, now=now)
    renewals.note_model_calls([(renewal.pk, 30, 0.2, "logistic v3")], now=now)
    text = staff.get("/renewals/").content.decode()
    assert text.index("Riverside") < text.index("Uncalled")
    assert "You and the model differ." in text
    renewals.call(renewal, call=Call.CHURN, author=csm, actor=ACTOR, now=now + timedelta(seconds=1))
    assert "Riverside" not in staff.get("/renewals/").content.decode()
    assert "Riverside" in staff.get("/renewals/?view=calendar").content.decode()


def test_saying_how_it_ended_moves_the_ledger(staff, renewal):
    assert press(staff, "decide_renewal", renewal.pk, arr="1,250")[1]["words"] == "Riverside: renewed for more"
    assert ArrMovement.objects.order_by("id").last().amount == 250
    assert "renewed for more" in staff.get("/renewals/?view=decided").content.decode()
    assert press(staff, "decide_renewal", renewal.pk, arr="1")[0] == 409


@pytest.mark.parametrize("words", ["", "abc", "NaN", "-5", "1e30"])
def test_an_amount_that_is_none_is_refused(staff, renewal, words):
    status, said = press(staff, "decide_renewal", renewal.pk, arr=words)
    renewal.refresh_from_db()
    assert (status, renewal.state, Account.objects.get().arr) == (409, "open", 1000)
    assert "Nothing was changed" in said["words"]


def test_a_viewer_looks_and_changes_nothing(client, renewal):
    client.force_login(make.user(Role.VIEWER))
    assert "Riverside" in client.get("/renewals/").content.decode()
    assert client.post(reverse("call_renewal", args=[renewal.pk]), {"call": "good"}).status_code == 403
    assert not RenewalCall.objects.exists()
