"""Revenue figures against sums worked out by hand, and against themselves."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from apps.accounts.models import Account, ArrMovement
from apps.accounts.selectors import revenue
from apps.accounts.services import ledger, mark_churned, rates, subscriptions
from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.core.errors import Refused
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
Period = revenue.Period
WHO = {"source": "test", "actor": ACTOR, "now": NOW}
QUARTER = Period(date(2025, 10, 1), date(2026, 1, 1))


@pytest.fixture
def boss():
    return make.user(Role.ADMINISTRATOR)


def told(figure):
    """The figure in plain numbers, in the order of the waterfall."""
    return tuple(int(getattr(figure, name)) for name in ("opening", "new", "expansion", "contraction", "churn", "reactivation", "closing"))


def moves(account, *steps, currency=""):
    for day, amount in steps:
        ledger.record(account, amount=Decimal(amount), effective_on=day, reason="", currency=currency, **WHO)


def paying(arr, started_on=date(2025, 1, 1), **fields):
    return make.account(arr=arr, started_on=started_on, **fields)


def leaves(account, day):
    mark_churned(Account.objects.get(pk=account.pk), on=day, actor=ACTOR, now=NOW)


@pytest.fixture
def quarter():
    """Six customers in the last quarter of 2025.

    | customer | opening | movements                            | closing |
    |----------|---------|--------------------------------------|---------|
    | grows    | 1000    | +300 Oct 10                          | 1300    |
    | shrinks  | 2000    | -500 Nov 1                           | 1500    |
    | goes     |  800    | -800 Dec 1 (churn)                   |    0    |
    | sways    |  600    | +200 Oct 5, -100 Dec 20              |  700    |
    | comes    |    -    | +400 Oct 1 (new), +50 Dec 31         |  450    |
    | returns  |    -    | left in Mar 2025, +700 Nov 15        |  700    |
    """
    made = {
        "grows": paying(1000, tier="gold"),
        "shrinks": paying(2000, tier="gold"),
        "goes": paying(800, tier="silver"),
        "sways": paying(600, tier="silver"),
        "comes": paying(400, started_on=date(2025, 10, 1), tier="gold"),
        "returns": paying(500, tier="silver"),
    }
    moves(made["grows"], (date(2025, 10, 10), 300))
    moves(made["shrinks"], (date(2025, 11, 1), -500))
    moves(made["sways"], (date(2025, 10, 5), 200), (date(2025, 12, 20), -100))
    moves(made["comes"], (date(2025, 12, 31), 50))
    moves(made["returns"], (date(2025, 3, 1), -500), (date(2025, 11, 15), 700))
    leaves(made["goes"], date(2025, 12, 1))
    return made


def test_a_quarter_equals_the_sums_worked_out_by_hand(quarter, boss):
    found = revenue.total(boss, QUARTER, known_at=NOW)
    # opening 1000 + 2000 + 800 + 600 = 4400; expansion 300 + 200 + 50; contraction 500 + 100
    assert told(found) == (4400, 400, 550, -600, -800, 700, 4650)
    # Customers of Oct 1: 1300 + 1500 + 0 + 700 = 3500 of 4400 are left. Newcomers and returned ones do not count.
    assert found.nrr == Decimal(3500) / 4400
    # Without growth: 1000 + 1500 + 0 + 600 (sways pays more than at the start, so it lost nothing) = 3100 of 4400.
    assert found.grr == Decimal(3100) / 4400
    # Four customers at the start, one of them gone; two came.
    assert (found.customers, found.lost, found.came, found.logo_churn) == (4, 1, 2, Decimal("0.25"))
    assert found.mrr == Decimal("387.5")
    # (400 + 550 + 700) / (600 + 800)
    assert found.quick_ratio == Decimal(1650) / 1400


def test_groups_add_up_to_the_whole(quarter, boss):
    found = {row.key: told(row) for row in revenue.figures(boss, [QUARTER], by="tier", known_at=NOW)}
    # gold: grows, shrinks, comes; silver: goes, sways, returns.
    assert found == {"gold": (3000, 400, 350, -500, 0, 0, 3250), "silver": (1400, 0, 200, -100, -800, 700, 1400)}
    gold = revenue.total(boss, QUARTER, only=[("tier", "gold")], known_at=NOW)
    # 1300 + 1500 of 3000, and 1000 + 1500 of 3000.
    assert (told(gold), gold.nrr, gold.grr) == (found["gold"], Decimal(2800) / 3000, Decimal(2500) / 3000)


def test_a_month_on_its_own(quarter, boss):
    november = revenue.total(boss, Period(date(2025, 11, 1), date(2025, 12, 1)), known_at=NOW)
    # Opening: grows 1300, shrinks 2000, goes 800, sways 800, comes 400 = 5300; shrinks loses 500 on the first day, returns brings 700.
    assert told(november) == (5300, 0, 0, -500, 0, 700, 5500)
    assert (november.nrr, november.grr) == (Decimal(4800) / 5300, Decimal(4800) / 5300)
    assert (november.customers, november.lost, november.came) == (5, 0, 1)


def test_nothing_at_the_start_means_we_cannot_tell(quarter, boss):
    before = revenue.total(boss, Period(date(2024, 10, 1), date(2025, 1, 1)), known_at=NOW)
    assert (told(before), before.nrr, before.grr, before.logo_churn) == ((0,) * 7, None, None, None)
    assert revenue.total(boss, Period(date(2024, 10, 1), date(2025, 4, 1)), known_at=NOW).nrr is None


def test_each_months_closing_is_the_next_ones_opening_and_all_add_up(quarter, boss):
    months = [Period(date(2025, month, 1), date(2025, month + 1, 1)) for month in range(1, 12)]
    series = revenue.figures(boss, months, known_at=NOW)
    assert [one.period for one in series] == months
    for one, following in zip(series, series[1:], strict=False):
        assert one.opening + one.new + one.expansion + one.contraction + one.churn + one.reactivation == one.closing == following.opening
        assert one.customers + one.came - one.lost == following.customers


def test_a_restated_movement_changes_todays_answer_and_not_the_one_of_then(quarter, boss):
    wrong = ArrMovement.objects.get(account=quarter["comes"], kind="new")
    later = NOW + timedelta(days=30)
    ledger.restate(wrong, amount=Decimal(440), reason="the offer said 440", source="test", actor=ACTOR, now=later)
    assert told(revenue.total(boss, QUARTER, known_at=NOW)) == (4400, 400, 550, -600, -800, 700, 4650)
    assert told(revenue.total(boss, QUARTER, known_at=later)) == (4400, 440, 550, -600, -800, 700, 4690)


def test_a_moving_rate_is_no_growth_but_told_apart(boss):
    rates.enter(rates.read("EUR 2025-01-01 1.10\nEUR 2025-11-01 1.20\nEUR 2026-01-01 1.25"), source="test", actor=ACTOR, now=NOW - timedelta(days=90))
    abroad = paying(1000, currency="EUR")
    paying(2000)
    moves(abroad, (date(2025, 12, 1), 100))
    found = revenue.total(boss, QUARTER, known_at=NOW)
    # On Oct 1 a euro was worth 1.10: opening 1000 x 1.10 + 2000, expansion 100 x 1.10, closing 1100 x 1.10 + 2000.
    assert told(found) == (3100, 0, 110, 0, 0, 0, 3210)
    assert (found.nrr, found.grr) == (Decimal(3210) / 3100, 1)
    # At the rate of Jan 1, the closing is 1100 x 1.25 + 2000 = 3375.
    assert found.fx == 165
    following = revenue.total(boss, Period(date(2026, 1, 1), date(2026, 2, 1)), known_at=NOW)
    assert following.opening == found.closing + found.fx == 3375
    own = {row.key: told(row) for row in revenue.figures(boss, [QUARTER], by="currency", known_at=NOW)}
    assert own == {"EUR": (1000, 0, 100, 0, 0, 0, 1100), "USD": (2000, 0, 0, 0, 0, 0, 2000)}
    assert told(revenue.total(boss, QUARTER, only=[("currency", "EUR")], known_at=NOW)) == own["EUR"]


def test_a_missing_rate_is_named_and_never_guessed(boss):
    paying(1000, currency="SEK")
    paying(2000)
    found = revenue.total(boss, QUARTER, known_at=NOW)
    assert (told(found), found.missing) == ((2000, 0, 0, 0, 0, 0, 2000), {"SEK": 1000})
    rates.enter(rates.read("SEK 2025-10-02 0.1"), source="test", actor=ACTOR, now=NOW)
    # The rate of the second day is not the first day's.
    assert revenue.total(boss, QUARTER, known_at=NOW).missing == {"SEK": 1000}
    rates.enter(rates.read("SEK 2025-10-01 0.1"), source="test", actor=ACTOR, now=NOW)
    assert told(revenue.total(boss, QUARTER, known_at=NOW)) == (2100, 0, 0, 0, 0, 0, 2100)
    # What was known a minute earlier did not include the rate.
    assert revenue.total(boss, QUARTER, known_at=NOW - timedelta(minutes=1)).missing == {"SEK": 1000}


def test_a_customer_with_two_currencies_is_one_customer(boss):
    rates.enter(rates.read("EUR 2025-01-01 2"), source="test", actor=ACTOR, now=NOW)
    account = paying(0)
    subscriptions.start(account, external_id="home", arr=Decimal(1000), started_on=date(2025, 1, 1), actor=ACTOR, now=NOW)
    abroad = subscriptions.start(account, external_id="away", arr=Decimal(500), currency="EUR", started_on=date(2025, 1, 1), actor=ACTOR, now=NOW)
    moves(account, (date(2025, 11, 1), 300))
    subscriptions.change(abroad, on=date(2025, 11, 2), arr=Decimal(300), actor=ACTOR, now=NOW)
    found = revenue.total(boss, QUARTER, known_at=NOW)
    # Opening 1000 + 2 x 500; +300 at home; -2 x 200 abroad. It pays 1900 of 2000: the loss is 100, not 400.
    assert told(found) == (2000, 0, 300, -400, 0, 0, 1900)
    assert (found.nrr, found.grr, found.customers) == (Decimal("0.95"), Decimal("0.95"), 1)


@pytest.mark.parametrize("figure", revenue.FIGURES)
def test_the_movements_behind_a_figure_add_up_to_it(quarter, boss, figure):
    found = revenue.total(boss, QUARTER, known_at=NOW)
    rows = list(revenue.movements(boss, QUARTER, figure=figure, known_at=NOW))
    expected = {"nrr": found.kept_change, "grr": -(found.shrunk), "lost": Decimal(-800)}
    assert sum(row.worth for row in rows) == expected.get(figure, getattr(found, figure, None))


def test_owners_tags_and_unsold_books(boss):
    csm = make.user(Role.CSM)
    mine = paying(1000, owner=csm, tags=["a", "b"])
    paying(500, tags=["b"])
    paying(200)
    tags = {row.key: int(row.closing) for row in revenue.figures(boss, [QUARTER], by="tag", known_at=NOW)}
    assert tags == {"a": 1000, "b": 1500, "": 200}
    owners = {row.key: int(row.closing) for row in revenue.figures(boss, [QUARTER], by="owner", known_at=NOW)}
    assert owners == {str(csm.pk): 1000, "": 700}
    for only, closing in ((("tag", "b"), 1500), (("tag", ""), 200), (("owner", ""), 700), (("owner", str(csm.pk)), 1000)):
        assert revenue.total(boss, QUARTER, only=[only], known_at=NOW).closing == closing
        assert sum(row.worth for row in revenue.movements(boss, QUARTER, figure="closing", only=[only], known_at=NOW)) == closing
    # A success manager's figures are those of the own book.
    assert revenue.total(csm, QUARTER, known_at=NOW).closing == 1000
    assert {row.account_id for row in revenue.movements(csm, QUARTER, figure="closing", known_at=NOW)} == {mine.pk}
    assert revenue.total(make.user(Role.CSM), QUARTER, known_at=NOW).closing == 0


def test_one_statement_whatever_is_asked(quarter, boss, django_assert_num_queries):
    assert boss.sees_everything
    months = [Period(date(2025, month, 1), date(2025, month + 1, 1)) for month in range(1, 12)]
    for by in revenue.GROUPINGS:
        with django_assert_num_queries(1):
            assert revenue.figures(boss, months, by=by, known_at=NOW)


@pytest.mark.parametrize("seed", range(6))
def test_any_split_of_a_period_adds_up_and_equals_a_plain_recount(boss, seed):
    """Random lives in three currencies; Python adds up the same movements one by one."""
    draw = random.Random(seed)
    rates.enter(rates.read("EUR 2025-01-01 1.5\nGBP 2025-01-01 2"), source="test", actor=ACTOR, now=NOW)
    first = date(2025, 1, 1)
    for _ in range(8):
        began, currency = first + timedelta(days=draw.randrange(200)), draw.choice(["USD", "EUR", "GBP"])
        account = paying(draw.randrange(100, 1000), started_on=began, currency=currency)
        for _ in range(draw.randrange(6)):
            try:
                moves(account, (began + timedelta(days=draw.randrange(200)), draw.randrange(-400, 400)))
            except Refused:
                continue
        if draw.random() < 0.3:
            leaves(account, date(2025, 12, 1))
    cuts = sorted({first + timedelta(days=draw.randrange(40, 380)) for _ in range(5)})
    periods = [Period(start, end) for start, end in zip(cuts, cuts[1:], strict=False)]
    series = revenue.figures(boss, periods, known_at=NOW)
    whole = revenue.total(boss, Period(cuts[0], cuts[-1]), known_at=NOW)
    worth = {"USD": Decimal(1), "EUR": Decimal("1.5"), "GBP": Decimal(2)}
    stored = list(ArrMovement.objects.values_list("account", "kind", "amount", "currency", "effective_on"))
    for figure in [*series, whole]:
        period = figure.period
        inside = [row for row in stored if period.start <= row[4] < period.end]
        for kind in ("new", "expansion", "contraction", "churn", "reactivation"):
            assert getattr(figure, kind) == sum(row[2] * worth[row[3]] for row in inside if row[1] == kind)
        start = {key: sum(row[2] * worth[row[3]] for row in stored if row[0] == key and row[4] < period.start) for key in {row[0] for row in stored}}
        end = {key: sum(row[2] * worth[row[3]] for row in stored if row[0] == key and row[4] < period.end) for key in start}
        assert (figure.opening, figure.closing) == (sum(start.values()), sum(end.values()))
        paid = {key: amount for key, amount in start.items() if amount}
        assert figure.nrr == (sum(end[key] for key in paid) / figure.opening if paid else None)
        assert figure.grr == (sum(min(end[key], amount) for key, amount in paid.items()) / figure.opening if paid else None)
        assert (figure.customers, figure.lost) == (len(paid), sum(1 for key in paid if not end[key]))
    assert sum(one.new + one.expansion + one.contraction + one.churn + one.reactivation for one in series) == whole.closing - whole.opening


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EUR 2026-01-01", "line 1: expected currency, day and rate"),
        ("currency,day,rate\nEUR,2026-13-01,1.1", "line 2: "),
        ("EUR 2026-01-01 -1", "above zero"),
        ("EUR 2026-01-01 abc", "no number"),
        ("EURO 2026-01-01 1", "three letters"),
        ("USD 2026-01-01 1", "own currency"),
        ("EUR 2026-01-01 NaN", "above zero"),
        ("\n", "no rate in it"),
    ],
)
def test_unreadable_rates_say_where_and_why(text, words):
    with pytest.raises(Refused, match=words):
        rates.read(text)


def test_rates_are_pasted_as_they_come_and_known_ones_add_nothing():
    lines = rates.read("currency;day;rate\nEUR;2026-01-01;1.0832\ngbp\t2026-01-01\t1.27\n")
    assert [(rate.currency, str(rate.rate)) for rate in lines] == [("EUR", "1.0832000000"), ("GBP", "1.2700000000")]
    assert len(rates.enter(lines, source="test", actor=ACTOR, now=NOW)) == 2
    assert rates.enter(lines, source="test", actor=ACTOR, now=NOW + timedelta(days=1)) == []
    corrected = rates.read("EUR 2026-01-01 1.09")
    rates.enter(corrected, source="test", actor=ACTOR, now=NOW + timedelta(days=1))
    assert revenue.rates_on(date(2026, 2, 1), known_at=NOW)["EUR"] == Decimal("1.0832")
    assert revenue.rates_on(date(2026, 2, 1), known_at=NOW + timedelta(days=1))["EUR"] == Decimal("1.09")
