"""Figures over the API: the catalogue, one figure, its days, its parts, the accounts behind it."""

import pytest

from apps.accounts.types import Role
from apps.core import clock
from apps.core.actor import Actor
from apps.metrics import services
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled():  # type: ignore[no-untyped-def]
    owner = make.user(Role.CSM)
    made = [make.account(arr=100, plan="Team", owner=owner), make.account(arr=50, plan="Pro")]
    now = clock.now()
    services.wake(now=now)
    services.refresh(now=now, actor=Actor.job("test"))
    services.close_day(now=now)
    return owner, made


def test_the_catalogue_names_every_figure_with_its_definition(api) -> None:  # type: ignore[no-untyped-def]
    told = {one["key"]: one for one in api.get("metrics/").json()["results"]}
    assert told["arr"]["unit"] == "money"
    assert told["arr"]["words"].startswith("Yearly recurring revenue")
    assert {"nrr", "viral_k", "activity", "engagement"} <= set(told)


def test_a_figure_its_parts_its_days_and_its_rows(api, settled) -> None:  # type: ignore[no-untyped-def]
    owner, made = settled
    told = api.get("metrics/arr/").json()
    assert (told["value"], told["currency"], told["name"]) == ("150.00", "USD", "ARR")
    assert api.get("metrics/customers/").json()["value"] == 2
    assert api.get("metrics/arr/?plan=Team").json()["value"] == "100.00"
    assert api.get(f"metrics/arr/?owner={owner.pk}").json()["value"] == "100.00"
    parts = api.get("metrics/arr/parts/?by=plan").json()["parts"]
    assert [(part["part"], part["label"], part["value"]) for part in parts] == [("Team", "Team", "100.00"), ("Pro", "Pro", "50.00")]
    line = api.get("metrics/arr/series/?forecast_days=7").json()["series"][0]
    assert (len(line["points"]), line["points"][-1]["value"], line["points"][0]["value"]) == (91, 150.0, None)
    rows = api.get("metrics/arr/rows/?limit=1").json()
    assert (rows["count"], rows["results"][0]["account_id"], rows["results"][0]["value"]) == (2, made[0].pk, "100.00")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("metrics/?x=1", "x"),
        ("metrics/arr/?as_of=yesterday", "as_of"),
        ("metrics/arr/?colour=red", "colour"),
        ("metrics/arr/?plan=a%00b", "plan"),
        ("metrics/arr/parts/", "by"),
        ("metrics/nrr/parts/?by=band", "by"),
        ("metrics/arr/series/?start=2020-01-01&end=2026-01-01", "start"),
        ("metrics/arr/series/?forecast_days=400", "forecast_days"),
        ("metrics/arr/rows/?limit=1000", "limit"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(api, path, field) -> None:  # type: ignore[no-untyped-def]
    answer = api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert field in answer.json()["fields"]


def test_a_figure_that_there_is_not_and_one_that_one_may_not_read_answer_alike(api, client) -> None:  # type: ignore[no-untyped-def]
    assert api.get("metrics/happiness/").status_code == 404
    client.force_login(make.user(Role.CSM))
    assert client.get("/api/v1/metrics/viral_k/").status_code == 404
    assert client.get("/api/v1/metrics/arr/").status_code == 200
