"""Who may do what, on every address there is: generated from the router, so a new one cannot be forgotten. A refusal changes nothing."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.types import Role
from apps.integrations.types import SCOPES
from tests import make

from .conftest import Caller, make_key
from .endpoints import endpoints, one_of_everything

pytestmark = pytest.mark.django_db

# None: what the endpoint itself says, which is neither 401 nor 403.
READ = {"stranger": 401, "no scope": 403, "other scopes": 403, "read key": None, "write key": 403, "csm": None, "viewer": None, "administrator": None}
WRITE = {"stranger": 401, "no scope": 403, "other scopes": 403, "read key": 403, "write key": None, "csm": None, "viewer": 403, "administrator": None}


class Session(Caller):
    def __init__(self, user):
        self.client, self.headers = Client(), {}
        self.client.force_login(user)


def wrote(queries):
    verbs = ("INSERT", "UPDATE", "DELETE", "WITH", "LOCK")
    return [query["sql"] for query in queries if query["sql"].lstrip().upper().startswith(verbs) and "integrations_apikey" not in query["sql"]]


def test_every_address_lets_in_exactly_whom_it_should(now):
    csm = make.user(Role.CSM)
    account = make.account(owner=csm, external_id="acme")
    rows = one_of_everything(account, now)
    callers = {
        "stranger": Caller(""),
        "no scope": Caller(make_key("none", now=now, requests_per_minute=100_000)),
        "read key": Caller(make_key("reads", *(one for one in SCOPES if one.endswith(":read")), now=now, requests_per_minute=100_000)),
        "write key": Caller(make_key("writes", *(one for one in SCOPES if one.endswith(":write")), now=now, requests_per_minute=100_000)),
        "csm": Session(csm),
        "viewer": Session(make.user(Role.VIEWER)),
        "administrator": Session(make.user(Role.ADMINISTRATOR)),
    }
    others = {
        scope: Caller(make_key(f"not-{scope.replace(':', '-')}", *(set(SCOPES) - {scope}), now=now, requests_per_minute=100_000))
        for scope in sorted({endpoint.scope for endpoint in endpoints()})
    }
    wrong = {}
    with time_machine.travel(now, tick=False):
        for endpoint in endpoints():
            path = endpoint.path.format(pk=rows[endpoint.resource])
            for name, expected in (READ if endpoint.method == "GET" else WRITE).items():
                caller = others[endpoint.scope] if name == "other scopes" else callers[name]
                with CaptureQueriesContext(connection) as queries:
                    answer = caller(endpoint.method, path, None if endpoint.method == "GET" else {"never": 1})
                status = answer.status_code
                if status != expected and (expected or status in {401, 403} or status >= 500):
                    wrong[f"{name}: {endpoint}"] = status
                if status >= 400 and (set(answer.json()) < {"code", "message"} or wrote(queries)):
                    wrong[f"{name} changed something: {endpoint}"] = wrote(queries)
    assert wrong == {}
    assert len(endpoints()) >= 60


def test_a_session_needs_the_csrf_token_and_a_key_does_not(now):
    user = make.user(Role.ADMINISTRATOR)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    body = {"external_id": "acme"}
    answer = browser.post("/api/v1/accounts/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    caller = Caller(make_key("sync", "accounts:write", "accounts:read", now=now))
    caller.client = browser
    assert caller.post("accounts/", body).status_code == 201


def test_somebody_who_is_not_staff_and_somebody_who_left_are_turned_away(now):
    outside = Session(make.user(Role.CSM, is_staff=False))
    assert outside.get("accounts/").status_code == 403
    left = make.user(Role.CSM)
    session = Session(left)
    left.is_active = False
    left.save()
    assert session.get("accounts/").status_code == 401


def test_another_books_rows_are_404_for_every_address_of_a_row(now):
    other = make.account(owner=make.user(Role.CSM))
    rows = one_of_everything(other, now)
    me = Session(make.user(Role.CSM))
    shared = {"plays", "rates", "event-names", "churn/definitions", "churn/models", "churn/checks", "churn/trainings", "templates"}
    shared |= {"experiments", "holdouts", "tips", "coaching-strategies", "milestones", "milestone-difficulties", "milestone-values"}
    shared |= {"campaigns", "campaign-occurrences"}
    # Everybody reads the same figures, each of their own accounts.
    shared |= {"metrics", "alert-rules"}
    shared |= {"duty", "escalation-policies", "responses"}
    shared |= {
        "reward-rules",
        "reward-budgets",
        "catalogue",
        "boards",
        "survey-results",
        "segments",
        "campaign-results",
        "challenges",
        "statements",
        "referral-programs",
    }
    with time_machine.travel(now, tick=False):
        missing = me.get("accounts/987654321/").content
        for endpoint in endpoints():
            if "{pk}" in endpoint.path and endpoint.resource not in shared:
                answer = me(endpoint.method, endpoint.path.format(pk=rows[endpoint.resource]), None if endpoint.method == "GET" else {}, If_Match="*")
                assert (str(endpoint), answer.status_code, answer.content) == (str(endpoint), 404, missing)
            elif endpoint.action == "list" and endpoint.resource not in shared:
                assert (str(endpoint), me.get(endpoint.path).json()["results"]) == (str(endpoint), [])
