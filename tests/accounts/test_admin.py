import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from apps.accounts import services
from apps.accounts.models import (
    Account,
    ActivityEvent,
    ArrMovement,
    Contact,
    DailyRollup,
    EventName,
    ExchangeRate,
    Field,
    Identity,
    ImportMapping,
    ImportProblem,
    ImportRun,
    Invoice,
    Note,
    Promise,
    Pulse,
    Renewal,
    Subscription,
    SurveyResponse,
    Team,
    Ticket,
    User,
)
from apps.accounts.roles import create_groups
from apps.accounts.types import Role
from apps.core import clock
from apps.core.actor import Actor
from apps.events.models import Event
from tests import make

pytestmark = pytest.mark.django_db
STORY = [ArrMovement, ExchangeRate, Renewal, Ticket, SurveyResponse, Note, Promise, Pulse, Subscription, Invoice]
MODELS = [
    Group,
    Team,
    User,
    Account,
    Contact,
    Identity,
    EventName,
    ActivityEvent,
    DailyRollup,
    Field,
    ImportRun,
    ImportProblem,
    ImportMapping,
    *STORY,
]


def listing(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture(autouse=True)
def rights(db):
    create_groups()


@pytest.fixture
def boss(client):
    person = make.user(Role.ADMINISTRATOR)
    client.force_login(person)
    return person


@pytest.fixture
def some_of_everything(now):
    person = make.user()
    for number in range(12):
        make.user()
        account = make.account(owner=person, name=f"Firm {number}")
        person_there = make.contact(account)
        Identity.objects.create(external_id=f"visitor-{number}", contact=person_there, source="web", at=now)
        make.activity(account, now, name=f"event {number}")
        make.story(account, now=now)
        run = ImportRun.objects.create(kind="accounts", file_name=f"f{number}.csv", sha256="x", actor="job:x", started_at=now)
        ImportProblem.objects.create(run=run, row=3, column="id", problem="id is missing.")
        ImportMapping.objects.create(kind="accounts", signature=str(number), used_at=now)
        Field.objects.create(name=f"account.traits.f{number}")
        Renewal.objects.create(account=account, due_on=now.date(), arr=1, currency="USD")
        ExchangeRate.objects.create(
            currency="EUR", into="USD", valid_from=now.date(), rate=1, recorded_at=now - timedelta(days=number), actor="job:x"
        )
    make.team("East")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_and_page_opens(client, some_of_everything, model):
    client.force_login(make.user(Role.ADMINISTRATOR, is_superuser=True))
    assert client.get(listing(model)).status_code == 200
    row = model.objects.first()
    assert client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])).status_code == 200
    assert client.get(listing(model), {"q": "f"}).status_code == 200


@pytest.mark.parametrize(
    "model", [User, Account, Contact, Identity, ActivityEvent, DailyRollup, ImportRun, ImportProblem, *STORY], ids=lambda model: model.__name__
)
def test_a_longer_list_costs_no_more_queries(client, now, some_of_everything, django_assert_max_num_queries, model):
    client.force_login(make.user(Role.ADMINISTRATOR, is_superuser=True))
    client.get(listing(model))
    with django_assert_max_num_queries(14):
        answer = client.get(listing(model))
    assert len(re.findall(r'name="_selected_action"|<tr', answer.content.decode())) >= 12


def test_facts_cannot_be_edited(client, boss, some_of_everything):
    for model in (ActivityEvent, DailyRollup, ImportRun, ImportProblem):
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[model.objects.first().pk])
        assert client.post(page, {}).status_code == 403
        assert client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")).status_code == 403


@pytest.mark.parametrize("model", [ImportRun, ImportProblem])
def test_raw_lines_of_files_are_shown_to_who_may_import_and_to_who_brought_them(client, now, model):
    csm, boss = make.user(Role.CSM), make.user(Role.ADMINISTRATOR)
    for actor in (f"user:{csm.pk}", f"user:{boss.pk}", "job:import_contacts"):
        run = ImportRun.objects.create(kind="contacts", file_name=f"{actor}.csv", sha256="x", actor=actor, started_at=now)
        ImportProblem.objects.create(run=run, problem="x", raw=f"ada@{actor}.test")
    shown = {}
    for user in (csm, boss):
        client.force_login(user)
        page = client.get(listing(model)).content.decode()
        shown[user] = [f"{actor}.csv" in page for actor in (f"user:{csm.pk}", f"user:{boss.pk}", "job:import_contacts")]
    assert shown == {csm: [True, False, False], boss: [True, True, True]}
    client.force_login(csm)
    others = model.objects.order_by("pk").last()
    assert client.get(reverse(f"admin:accounts_{model._meta.model_name}_change", args=[others.pk])).status_code == 302


def test_a_success_manager_sees_only_the_own_book(client):
    csm = make.user(Role.CSM)
    mine, other = make.account(name="Mine Ltd", owner=csm), make.account(name="Other Ltd")
    person = make.contact(other)
    client.force_login(csm)

    page = client.get(listing(Account)).content.decode()

    assert "Mine Ltd" in page
    assert "Other Ltd" not in page
    assert client.get(reverse("admin:accounts_account_change", args=[mine.pk])).status_code == 200
    assert client.get(reverse("admin:accounts_account_change", args=[other.pk])).status_code == 302
    assert client.get(reverse("admin:accounts_contact_change", args=[person.pk])).status_code == 302
    client.post(listing(Account), {"action": "mark_churned", "_selected_action": [other.pk]})
    other.refresh_from_db()
    assert other.stage == "active"


def test_an_administrator_edits_an_account_and_hands_it_over(client, boss):
    account, csm = make.account(name="Old name", traits={"a": 1}), make.user(Role.CSM)
    page = reverse("admin:accounts_account_change", args=[account.pk])
    form = client.get(page).context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value is not None and name in form.fields}
    inline = {
        f"{part}-{name}": 0 for part in ("contacts", "team_roles") for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    }

    answer = client.post(page, {**values, **inline, "traits": '{"a": 2}', "name": "New name", "owner": csm.pk})

    assert answer.status_code == 302, answer.context["errors"]
    account.refresh_from_db()
    assert (account.name, account.owner, account.traits) == ("New name", csm, {"a": 2})


def test_whoever_saves_second_sees_both_values_and_decides(client, boss):
    account = make.account(name="Riverside", tier="basic", segment="smb")
    page = reverse("admin:accounts_account_change", args=[account.pk])
    form = client.get(page).context["adminform"].form
    inline = {
        f"{part}-{name}": 0 for part in ("contacts", "team_roles") for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    }
    values = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    seen = {form.add_initial_prefix(name): value for name, value in values.items()}
    services.edit(account, changes={"tier": "gold", "segment": "mid"}, actor=Actor("user", "9"), now=clock.now())

    first = client.post(page, {**values, **seen, **inline, "tier": "silver"})
    text = first.content.decode()
    account.refresh_from_db()
    assert (first.status_code, account.tier) == (200, "gold")
    assert "Somebody else changed this meanwhile, from &#x27;basic&#x27; to &#x27;gold&#x27;" in text

    shown = first.context["adminform"].form.data
    second = client.post(page, {**shown.dict(), "tier": "silver"})
    account.refresh_from_db()
    assert (second.status_code, account.tier, account.segment) == (302, "silver", "mid")


def test_marking_as_left_is_a_service_call_with_its_actor(client, boss):
    account = make.account()
    client.post(listing(Account), {"action": "mark_churned", "_selected_action": [account.pk]})
    again = client.post(listing(Account), {"action": "mark_churned", "_selected_action": [account.pk]}, follow=True)
    account.refresh_from_db()
    event = Event.objects.get()
    assert (account.stage, event.type, event.actor) == ("churned", "account.churned", f"user:{boss.pk}")
    assert "has already left" in again.content.decode()


def test_a_viewer_sees_and_cannot_press(client):
    client.force_login(make.user(Role.VIEWER))
    account = make.account()
    client.post(listing(Account), {"action": "mark_churned", "_selected_action": [account.pk]})
    account.refresh_from_db()
    assert account.stage == "active"


def test_an_event_name_gets_its_meaning_from_a_button(client, boss, now):
    make.activity(make.account(), now, name="export")
    client.post(listing(EventName), {"action": "mean_core", "_selected_action": ["export"]})
    assert EventName.objects.get().meaning == "core"


def test_staff_are_made_with_an_email_and_a_password(client, boss):
    csm = Group.objects.get(name=Role.CSM)
    form = {
        "email": "new@staff.test",
        "full_name": "New Person",
        "groups": [csm.pk],
        "password1": "a-long-password-1",
        "password2": "a-long-password-1",
    }
    answer = client.post(reverse("admin:accounts_user_add"), form)
    assert answer.status_code == 302
    made = User.objects.get(email="new@staff.test")
    assert made.check_password("a-long-password-1")
    assert made.roles == {"CSM"}


def test_an_administrator_cannot_make_or_change_superusers(client, boss):
    root = make.user(None, is_superuser=True)
    assert client.post(reverse("admin:accounts_user_change", args=[root.pk]), {"email": "x@staff.test"}).status_code == 403
    page = reverse("admin:accounts_user_change", args=[boss.pk])
    client.post(page, {"email": boss.email, "time_zone": "UTC", "is_superuser": "on", "is_active": "on", "is_staff": "on"})
    boss.refresh_from_db()
    assert not boss.is_superuser


def test_every_model_of_the_app_has_an_admin():
    assert {model for model in admin.site._registry if model._meta.app_label == "accounts"} == set(MODELS) - {Group}


def test_rates_are_pasted_and_a_wrong_line_is_named(client, boss):
    form = reverse("admin:accounts_exchangerate_add")
    wrong = client.post(form, {"lines": "EUR 2026-01-01 1.08\nGBP tomorrow 1.2"}).content.decode()
    assert "line 2" in wrong
    assert not ExchangeRate.objects.exists()
    assert client.post(form, {"lines": "EUR 2026-01-01 1.08\nGBP 2026-01-01 1.27"}).status_code == 302
    assert set(ExchangeRate.objects.values_list("currency", "actor")) == {("EUR", f"user:{boss.pk}"), ("GBP", f"user:{boss.pk}")}


def test_a_contract_entered_in_the_admin_moves_the_ledger(client, boss):
    account = make.account(arr=0)
    said = {"account": account.pk, "external_id": "c-1", "plan": "Team", "state": "active", "started_on": "2026-01-01", "currency": "USD"}
    assert client.post(reverse("admin:accounts_subscription_add"), {**said, "arr": "1200"}).status_code == 302
    contract = Subscription.objects.get()
    page = reverse("admin:accounts_subscription_change", args=[contract.pk])
    shown = {"initial-plan": "Team", "initial-state": "active", "plan": "Team"}
    assert client.post(page, {**shown, "state": "active", "arr": "900", "initial-arr": "1200.00"}).status_code == 302
    assert client.post(page, {**shown, "state": "ended", "arr": "900.00", "initial-arr": "900.00"}).status_code == 302
    moved = ArrMovement.objects.order_by("id").values_list("kind", "amount", "subscription", "actor")
    who = f"user:{boss.pk}"
    assert list(moved) == [("new", 1200, contract.pk, who), ("contraction", -300, contract.pk, who), ("churn", -900, contract.pk, who)]
    account.refresh_from_db()
    assert account.arr == 0
