"""The time machine: a page of a past day shows what was known then, and nothing later."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts import services as accounts
from apps.accounts.models import AccountRole, Note, Promise, SurveyResponse, Ticket
from apps.accounts.types import Role
from apps.churn.models import ChurnDefinition, ModelVersion, Prediction
from apps.core.actor import Actor
from tests import make

pytestmark = pytest.mark.django_db
TABS = ["story", "people", "use", "money", "voice", "facts"]


@pytest.fixture
def told(csm, now):
    """An account whose every fact carries the day it came: 20 days ago or yesterday."""
    account = make.account(owner=csm, name="Riverside Dental", tier="silver", started_on=now.date() - timedelta(days=400))
    ago = {"OLD": now - timedelta(days=20), "LATE": now - timedelta(days=1)}
    person = make.contact(account, name="Sam Reed")
    for word, at in ago.items():
        make.risk(account, now=at, probability=0.2 if word == "OLD" else 0.8)
        make.activity(account, at, name=f"{word}.event")
        make.alert(account, now=at, title=f"{word} alert")
        make.task(account, now=at, title=f"{word} task", due_at=at)
        make.enrolment(account, now=at, of=make.play(name=f"{word} play", state="paused"))
        make.message(person, now=at, subject=f"{word} mail", state="sent", sent_at=at)
        Note.objects.create(account=account, body=f"{word} note", at=at, created_at=at)
        Promise.objects.create(account=account, text=f"{word} promise", due_on=now.date(), created_at=at)
        Ticket.objects.create(account=account, source="desk", external_id=word, subject=f"{word} ticket", opened_at=at)
        SurveyResponse.objects.create(account=account, source="desk", external_id=word, kind="nps", score=3, comment=f"{word} answer", at=at)
    accounts.edit(account, changes={"tier": "LATE tier", "tags": ["LATE tag"]}, actor=Actor.user(csm), now=now - timedelta(days=1))
    return account


@pytest.mark.parametrize("tab", TABS)
def test_no_later_fact_leaks_into_a_page_of_the_past(staff, told, now, tab):
    day = (now - timedelta(days=10)).date()
    then = staff.get(reverse("account", args=[told.pk]), {"as_of": day.isoformat(), "tab": tab})
    text = then.content.decode()
    assert "LATE" not in text
    assert "silver" in text
    assert "/do/" not in text
    assert "cs-banner" in text
    assert "LATE tier" in staff.get(reverse("account", args=[told.pk]), {"tab": tab}).content.decode()


def test_what_was_known_then_is_there(staff, told, now):
    day = (now - timedelta(days=10)).date().isoformat()
    text = staff.get(reverse("account", args=[told.pk]), {"as_of": day}).content.decode()
    for words in ["OLD alert", "OLD task", "OLD play", "OLD mail", "OLD note", "OLD promise", "OLD ticket", "OLD answer", "OLD.event"]:
        assert words in text, words


def test_a_matter_that_was_closed_later_was_open_then(staff, csm, now):
    account = make.account(owner=csm)
    then, later = now - timedelta(days=10), now - timedelta(days=2)
    make.task(account, now=then, title="Call Sam", state="done", closed_at=later, outcome="They stay")
    make.alert(account, now=then, kind="delivery", title="Silent", state="resolved", acknowledged_at=later, resolved_at=later)
    Ticket.objects.create(account=account, source="d", external_id="1", subject="Sync", opened_at=then, state="solved", solved_at=later)
    day = (now - timedelta(days=5)).date().isoformat()
    text = staff.get(reverse("account", args=[account.pk]), {"as_of": day, "tab": "voice"}).content.decode()
    assert "Call Sam" in text
    assert "Silent" in text
    assert "They stay" not in text
    assert "acknowledged" not in text
    assert "solved <time" not in text


@pytest.mark.parametrize("days", [1, 10, 30, 120, 399])
def test_any_day_renders_within_its_query_budget(staff, csm, told, now, days):
    asked = {"as_of": (now - timedelta(days=days)).date().isoformat()}
    accounts.edit(told, changes={"owner_id": None}, actor=Actor.user(csm), now=now)
    AccountRole.objects.create(account=told, user=csm, role="backup")
    columns = "name,health,risk,arr,stake,renewal,activity,two_way,next_step,owner,tier"
    pages = [(reverse("account", args=[told.pk]), asked | {"tab": tab}) for tab in TABS]
    for path, query in [*pages, ("/portfolio/", asked), ("/portfolio/rows/", asked | {"columns": columns})]:
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(path, query).status_code == 200
        assert len(queries) <= 6, (path, query)


def test_the_portfolio_shows_the_figures_of_that_day(staff, told, csm, now):
    make.account(owner=csm, name="Too young", started_on=now.date() - timedelta(days=3))
    left = make.account(owner=csm, name="Left later", stage="churned", churned_on=now.date() - timedelta(days=3))
    asked, columns = {"columns": "name,risk,tier,stage", "sort": "name"}, ("name", "risk", "tier", "stage")
    rows = staff.get("/portfolio/rows/", {**asked, "as_of": (now - timedelta(days=10)).date().isoformat()}, HTTP_HX_REQUEST="true").json()["rows"]
    shown = [tuple(row["cells"][column]["text"] for column in columns) for row in rows]
    assert shown == [(left.name, "not scored yet", "–", "active"), (told.name, "watch 20 rule score", "silver", "active")]
    today = staff.get("/portfolio/rows/", asked, HTTP_HX_REQUEST="true").json()["rows"]
    assert [row["cells"]["tier"]["text"] for row in today] == ["LATE tier", "–"]


@pytest.mark.parametrize("word", ["2999-01-01", "nonsense", "2026-02-30", "", "²"])
def test_a_day_that_is_no_past_is_the_present(staff, told, word):
    page = staff.get(reverse("account", args=[told.pk]), {"as_of": word})
    assert (page.status_code, page.context["as_of"]) == (200, None)


def test_another_books_past_is_as_closed_as_its_present(client, told, now):
    client.force_login(make.user(Role.CSM))
    day = (now - timedelta(days=10)).date().isoformat()
    assert client.get(reverse("account", args=[told.pk]), {"as_of": day}).status_code == 404


def test_a_past_risk_is_the_default_definitions(staff, told, now):
    day = now - timedelta(days=10)
    other = ChurnDefinition.objects.create(name="silent", kind="inactive", inactive_days=60)
    rule = ModelVersion.objects.create(definition=other, number=1, kind="rule", created_at=now)
    Prediction.objects.create(account=told, model=rule, as_of=day - timedelta(days=1), probability=0.97, band="high", created_at=day)
    text = staff.get(reverse("account", args=[told.pk]), {"as_of": day.date().isoformat()}).content.decode()
    assert ">20<" in re.sub(r"\s", "", text)
    assert ">97<" not in re.sub(r"\s", "", text)
