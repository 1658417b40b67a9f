"""The churn part of the API: the risk of an account, predictions as of a moment, definitions, models, and questions that store nothing."""

from datetime import timedelta

import pytest
import time_machine

from apps.accounts.types import Role
from apps.churn import services
from apps.churn.models import Check, ChurnDefinition, ModelVersion, Prediction
from apps.core.actor import Actor
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def quiet(now):
    """A customer that fell silent, scored by the rule."""
    account = make.account(external_id="quiet", started_on=now.date() - timedelta(days=400))
    make.weeks_of_use(account, until=now - timedelta(days=40), weeks=10, per_week=5)
    services.ensure_default(now=now)
    services.score_all(as_of=now, now=now, actor=ACTOR)
    return account


def test_the_risk_of_an_account_says_which_model_speaks_and_why(key, quiet):
    told = key("churn:read").get(f"accounts/{quiet.pk}/risk/").json()
    assert told["account_external_id"] == "quiet"
    assert told["model"] == {**told["model"], "definition": "cancelled-90", "number": 1, "kind": "rule"}
    assert told["low"] is None
    assert told["reasons"][0]["contribution"] > 0


def test_the_risk_of_another_book_and_of_no_account_are_the_same_404(key, quiet):
    stranger = key("churn:read", owner=make.user(Role.CSM))
    assert stranger.get(f"accounts/{quiet.pk}/risk/").status_code == 404
    assert stranger.get(f"accounts/{quiet.pk}/risk/").content == stranger.get("accounts/99999999/risk/").content


def test_predictions_as_of_a_moment_are_the_newest_then(key, quiet, now):
    model = Prediction.objects.get().model
    earlier = Prediction.objects.create(account=quiet, model=model, as_of=now - timedelta(days=9), probability=0.1, band="low", created_at=now)
    Prediction.objects.create(account=quiet, model=model, as_of=now - timedelta(days=20), probability=0.2, band="low", created_at=now)
    caller = key("churn:read")
    then = (now - timedelta(days=5)).isoformat().replace("+", "%2B")
    assert [row["id"] for row in caller.get(f"churn/predictions/?as_of={then}").json()["results"]] == [earlier.pk]
    assert len(caller.get("churn/predictions/?definition=cancelled-90").json()["results"]) == 3
    assert caller.get("churn/predictions/?definition=nothing").json()["results"] == []


def test_definitions_and_models_are_told_with_their_sentence_and_figures(key, now):
    model = make.model_version(now=now, is_live=True)
    caller = key("churn:read")
    (definition,) = caller.get("churn/definitions/").json()["results"]
    assert definition["in_words"] == "the customer cancels within the next 90 days"
    (row,) = caller.get("churn/models/?live=true").json()["results"]
    assert (row["id"], row["definition"], row["metrics"]["chosen"]) == (model.pk, "cancelled-90", "logistic")
    assert "parameters" not in row


MEANING = {"name": "quiet", "kind": "inactive", "horizon_days": 60, "inactive_days": 21}


def test_a_meaning_is_counted_defined_and_changed_in_sight_of_its_revision(key, now):
    for days in (1, 2, 60):
        make.activity(make.account(), now - timedelta(days=days))
    caller = key("churn:write", "churn:read")
    asked = {name: value for name, value in MEANING.items() if name != "name"} | {"inactive_days": 30}
    told = caller.post("churn/counts/", asked).json()
    assert (told["left"], told["customers"], told["population"], told["enough"]) == (1, 3, 3, False)
    assert "no activity for 30 days" in told["meaning"]
    assert not ChurnDefinition.objects.exists()

    made = caller.post("churn/definitions/", MEANING | {"make_default": True})
    assert made.status_code == 201
    definition = made.json()
    assert (definition["revision"], definition["is_default"], definition["inactive_days"]) == (1, True, 21)
    assert caller.get("churn/models/?definition=quiet&live=true").json()["results"][0]["kind"] == "rule"
    assert caller.get(f"churn/definitions/{definition['id']}/counts/").json()["population"] == 3
    assert "name" in caller.post("churn/definitions/", MEANING).json()["fields"]

    change = f"churn/definitions/{definition['id']}/change/"
    changed = caller.post(change, asked | {"revision": 1}).json()
    assert (changed["revision"], changed["inactive_days"], changed["is_default"]) == (2, 30, True)
    late = caller.post(change, asked | {"revision": 1, "inactive_days": 40})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    assert ChurnDefinition.objects.get().inactive_days == 30


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "bored"}, "kind"),
        ({"inactive_days": None}, "kind"),
        ({"least_percent": 20}, "kind"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"name": "Not a slug"}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_a_definition_is_named(key, wrong, field):
    answer = key("churn:write").post("churn/definitions/", MEANING | wrong)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not ChurnDefinition.objects.exists()


def test_a_success_managers_key_reads_definitions_and_makes_none(key, now):
    services.ensure_default(now=now)
    caller = key("churn:write", "churn:read", owner=make.user(Role.CSM))
    (definition,) = caller.get("churn/definitions/").json()["results"]
    assert caller.post("churn/definitions/", MEANING).status_code == 403
    said = {"kind": "cancelled", "horizon_days": 30, "revision": 1}
    assert caller.post(f"churn/definitions/{definition['id']}/change/", said).status_code == 403
    rule = ModelVersion.objects.get()
    assert caller.post(f"churn/models/{rule.pk}/weigh/", {"weights": rule.parameters["weights"]}).status_code == 403
    assert ChurnDefinition.objects.get().horizon_days == 90


def test_versions_are_promoted_challenged_withdrawn_and_rolled_back(key, now):
    first = make.model_version(now=now, is_live=True)
    second = make.model_version(now=now, metrics=first.metrics)
    caller = key("churn:write", "churn:read")

    def do(version, what):
        answer = caller.post(f"churn/models/{version.pk}/{what}/", {})
        told = answer.json()
        return (answer.status_code, told.get("id"), told.get("is_live"), told.get("is_challenger")) if answer.status_code == 200 else told["code"]

    assert do(second, "challenge") == (200, second.pk, False, True)
    assert [row["id"] for row in caller.get("churn/models/?challenger=true").json()["results"]] == [second.pk]
    assert do(second, "withdraw") == (200, second.pk, False, False)
    assert do(second, "withdraw") == "no_challenger"
    assert do(second, "promote") == (200, second.pk, True, False)
    assert do(second, "promote") == "already_live"
    assert do(first, "rollback") == "not_at_work"
    assert do(second, "rollback") == (200, first.pk, True, False)
    assert do(first, "rollback") == "no_way_back"
    assert caller.post("churn/models/987654321/promote/", {}).status_code == 404
    assert key("churn:read").post(f"churn/models/{second.pk}/promote/", {}).status_code == 403


def test_the_rule_gets_other_weights_as_a_new_version(key, now):
    services.ensure_default(now=now)
    rule = ModelVersion.objects.get()
    weights = dict.fromkeys(rule.parameters["weights"], 0.0) | {"silent_weeks": 1.0}
    caller = key("churn:write")
    made = caller.post(f"churn/models/{rule.pk}/weigh/", {"weights": weights}).json()
    assert (made["number"], made["is_live"]) == (2, True)
    assert ModelVersion.objects.get(is_live=True).parameters["weights"] == weights
    assert caller.post(f"churn/models/{made['id']}/weigh/", {"weights": {"silent_weeks": 1.0}}).json()["code"] == "bad_weights"


def test_looks_back_are_read_by_definition_kind_and_alarm(key, now):
    model = make.model_version(now=now, is_live=True)
    Check.objects.create(model=model, kind="backtest", as_of=now, figures={"rows": 900}, verdict="Told 6.0 %, 5.5 % left.")
    moved = Check.objects.create(model=model, kind="drift", as_of=now, figures={}, alarm=True, verdict="One figure moved.")
    caller = key("churn:read")
    assert len(caller.get("churn/checks/?definition=cancelled-90").json()["results"]) == 2
    (row,) = caller.get("churn/checks/?kind=backtest").json()["results"]
    assert (row["definition"], row["figures"], row["verdict"]) == ("cancelled-90", {"rows": 900}, "Told 6.0 %, 5.5 % left.")
    assert [row["id"] for row in caller.get("churn/checks/?alarm=true").json()["results"]] == [moved.pk]


def test_whom_to_call_first_is_told_of_ones_own_book(key, now):
    owner, model = make.user(Role.CSM), make.model_version(now=now, is_live=True)
    for name, arr, probability in (("small", 1_000, 0.9), ("middle", 10_000, 0.4), ("large", 100_000, 0.2)):
        make.risk(make.account(owner=owner, external_id=name, arr=arr, currency="USD"), now=now, probability=probability, source=str(model))
    make.risk(make.account(external_id="foreign", arr=10**6, currency="USD"), now=now, probability=0.9)
    told = key("churn:write", owner=owner).post("churn/reach/", {"accounts": 2}).json()
    assert [row["account_external_id"] for row in told["rows"]] == ["large", "middle"]
    assert (told["accounts"], told["currency"], told["missing"]) == (3, "USD", [])
    assert told["at_risk"] == pytest.approx(24_900)
    assert told["reached"] == pytest.approx(24_000 / 24_900)
    everything = key("churn:write").post("churn/reach/", {}).json()
    assert everything["rows"][0]["account_external_id"] == "foreign"
    assert key("churn:write").post("churn/reach/", {"accounts": 0}).status_code == 400


def test_every_account_is_scored_by_a_definition_on_demand(key, now, django_capture_on_commit_callbacks):
    definition = services.ensure_default(now=now)
    account = make.account()
    make.activity(account, now - timedelta(days=30))
    with django_capture_on_commit_callbacks() as asked:
        assert key("churn:write").post(f"churn/definitions/{definition.pk}/score/", {}).status_code == 200
    assert len(asked) == 1


def test_what_if_moves_the_score_and_stores_nothing(key, quiet):
    before = Prediction.objects.count()
    caller = key("churn:write")
    told = caller.post("churn/what-if/", {"account_external_id": "quiet", "moves": ["use"]}).json()
    assert told["after"]["probability"] < told["before"]["probability"]
    assert {"feature": "since", "before": 40.0, "after": 1.0} in told["changed"]
    assert "trend_28" in [one["feature"] for one in told["changed"]]
    told = caller.post("churn/what-if/", {"account_external_id": "quiet", "changes": {"leaving_28": 2}}).json()
    assert told["after"]["probability"] == pytest.approx(told["before"]["probability"] + 0.1)
    assert told["changed"] == [{"feature": "leaving_28", "before": 0.0, "after": 2}]
    assert Prediction.objects.count() == before


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"account_external_id": "nobody"}, 400, "account_external_id"),
        ({"account_external_id": "quiet", "moves": ["luck"]}, 400, "moves"),
        ({"account_external_id": "quiet", "definition": "luck"}, 400, "definition"),
        ({"account_external_id": "quiet", "changes": {"luck": 1}}, 409, "unknown_feature"),
        ({"account_external_id": "quiet", "changes": {"since": "long"}}, 409, "not_a_number"),
    ],
)
def test_what_cannot_be_supposed_is_named(key, quiet, body, status, field):
    answer = key("churn:write").post("churn/what-if/", body)
    assert answer.status_code == status
    assert field in {answer.json()["code"], *answer.json().get("fields", {})}


def test_a_batch_scores_accounts_of_ones_own_book_and_names_the_others(key, quiet):
    told = key("churn:write").post("churn/batch/", {"accounts": ["quiet", "nobody", "quiet"]}).json()
    assert [row["key"] for row in told["scores"]] == ["quiet"]
    assert told["scores"][0]["probability"] == pytest.approx(Prediction.objects.get().probability)
    assert told["left"] == ["nobody"]
    stranger = key("churn:write", owner=make.user(Role.CSM))
    assert stranger.post("churn/batch/", {"accounts": ["quiet"]}).json()["left"] == ["quiet"]


def test_a_batch_of_rows_needs_no_accounts(key, now):
    services.ensure_default(now=now)
    rows = [{"key": "a", "figures": {"since": 28}}, {"key": "b", "figures": {"since": 1, "trait:Contract": "Two year"}}]
    told = key("churn:write").post("churn/batch/", {"rows": rows}).json()
    assert [row["key"] for row in told["scores"]] == ["a", "b"]
    assert told["scores"][0]["probability"] > told["scores"][1]["probability"]


def test_a_batch_is_bounded_and_of_one_kind(key, now):
    services.ensure_default(now=now)
    caller = key("churn:write")
    assert caller.post("churn/batch/", {"accounts": [f"a{n}" for n in range(1_001)]}).status_code == 400
    assert caller.post("churn/batch/", {}).status_code == 400
    assert caller.post("churn/batch/", {"accounts": ["a"], "rows": [{"key": "b", "figures": {}}]}).status_code == 400


def test_without_a_definition_a_question_says_so(key):
    answer = key("churn:write").post("churn/batch/", {"accounts": ["a"]})
    assert (answer.status_code, answer.json()["fields"]) == (400, {"definition": ["There is no such definition."]})
    assert ChurnDefinition.objects.count() == 0


def test_sent_again_with_its_key_a_question_gets_the_first_answer(key, quiet):
    caller = key("churn:write")
    body = {"account_external_id": "quiet", "moves": ["use"]}
    first = caller.post("churn/what-if/", body, Idempotency_Key="one").json()
    again = caller.post("churn/what-if/", body, Idempotency_Key="one")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first


def test_a_training_is_asked_for_looked_at_and_stopped(key, now):
    services.ensure_default(now=now)
    caller = key("churn:write", "churn:read")
    made = caller.post("churn/trainings/", {})
    assert made.status_code == 201
    told = made.json()
    assert (told["definition"], told["state"], told["done"]) == ("cancelled-90", "queued", 0)
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        again = caller.post("churn/trainings/", {"definition": "cancelled-90"})
    assert (again.status_code, again.json()["code"]) == (409, "training_open")
    assert caller.post("churn/trainings/", {"definition": "nothing"}).json()["fields"] == {"definition": ["There is no such definition."]}
    assert [row["id"] for row in caller.get("churn/trainings/?state=queued").json()["results"]] == [told["id"]]

    stopped = caller.post(f"churn/trainings/{told['id']}/stop/", {}).json()
    assert stopped["state"] == "cancelled"
    assert stopped["result"].endswith("before it began.")
    assert caller.post(f"churn/trainings/{told['id']}/stop/", {}).json()["code"] == "training_over"
    assert key("churn:read").post("churn/trainings/", {}).status_code == 403


def test_the_risk_of_an_account_leads_down_to_the_rows_behind_its_reasons(key, quiet, django_assert_max_num_queries):
    caller = key("churn:read")
    assert "behind" not in caller.get(f"accounts/{quiet.pk}/risk/").json()["reasons"][0]
    with django_assert_max_num_queries(7):
        told = caller.get(f"accounts/{quiet.pk}/risk/?behind=3").json()
    since = next(reason for reason in told["reasons"] if reason["feature"] == "since")["behind"]
    newest = quiet.activity.order_by("-at", "-id").values_list("pk", flat=True)[:3]
    assert [(row["kind"], row["id"]) for row in since["rows"]] == [("event", pk) for pk in newest]
    assert since["more"] is True
    assert since["late"] == 0
    assert all("behind" in reason for reason in told["reasons"])
    for wrong in ("21", "-1", "many", ""):
        assert caller.get(f"accounts/{quiet.pk}/risk/?behind={wrong}").status_code == 400
    assert key("churn:read", owner=make.user(Role.CSM)).get(f"accounts/{quiet.pk}/risk/?behind=3").status_code == 404
