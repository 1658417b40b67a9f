"""Every address of the API with its methods, read from the router, and one row of everything to call them on."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from apps.accounts.models import Account, ExchangeRate, ImportProblem, ImportRun, Note, Renewal
from apps.interventions.models import PassedOver
from apps.messaging.models import Suppression, Template
from cs_platform.api import of_account, router
from tests import make


@dataclass(frozen=True)
class Endpoint:
    method: str
    resource: str
    path: str
    action: str
    views: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def scope(self) -> str:
        return f"{self.views.scope}:{'read' if self.method == 'GET' else 'write'}"


def endpoints() -> list[Endpoint]:
    found = []
    for pattern in [*router.urls, *of_account]:
        path = re.sub(r"\(\?P<\w+>.*?\)", "{pk}", str(pattern.pattern).strip("^$"))
        for method, action in pattern.callback.actions.items():
            if method != "head":
                found.append(Endpoint(method.upper(), re.split(r"/(?:\{pk\}|bulk|$)", path)[0], path, action, pattern.callback.cls))
    return sorted(set(found), key=str)


def one_of_everything(account: Account, now: Any) -> dict[str, Any]:
    """Resource -> the key of a row that belongs to the account, or to nobody."""
    person = make.contact(account)
    make.activity(account, now)
    make.story(account, now=now)
    risk = make.risk(account, now=now)
    run = make.enrolment(account, now=now)
    make.climb(make.task(account, now=now), now=now)
    PassedOver.objects.create(play=run.play, account=account, reason="cooldown", on=now.date(), at=now)
    make.incident(account, now=now)
    make.heard(account.owner or make.user(), now=now)
    alert = make.alert(account, now=now)
    make.alert_climb(alert, now=now)
    make.rota(now=now)
    make.response_run(alert, now=now)
    make.session(account, now=now)
    make.message(person, now=now)
    Suppression.objects.create(channel="email", address=person.email, reason="It bounced.", at=now)
    Template.objects.create(key="hello", channel="email", subject="Hello", body="Hello {{ contact.first_name }}")
    make.delivery(make.webhook(now=now), account, now=now)
    experiment = make.assigned(account, person, now=now)
    make.claimed(account, now=now)
    make.recommendation(account, now=now)
    make.rewarded(person, now=now)
    make.segment("everybody", {"kind": "everybody"}, now=now)
    make.offered(account, now=now)
    make.touch(account, now=now, contact=person)
    make.member(account, now=now)
    survey = make.asked(person, now=now)
    make.campaign()
    make.referred(person, now=now)
    make.said_of_sharing(person, now=now)
    make.asked_favour(person, now=now)
    make.proved(account, person, now=now)
    file = ImportRun.objects.create(kind="accounts", file_name="a.csv", sha256="0", actor="user:1", started_at=now)
    problem = ImportProblem.objects.create(run=file, problem="bad date")
    Renewal.objects.create(account=account, due_on=now.date() + timedelta(days=20), arr=100, currency="USD")
    ExchangeRate.objects.create(currency="EUR", into="USD", valid_from=now.date(), rate=1, recorded_at=now, actor="user:1")
    campaign = make.campaign_read(now=now)
    assert Note.objects.exists()
    known = {
        "accounts": account.pk,
        "plays": run.play_id,
        "imports": file.pk,
        "import-problems": problem.pk,
        "event-names": "login",
        "experiments": experiment.pk,
        "survey-results": survey.campaign_id,
        "campaigns": campaign.pk,
        "campaign-results": campaign.pk,
        "metrics": "arr",
    }
    found = {}
    for endpoint in endpoints():
        model = endpoint.views.queryset.model
        if endpoint.resource not in found:
            rows = model.objects.filter(account=account) if hasattr(model, "account") else model.objects.all()
            found[endpoint.resource] = known.get(endpoint.resource) or (rows.values_list("pk", flat=True).first() or 0)
    assert risk.pk == found["risks"]
    return found


_TABLES = "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' and table_name ~ %s"


def fingerprint() -> list[tuple[Any, ...]]:
    """Changes when any row of ours does; that a key was used just now is no change."""
    with connection.cursor() as cursor:
        cursor.execute(
            _TABLES,
            [
                "^(accounts|events|alerts|churn|coaching|interventions|messaging|milestones|health|experiments|campaigns|community|metrics)_"
                "|^integrations_(source|rejection|apicall|webhook)"
            ],
        )
        tables = sorted(name for (name,) in cursor.fetchall())
        cursor.execute(" union all ".join(f"select '{name}', count(*), coalesce(sum(hashtext(t::text)), 0) from {name} t" for name in tables))
        return sorted(cursor.fetchall())
