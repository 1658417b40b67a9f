"""What staff read, and the buttons they press."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts.types import Role
from apps.churn import handlers, selectors, services, tasks
from apps.churn.models import AccountRisk, ChurnDefinition, ModelVersion, TrainingRun
from apps.churn.scoring import rule
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import ActivityReceived, ImportFinished
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ACTOR = Actor.job("test")


def with_risk(now, probability, band, **fields):
    account = make.account(started_on=now.date() - 90 * DAY, **fields)
    AccountRisk.objects.create(account=account, probability=probability, band=band, as_of=now)
    return account


@pytest.fixture
def administrator():
    return make.user(Role.ADMINISTRATOR, is_superuser=True)


def test_the_riskiest_of_ones_own_book_come_first_and_are_counted_by_band(now):
    owner, other = make.user(), make.user()
    small = with_risk(now, 0.4, "high", owner=owner, arr=100)
    large = with_risk(now, 0.4, "high", owner=owner, arr=900)
    low = with_risk(now, 0.1, "low", owner=owner)
    with_risk(now, 0.9, "high", owner=other)
    with_risk(now, 0.9, "high", owner=owner, stage="churned")
    AccountRisk.objects.create(account=make.account(owner=owner))

    assert [risk.account for risk in selectors.riskiest(owner)] == [large, small, low]
    assert [risk.account for risk in selectors.riskiest(owner, 1)] == [large]
    assert selectors.counts_by_band(owner) == {"low": 1, "medium": 0, "high": 2}
    assert selectors.expected_loss(AccountRisk.objects.get(account=large)) == 360.0
    assert selectors.expected_loss(AccountRisk(account=large)) is None


def test_activity_and_imports_leave_marks(now):
    account, silent = make.account(), make.account()
    heard = ActivityReceived(account_ids=[account.pk], count=1, last_at=now.isoformat(), source="web")
    row = events.publish(heard, actor=ACTOR, now=now)
    handlers.mark_stale(heard, row)
    assert list(AccountRisk.objects.values_list("account", "stale_cause")) == [(account.pk, row.pk)]

    imported = ImportFinished(run_id=1, kind="activity", rows=3)
    handlers.mark_imported_stale(imported, events.publish(imported, actor=ACTOR, now=now))
    assert set(AccountRisk.objects.exclude(stale_since=None).values_list("account", flat=True)) == {account.pk, silent.pk}


@pytest.mark.parametrize("name", ["churndefinition", "modelversion", "prediction", "accountrisk"])
def test_every_list_and_page_opens_for_an_administrator(name, administrator, client, now):
    services.ensure_default(now=now)
    account = make.account(started_on=now.date() - 90 * DAY)
    services.mark_stale([account.pk], now=now)
    services.score_stale(now=now, actor=ACTOR)
    client.force_login(administrator)

    page = client.get(reverse(f"admin:churn_{name}_changelist"))
    assert page.status_code == 200
    key = page.context["cl"].queryset.first().pk
    assert client.get(reverse(f"admin:churn_{name}_change", args=[key])).status_code == 200


def test_a_success_manager_sees_only_the_own_book_and_presses_nothing_on_models(client, now):
    owner = make.user(Role.CSM)
    from apps.accounts.roles import create_groups

    create_groups()
    mine = with_risk(now, 0.4, "high", owner=owner, name="Mine Ltd")
    with_risk(now, 0.4, "high", name="Theirs Ltd")
    services.ensure_default(now=now)
    client.force_login(owner)

    page = client.get(reverse("admin:churn_accountrisk_changelist"))
    assert [risk.account for risk in page.context["cl"].queryset] == [mine]
    version = ModelVersion.objects.get()
    page = client.get(reverse("admin:churn_modelversion_change", args=[version.pk]))
    assert page.status_code == 200
    assert b'name="trend_28"' not in page.content
    assert client.post(reverse("admin:churn_modelversion_change", args=[version.pk]), rule.default_weights()).status_code == 403
    assert ModelVersion.objects.count() == 1


def test_saving_weights_makes_a_new_version_under_the_persons_name(administrator, client, now):
    services.ensure_default(now=now)
    version = ModelVersion.objects.get()
    client.force_login(administrator)
    url = reverse("admin:churn_modelversion_change", args=[version.pk])

    wrong = client.post(url, rule.default_weights() | {"trend_28": 0.9})
    assert b"they must sum to 1" in wrong.content
    assert ModelVersion.objects.count() == 1

    assert client.post(url, rule.default_weights() | {"trend_28": 0.15, "renewal": 0.11}).status_code == 302
    made = ModelVersion.objects.get(number=2)
    assert (made.is_live, made.parameters["weights"]["renewal"]) == (True, 0.11)
    assert made.decision == f"Weights set by user:{administrator.pk}, starting from v1."
    version.refresh_from_db()
    assert version.parameters["weights"] == rule.default_weights()


def test_a_definition_is_made_and_checked_in_the_admin(administrator, client, now):
    services.ensure_default(now=now)
    client.force_login(administrator)
    url = reverse("admin:churn_churndefinition_add")
    fields = {"name": "silent-60", "kind": "inactive", "horizon_days": 60, "use_as_default": "on"}

    refused = client.post(url, fields)
    assert b"needs its number of silent days" in refused.content
    assert client.post(url, fields | {"inactive_days": 60}).status_code == 302

    made = ChurnDefinition.objects.get(name="silent-60")
    assert made.is_default
    assert str(selectors.live_model(made)) == "rule v1"
    change = reverse("admin:churn_churndefinition_change", args=[made.pk])
    assert client.post(change, {"kind": "inactive", "horizon_days": 90, "inactive_days": 60}).status_code == 302
    made.refresh_from_db()
    assert (made.horizon_days, made.is_default) == (90, True)


def test_buttons_hand_long_work_to_a_worker_under_the_persons_name(administrator, client, now, monkeypatch, django_capture_on_commit_callbacks):
    definition = services.ensure_default(now=now)
    client.force_login(administrator)
    sent = []
    from celery import current_app

    monkeypatch.setattr(current_app._get_current_object(), "send_task", lambda name, args, **_: sent.append((name, json.loads(json.dumps(args)))))

    with django_capture_on_commit_callbacks(execute=True):
        for action in ("train_now", "score_now"):
            client.post(reverse("admin:churn_churndefinition_changelist"), {"action": action, "_selected_action": [definition.pk]})

    run = TrainingRun.objects.get()
    assert (run.state, run.asked_by, run.why) == ("queued", f"user:{administrator.pk}", "on demand")
    assert sent == [("churn.train", [run.pk]), ("churn.score_all", [definition.pk, f"user:{administrator.pk}"])]
    assert tasks.train(*sent[0][1]).startswith("Too little history for a model")
    assert tasks.score_all(*sent[1][1]) == 0


def test_an_earlier_version_is_put_back_to_work_by_a_button(administrator, client, now):
    definition = services.ensure_default(now=now)
    first = selectors.live_model(definition)
    services.weigh(first, weights=rule.default_weights(), actor=ACTOR, now=now)
    client.force_login(administrator)

    client.post(reverse("admin:churn_modelversion_changelist"), {"action": "put_to_work", "_selected_action": [first.pk]})

    assert selectors.live_model(definition) == first
    assert f"Put to work by user:{administrator.pk}" in selectors.live_model(definition).decision
