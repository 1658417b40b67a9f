"""What messages cost: before, afterwards, and never more than the budget, however many claim at once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.core.actor import Actor
from apps.messaging import costs, dispatch, policy, services
from apps.messaging.models import Message
from tests import make
from tests.faults.http_peer import ACCOUNT, Provider
from tests.messaging.crowd import at_once

HOUR = timedelta(hours=1)
PRICES = {"sms": {"1": "0.0083", "1684": "0.12", "": "0.08"}, "voice": {"": "0.2"}}


def write(now, **said) -> None:
    services.write_policy(actor=Actor.job("test"), now=now, **{"prices": PRICES, "caps": [], **said})


def text(now, number: str = "+15550001111", person=None, **fields) -> Message:
    whom = person or make.contact(make.account(), phone=number)
    return make.message(whom, now=now, **{"channel": "sms", "address": number, "lane": "save", "lane_rank": 1, **fields})


def claim(now, channel="sms") -> list[int]:
    return [message.pk for message in dispatch.claim(channel, owner="w", now=now, limit=20).sending]


def seen(message: Message) -> Message:
    message.refresh_from_db()
    return message


@pytest.mark.parametrize(
    ("channel", "address", "body", "expected"),
    [
        ("sms", "+15550001111", "Hi", "0.0083"),
        ("sms", "+16841230000", "Hi", "0.12"),
        ("sms", "+491701234567", "Hi", "0.08"),
        ("sms", "+491701234567", "a" * 161, "0.16"),
        ("sms", "+491701234567", "ș" * 135, "0.24"),
        ("voice", "+491701234567", "a" * 161, "0.2"),
        ("whatsapp", "+491701234567", "Hi", None),
        ("email", "sam@x.test", "Hi", None),
    ],
)
@pytest.mark.django_db
def test_the_estimate_is_parts_times_the_price_of_the_longest_prefix_that_fits(now, channel, address, body, expected):
    write(now)
    found = costs.estimate(Message(channel=channel, address=address, body=body), policy.current())
    assert found == (Decimal(expected) if expected else None)


@pytest.mark.django_db
def test_a_claim_writes_the_estimate_on_every_message_that_it_takes(now):
    write(now)
    one, two = text(now, body="a" * 161), text(now, "+491701234567")
    assert set(claim(now)) == {one.pk, two.pk}
    assert [(seen(row).cost_estimate, row.currency, row.cost_actual) for row in (one, two)] == [
        (Decimal("0.0166"), "USD", None),
        (Decimal("0.08"), "USD", None),
    ]


@pytest.mark.django_db
def test_what_has_no_price_costs_nothing_and_needs_no_budget(now):
    write(now, budgets={"": "0"})
    mail = make.message(make.contact(make.account()), now=now)
    assert claim(now, "email") == [mail.pk]
    assert (seen(mail).cost_estimate, mail.currency) == (None, "")


@pytest.mark.django_db
def test_over_the_budget_a_message_waits_for_the_next_month_and_says_why_and_a_higher_budget_lets_it_go(now):
    write(now, budgets={"sms": "0.20"})
    for _ in range(2):
        text(now, "+491701234567")
    assert len(claim(now)) == 2
    third = text(now, "+491701234567", expires_at=now + timedelta(days=60))
    assert claim(now) == []
    assert (seen(third).state, third.due_at) == ("held", now.replace(month=4, day=1, hour=0))
    assert third.reason == "The budget for SMS in March is 0.20 USD; 0.16 is spent and this would cost 0.08."
    write(now, budgets={"sms": "0.24"})
    assert claim(now) == [third.pk]


@pytest.mark.django_db
def test_one_budget_for_all_channels_counts_each_of_them_and_months_begin_anew(now):
    write(now, budgets={"": "0.25"})
    call = text(now, channel="voice")
    assert claim(now, "voice") == [call.pk]
    late = text(now, "+491701234567", expires_at=now + timedelta(days=60))
    assert claim(now) == []
    assert seen(late).reason == "The budget for all messages in March is 0.25 USD; 0.20 is spent and this would cost 0.08."
    april = late.due_at.replace(hour=12)
    Message.objects.filter(pk=late.pk).update(due_at=april)
    assert claim(april) == [late.pk]


@pytest.mark.django_db
def test_transactional_messages_pass_the_budget_and_count_and_what_was_refused_costs_nothing(now):
    write(now, budgets={"sms": "0.08"})
    urgent = text(now, "+491701234567", lane="transactional", lane_rank=0)
    also = text(now, "+491701234567", lane="transactional", lane_rank=0)
    assert set(claim(now)) == {urgent.pk, also.pk}
    mine = text(now, "+491701234567")
    assert claim(now) == []
    Message.objects.filter(pk__in=[urgent.pk, also.pk]).update(state="failed")
    Message.objects.filter(pk=mine.pk).update(due_at=now)
    assert claim(now) == [mine.pk]


@pytest.mark.django_db
def test_what_the_provider_charged_counts_instead_of_the_estimate_where_it_is_the_same_currency(now):
    write(now, budgets={"sms": "1"})
    for actual, currency in (("0.05", "USD"), ("9", "EUR"), (None, "USD")):
        text(now, state="sent", claimed_at=now, cost_estimate=Decimal("0.08"), cost_actual=actual and Decimal(actual), currency=currency)
    assert costs.spent_since(costs.month_of(now), policy.current()) == {"sms": Decimal("0.21")}


@pytest.mark.django_db(transaction=True)
def test_eight_claimers_on_two_channels_together_spend_exactly_the_budget(now):
    write(now, budgets={"": "2.00", "sms": "1.20"}, prices={"sms": {"": "0.08"}, "voice": {"": "0.16"}})
    account = make.account()
    people = [make.contact(account, phone=f"+4917000{number:05}") for number in range(25)]
    for person in people:
        text(now, person.phone, person)
        text(now, person.phone, person, channel="voice")

    def work(number: int) -> None:
        while dispatch.claim(("sms", "voice")[number % 2], owner=f"w{number}", now=now, limit=1 + number % 3).looked_at:
            pass

    assert at_once(8, work) == []
    spent = costs.spent_since(costs.month_of(now), policy.current())
    assert sum(spent.values()) == Decimal("2.00") or (sum(spent.values()) == Decimal("1.92") and spent["sms"] == Decimal("1.20"))
    assert spent["sms"] <= Decimal("1.20")
    assert Message.objects.filter(state="held", reason__startswith="The budget ").count() == Message.objects.filter(state="held").count() > 0
    assert not Message.objects.filter(state="queued").exists()


@pytest.fixture
def telephone(settings):
    server = Provider()
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "sms": ["twilio"], "voice": ["twilio"]}
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_URL = ACCOUNT, "token", server.url
    settings.TWILIO_SMS_FROM = settings.TWILIO_VOICE_FROM = "+14155552345"
    settings.TWILIO_TIMEOUT = 1
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.django_db
def test_twilio_is_asked_what_it_charged_until_it_knows(telephone, now):
    write(now)
    one, call = text(now), text(now, channel="voice")
    for channel in ("sms", "voice"):
        dispatch.one_round(channel, owner="w", clock=lambda: now)
    assert costs.learn(now=now + HOUR) == 0
    telephone.prices = {seen(one).provider_message_id: "-0.00790", seen(call).provider_message_id: "-0.02100"}
    assert costs.learn(now=now + HOUR + 5 * timedelta(minutes=1)) == 0
    assert costs.learn(now=now + 3 * HOUR) == 2
    assert [(seen(row).cost_actual, row.currency, row.cost_estimate) for row in (one, call)] == [
        (Decimal("0.0079"), "USD", Decimal("0.0083")),
        (Decimal("0.021"), "USD", Decimal("0.2")),
    ]
    assert costs.learn(now=now + 5 * HOUR) == 0


@pytest.mark.django_db
def test_a_provider_that_answers_nonsense_or_not_at_all_tells_no_price(telephone, now):
    one = text(now)
    dispatch.one_round("sms", owner="w", clock=lambda: now)
    telephone.prices = {seen(one).provider_message_id: "much"}
    assert costs.learn(now=now + HOUR) == 0
    telephone.shutdown()
    telephone.server_close()
    assert costs.learn(now=now + 3 * HOUR) == 0
    assert (seen(one).state, one.cost_actual, one.priced_at) == ("sent", None, now + 3 * HOUR)
