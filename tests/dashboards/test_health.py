"""The health card, the Why? drawer and the health model's pages."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.dashboards import health_form
from apps.dashboards.selectors import health as shown
from apps.health import services, standard
from apps.health.models import AccountHealth, HealthModel
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ACTOR = Actor.job("test")


@pytest.fixture
def account(csm, now):
    account = make.account(owner=csm, name="Riverside Dental", started_on=now.date() - 300 * DAY)
    make.meanings(login="engagement", report="core")
    make.weeks_of_use(account, until=now, weeks=16, per_week=4)
    make.story(account, now=now)
    services.score_all(as_of=now, now=now, actor=ACTOR)
    return account


@pytest.fixture
def administrator(client, account):
    client.force_login(make.user(None, is_superuser=True))
    return client


def text(answer):
    return answer.content.decode()


def posted(model):
    """The form of a model as a browser would send it back untouched."""
    found = {"note": model.note, "whom_field": model.whom_field, "whom_value": model.whom_value}

    def walk(at, value):
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(f"{at}.{name}", inner)
        elif isinstance(value, list):
            for place, inner in enumerate(value):
                walk(f"{at}.{place}", inner)
        else:
            found[at] = "" if value is None else str(value)

    walk("dimensions", model.tree["dimensions"])
    return found


def test_the_account_page_tells_its_health_with_a_door_to_every_why(staff, account):
    page = text(staff.get(reverse("account", args=[account.pk])))
    health = AccountHealth.objects.get(account=account)
    assert f"<b>{round(health.score)}</b>" in page
    assert page.count("data-drawer>") + page.count("data-drawer data-none>") == 19


def test_the_drawer_is_a_fragment_and_a_page_of_its_own(staff, account):
    address = reverse("health_why", args=[account.pk, "active_days_28"])
    page, fragment = text(staff.get(address)), text(staff.get(address, headers={"HX-Request": "true"}))
    assert "<html" in page
    assert "<html" not in fragment
    assert "◀ here" in page
    assert "◀ here" in fragment
    assert "login" in fragment


@pytest.mark.parametrize("path", ["health_card", "health_why"])
def test_another_book_and_a_missing_measure_are_no_page(staff, account, path):
    other = make.account(owner=make.user())
    args = [other.pk] if path == "health_card" else [other.pk, "core_28"]
    assert staff.get(reverse(path, args=args)).status_code == 404
    assert staff.get(reverse("health_why", args=[account.pk, "luck"])).status_code == 404


def test_an_account_without_health_says_when_it_follows(staff, csm):
    page = text(staff.get(reverse("health_card", args=[make.account(owner=csm).pk])))
    assert "No health yet" in page


def test_the_desk_counts_ones_own_book(staff, account, now):
    services.score_all(as_of=now, now=now, actor=ACTOR)
    make.account(owner=make.user(), started_on=now.date() - 9 * DAY)
    page = text(staff.get(reverse("health_desk")))
    assert "of 1 customers are in good health" in page
    assert "standard v1" in page
    assert "not been tried on your own history" in page


def test_a_form_that_comes_back_untouched_says_the_same_tree(account):
    model = HealthModel.objects.get()
    assert health_form.read(posted(model)) == standard.tree()


def test_an_administrator_drafts_changes_tries_and_publishes(administrator, account, now):
    first = HealthModel.objects.get()
    made = administrator.post(reverse("health_do", args=[first.pk, "copy"]), follow=True)
    draft = HealthModel.objects.get(number=2)
    assert made.redirect_chain[-1][0] == reverse("health_model", args=[draft.pk])
    data = posted(draft) | {"dimensions.0.weight": "35", "dimensions.1.weight": "15", "note": "Use first.", "then": "try"}
    data["dimensions.0.measures.0.table.0.tiers.8.from"], data["dimensions.0.measures.0.table.0.tiers.8.points"] = "200", "100"
    data["dimensions.0.measures.1.table.1.tiers.7.points"] = ""
    assert administrator.post(reverse("health_model", args=[draft.pk]), data).status_code == 302
    draft.refresh_from_db()
    assert [dimension["weight"] for dimension in draft.tree["dimensions"]][:2] == [35, 15]
    assert len(draft.tree["dimensions"][0]["measures"][0]["table"][0]["tiers"]) == 9
    assert len(draft.tree["dimensions"][0]["measures"][1]["table"][1]["tiers"]) == 7
    assert draft.backtest_asked_at is not None
    assert "A worker tries this version" in text(administrator.get(reverse("health_model", args=[draft.pk])))
    assert services.backtest_asked(now=draft.backtest_asked_at, actor=ACTOR) == 1
    assert "What publishing would change today" in text(administrator.get(reverse("health_model", args=[draft.pk])))
    administrator.post(reverse("health_do", args=[draft.pk, "publish"]))
    draft.refresh_from_db()
    assert draft.state == "published"


def test_a_wrong_weight_is_answered_at_its_field_and_saves_nothing(administrator, account):
    services.copy(HealthModel.objects.get(), actor=ACTOR, now=HealthModel.objects.get().created_at)
    draft = HealthModel.objects.get(number=2)
    data = posted(draft) | {"dimensions.2.measures.1.weight": "a lot"}
    answer = administrator.post(reverse("health_model", args=[draft.pk]), data)
    assert answer.status_code == 422
    assert "&#x27;a lot&#x27; is no number" in text(answer)
    assert 'data-problem="dimensions.2.measures.1.weight"' in text(answer)
    draft.refresh_from_db()
    assert draft.tree == standard.tree()


def test_measures_and_dimensions_can_be_added_and_removed(administrator, account):
    services.copy(HealthModel.objects.get(), actor=ACTOR, now=HealthModel.objects.get().created_at)
    draft = HealthModel.objects.get(number=2)
    data = posted(draft) | {
        "dimensions.4.measures.1.remove": "1",
        "dimensions.4.measures.0.weight": "100",
        "dimensions.5.weight": "5",
        "dimensions.6.name": "Feeling",
        "dimensions.6.weight": "5",
        "dimensions.6.measures.0.source": "pulse",
        "dimensions.6.measures.0.weight": "100",
    }
    assert administrator.post(reverse("health_model", args=[draft.pk]), data).status_code == 302
    draft.refresh_from_db()
    assert [dimension["name"] for dimension in draft.tree["dimensions"]][-1] == "Feeling"
    assert [measure["source"] for measure in draft.tree["dimensions"][4]["measures"]] == ["survey"]


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"dimensions.x.name": "a"},
        {"dimensions.0": "a", "dimensions.0.name": "b"},
        {"dimensions.0.name": "a", "dimensions.0.measures.0.source": "luck", "dimensions.0.measures.0.weight": "1e400"},
        {"dimensions.0.name": "a", "dimensions.0.measures": "3"},
        {"dimensions.0.name": "a", "dimensions.0.measures.0.source": "pulse", "dimensions.0.measures.0.audience": "x"},
        {"dimensions.0.name": "\x00", "dimensions.0.weight": "nan"},
    ],
)
def test_a_nonsensical_form_is_a_problem_and_never_an_error(administrator, account, nonsense):
    services.copy(HealthModel.objects.get(), actor=ACTOR, now=HealthModel.objects.get().created_at)
    draft = HealthModel.objects.get(number=2)
    assert administrator.post(reverse("health_model", args=[draft.pk]), nonsense).status_code == 422
    draft.refresh_from_db()
    assert draft.tree == standard.tree()


@pytest.mark.parametrize("role", [Role.CSM, Role.TEAM_LEAD, Role.VIEWER])
def test_only_administrators_change_how_health_is_judged(client, account, role):
    client.force_login(make.user(role))
    model = HealthModel.objects.get()
    page = client.get(reverse("health_model", args=[model.pk]))
    assert page.status_code == 200
    assert "New version of it" not in text(page)
    assert client.post(reverse("health_do", args=[model.pk, "copy"])).status_code == 403
    assert client.post(reverse("health_model", args=[model.pk]), posted(model)).status_code == 403
    assert HealthModel.objects.count() == 1


def test_a_verdict_says_when_it_cannot_tell():
    trial = {"horizon": 90, "version": {"auc": 0.62, "low": 0.48, "high": 0.76, "leavers": 14}}
    assert shown._proof(trial).endswith("That may be chance: it cannot tell leavers from stayers yet.")
    assert "too few" in shown._proof({"horizon": 90, "version": {"auc": 0.9, "low": 0.7, "high": 1.0, "leavers": 9}})
