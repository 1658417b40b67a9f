"""How many queries each staff page, admin list and API list costs: written down in tests/budgets.json.

The count is the same with 16 rows as with 40 (Today counts once more when its page is full).

After a wanted change: UPDATE_BUDGETS=1 make test ARGS=tests/structure/test_budgets.py, and read the difference in review.
"""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import ImportProblem, ImportRun, Renewal
from apps.alerts.models import EscalationPolicy
from apps.alerts.notifying import telling
from apps.campaigns.models import Campaign, Occurrence, Recipient
from apps.coaching.models import Session
from apps.community.models import Referral
from apps.core import clock
from apps.core.actor import Actor
from apps.events.services import publish
from apps.events.vocabulary import AlertOpened
from apps.health import services as health
from apps.integrations.models import ApiCall, ApiKey, Rejection, Source
from apps.interventions.models import Enrolment, StepRecord
from apps.messaging import services as messaging
from apps.messaging.models import Consent, Decision, MessageAttempt, Suppression
from cs_platform.api import ROUTES
from tests import make

BUDGETS = Path(__file__).resolve().parents[1] / "budgets.json"
PAGES = [
    "/",
    "/portfolio/",
    "/portfolio/?sort=activity",
    "/alerts/",
    "/alerts/?view=resolved",
    "/alerts/?view=snoozed&whose=mine",
    "/alerts/subscriptions/",
    "/tasks/?whose=all",
    "/tasks/?whose=all&view=done",
    "/alerts/escalation/",
    "/alerts/escalation/usual/",
    "/alerts/duty/",
    "/alerts/channels/",
    "/alerts/told/",
    "/notices/",
    "/board/",
    "/system/",
    "/churn/",
    "/channels/",
    "/delivery/",
    "/delivery/?state=held&channel=email&still=yes",
    "/revenue/",
    "/revenue/?by=owner",
    "/revenue/movements/?figure=nrr",
    "/renewals/",
    "/impact/",
    "/milestones/",
    "/milestones/design/",
    "/rewards/",
    "/community/referrals/",
    "/community/",
    "/renewals/?view=calendar",
    "/plays/",
    "/plays/new/",
    "/templates/",
    "/templates/hello/",
    "/mailbox/",
    "/imports/",
    "/health-model/",
    "/experiments/",
    "/coaching/sessions/",
    "/coaching/sessions/?whose=all&view=awaited",
    "/coaching/team/",
    "/coaching/effect/",
    "/coaching/",
    "/segments/",
    "/segments/new/",
    "/campaigns/",
    "/campaigns/new/",
    "/campaigns/calendar/",
    "/surveys/",
]

pytestmark = pytest.mark.django_db


def fill(user: Any, count: int) -> None:
    """`count` more of everything that a list shows."""
    now = clock.now()
    for _ in range(count):
        account = make.account(owner=user)
        person = make.contact(account)
        make.risk(account, now=now, probability=0.8)
        make.activity(account, now)
        make.story(account, now=now)
        Renewal.objects.create(account=account, due_on=now.date() + timedelta(days=20), arr=100, currency="USD")
        make.session(account, now=now, coach=user)
        make.alert(account, now=now)
        make.alert(account, now=now, state="resolved", resolved_at=now)
        make.task(account, now=now, enrolment=(run := make.enrolment(account, now=now)))
        make.task(account, now=now, state="done", closed_at=now)
        message = make.message(person, now=now)
        StepRecord.objects.create(enrolment=run, position=0, kind="message", at=now, what="Email", message=message)
        MessageAttempt.objects.create(message=message, number=1, owner="worker", started_at=now)
        for state in ("queued", "held"):
            Decision.objects.create(message=message, account=account, state=state, actor=f"user:{user.pk}", at=now, last_at=now)
        Consent.objects.create(contact=person, channel="email", allowed=True, source="test", at=now)
        Suppression.objects.create(channel="email", address=person.email, reason="bounced", at=now)
        file = ImportRun.objects.create(kind="accounts", file_name="a.csv", sha256="0", actor="user:1", started_at=now)
        ImportProblem.objects.create(run=file, problem="bad date")
        source = Source.objects.create(name=f"source-{account.pk}", key_start="wk", key_hash=str(account.pk), created_at=now)
        Rejection.objects.create(source=source, received_at=now, reason="no name", raw={})
        ApiKey.objects.create(name=f"key-{account.pk}", owner=user, prefix=f"{account.pk:08}", secret_hash="0", created_at=now)
        make.delivery(make.webhook(now=now), account, now=now)
        ApiCall.objects.create(caller="key:test", key=str(account.pk), fingerprint="0", status=200, at=now)
        make.assigned(account, person, now=now)
        make.recommendation(account, now=now)
        make.member(account, now=now, key="everyone")
        make.member(account, now=now)
        marketed = make.campaign()
        occurrence = Occurrence.objects.filter(campaign__key="letter").first() or went_out(make.campaign(key="letter"), now)
        Recipient.objects.create(occurrence=occurrence, account=account, contact=person, due_at=now)
        Recipient.objects.create(occurrence=went_out(marketed, now), account=account, contact=person, state="handed", message=message)
        make.asked(make.contact(account), now=now, key=f"asked-{account.pk}")
        Referral.objects.filter(pk=make.referred(person, now=now).pk).update(state="flagged")
        make.said_of_sharing(person, now=now)
        make.asked_favour(person, now=now)
        make.proved(account, person, now=now)
        publish(AlertOpened(account_id=account.pk, alert_id=1, severity="urgent"), actor=Actor.user(user), now=now)
        climbing = make.alert(account, now=now)
        make.alert_climb(climbing, now=now, policy=EscalationPolicy.objects.filter(key="usual").first() or make.policy("usual", now=now))
        make.response_run(climbing, now=now)
        telling.tell(climbing, people=[user], key=f"k{climbing.pk}", words="To you.", urgent=False, now=now)
        make.rota(user, now=now)
    health.score_all(as_of=now, now=now, actor=Actor.job("test"))


def went_out(campaign: Campaign, now: Any) -> Occurrence:
    Campaign.objects.filter(pk=campaign.pk).update(state="live", launched_at=now)
    return Occurrence.objects.create(campaign=campaign, version=campaign.current, key="by-hand", state="sending", due_at=now)


def costs(browser: Client, paths: list[str]) -> dict[str, int]:
    found = {}
    for path in paths:
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(path)
        assert answer.status_code == 200, path
        found[path] = len(queries)
    return found


def test_lists_cost_what_the_budget_says_however_long_they_are(client):
    user = make.user(None, is_superuser=True)
    client.force_login(user)
    for key in ("hello", "other"):
        messaging.write_template(key=key, channel="email", subject="Hello", body="Hello", actor=Actor.user(user), now=clock.now())
    lists = [reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry]
    fill(user, 16)
    account = reverse("account", args=[user.accounts.first().pk])
    task_brief = reverse("task_brief", args=[user.tasks.first().pk])
    contact = reverse("delivery_contact", args=[user.accounts.first().contacts.first().pk])
    play = reverse("play", args=[Enrolment.objects.filter(account__owner=user).first().play.key])
    session = reverse("session", args=[Session.objects.filter(coach=user).first().pk])
    plays = [play, f"{play}?view=runs", f"{play}?view=try", f"{play}?view=versions", f"{play}edit/"]
    reach = ["/segments/everyone/", "/segments/everyone/?view=members", "/segments/everyone/edit/"]
    reach += [f"/campaigns/letter/{more}" for more in ("", "?view=people", "?view=results", "?view=says", "edit/")]
    paths = [
        *PAGES,
        *reach,
        account,
        task_brief,
        contact,
        session,
        *plays,
        *sorted(lists),
        *(f"/api/v1/{name}/?limit=200" for name in sorted(ROUTES)),
    ]
    costs(client, paths)  # Once before counting: content types and sites are looked up once per process.
    few = costs(client, paths)
    fill(user, 24)
    many = costs(client, paths)
    growing = {path: (few[path], many[path]) for path in paths if many[path] > few[path]}
    assert growing == {}, "queries grow with the rows"

    named = {
        account: "/accounts/ID/",
        task_brief: "/tasks/ID/brief/",
        contact: "/delivery/contacts/ID/",
        session: "/coaching/sessions/ID/",
        **{path: path.replace(play, "/plays/KEY/") for path in plays},
    }
    found = {named.get(path, path): count for path, count in many.items()}
    if os.environ.get("UPDATE_BUDGETS"):
        BUDGETS.write_text(json.dumps(found, indent=2) + "\n")
    assert found == json.loads(BUDGETS.read_text())
