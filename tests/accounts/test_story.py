"""What the schema of a customer's story refuses, and who sees whose."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from apps.accounts.models import Account, AccountRole, Contact, Invoice, Note, Promise, Pulse, Subscription, SurveyResponse, Ticket
from apps.accounts.roles import create_groups
from apps.accounts.types import Role
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make.account()


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize(
    ("kind", "score", "fits"),
    [
        ("nps", 0, True),
        ("nps", 10, True),
        ("nps", 11, False),
        ("csat", 0, False),
        ("csat", 5, True),
        ("csat", 6, False),
        ("ces", 7, True),
        ("ces", 8, False),
    ],
)
def test_a_survey_score_stays_on_its_scale(account, now, kind, score, fits):
    answer = SurveyResponse(account=account, source="test", external_id="1", kind=kind, score=score, at=now)
    if fits:
        answer.save()
    else:
        with refused("score_on_its_scale"), transaction.atomic():
            answer.save()
    assert SurveyResponse.objects.count() == int(fits)


def test_the_same_ticket_of_a_source_is_one_ticket(account, now):
    Ticket.objects.create(account=account, source="desk", external_id="1", opened_at=now)
    Ticket.objects.create(account=account, source="other desk", external_id="1", opened_at=now)
    with refused("one_ticket_per_id"), transaction.atomic():
        Ticket.objects.create(account=account, source="desk", external_id="1", opened_at=now)
    assert Ticket.objects.count() == 2


def test_a_ticket_is_not_solved_without_a_time_nor_before_it_was_opened(account, now):
    with refused("solved_ticket_has_a_time"), transaction.atomic():
        Ticket.objects.create(account=account, source="desk", external_id="1", opened_at=now, state="solved")
    with refused("solved_after_opened"), transaction.atomic():
        Ticket.objects.create(account=account, source="desk", external_id="1", opened_at=now, state="solved", solved_at=now - timedelta(hours=1))
    assert not Ticket.objects.exists()


def test_money_and_dates_of_contracts_hold_together(account, now):
    today = now.date()
    with refused("subscription_ends_after_start"), transaction.atomic():
        Subscription.objects.create(account=account, external_id="c", started_on=today, ended_on=today - timedelta(days=1), currency="USD")
    with refused("subscription_arr_not_negative"), transaction.atomic():
        Subscription.objects.create(account=account, external_id="c", started_on=today, currency="USD", arr=-1)
    with refused("paid_has_a_day"), transaction.atomic():
        Invoice.objects.create(account=account, external_id="i", amount=1, currency="USD", issued_on=today, due_on=today, state="paid")
    with refused("invoice_not_negative"), transaction.atomic():
        Invoice.objects.create(account=account, external_id="i", amount=-1, currency="USD", issued_on=today, due_on=today)
    assert not Subscription.objects.exists()
    assert not Invoice.objects.exists()


def test_people_and_companies_do_not_stand_above_themselves(account):
    person = make.contact(account)
    with refused("reports_to_somebody_else"), transaction.atomic():
        Contact.objects.filter(pk=person.pk).update(reports_to=person)
    with refused("influence_one_to_five"), transaction.atomic():
        Contact.objects.filter(pk=person.pk).update(influence=6)
    with refused("not_its_own_parent"), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(parent=account)


def test_a_settled_promise_says_when_and_a_pulse_stays_in_range(account, now):
    with refused("settled_promise_has_a_time"), transaction.atomic():
        Promise.objects.create(account=account, text="Call", due_on=now.date(), state="kept", created_at=now)
    with refused("pulse_zero_to_hundred"), transaction.atomic():
        Pulse.objects.create(account=account, value=101, at=now)


def test_who_stands_in_for_the_owner_sees_the_account_and_nobody_else_does():
    owner, backup, stranger = make.user(), make.user(), make.user()
    account = make.account(owner=owner)
    make.account(owner=stranger)
    AccountRole.objects.create(account=account, user=backup, role="backup")
    AccountRole.objects.create(account=account, user=owner, role="sponsor")
    assert list(Account.objects.for_user(backup)) == [account]
    assert list(Account.objects.for_user(owner)) == [account]
    assert account not in Account.objects.for_user(stranger)


@pytest.mark.parametrize("model", [Ticket, SurveyResponse, Note, Promise, Pulse, Subscription, Invoice], ids=lambda model: model.__name__)
def test_the_story_of_another_book_is_not_found(client, now, model):
    create_groups()
    mine, theirs = make.account(owner=make.user()), make.account(owner=make.user())
    make.story(mine, now=now)
    make.story(theirs, now=now)
    client.force_login(mine.owner)
    page = client.get(reverse(f"admin:accounts_{model._meta.model_name}_changelist"))
    assert page.status_code == 200
    assert [row.account_id for row in page.context["cl"].queryset] == [mine.pk]
    other = model.objects.get(account=theirs)
    answer = client.get(reverse(f"admin:accounts_{model._meta.model_name}_change", args=[other.pk]))
    assert answer.status_code == 302  # as for an id that does not exist


def test_a_note_and_a_pulse_are_signed_by_who_says_them(client, now, account):
    create_groups()
    boss = make.user(Role.ADMINISTRATOR)
    client.force_login(boss)
    client.post(
        reverse("admin:accounts_note_add"), {"account": account.pk, "kind": "call", "body": "All well", "at_0": "2026-03-01", "at_1": "09:00"}
    )
    client.post(reverse("admin:accounts_pulse_add"), {"account": account.pk, "value": 80, "reason": "New sponsor"})
    assert Note.objects.get().author == boss
    said = Pulse.objects.get()
    assert (said.author, said.value) == (boss, 80)
    assert client.get(reverse("admin:accounts_pulse_change", args=[said.pk])).status_code == 200
    client.post(reverse("admin:accounts_pulse_change", args=[said.pk]), {"account": account.pk, "value": 10})
    said.refresh_from_db()
    assert said.value == 80
