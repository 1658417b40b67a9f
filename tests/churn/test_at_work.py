"""A model that was damaged, swapped or tampered with does not speak; the rule does, and somebody is told."""

import pytest

from apps.alerts.models import Alert
from apps.churn import at_work, services, supposed
from apps.churn.integrity import checksum
from apps.churn.models import AccountRisk, ModelVersion
from apps.churn.selectors import live_model
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from tests.churn import worlds

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


@pytest.fixture
def trained(now):
    """A company whose trained model is at work."""
    worlds.company(now.date())
    definition = services.define(name="leaving", kind="cancelled", horizon_days=30, now=now)
    assert services.train(definition, as_of=now, now=now, actor=ACTOR).promoted
    return definition


def test_a_checksum_survives_the_database(db, trained):
    kept = live_model(trained)
    assert checksum(kept.parameters) == kept.checksum
    assert checksum({"a": 1e22, "b": [-0.0, 1]}) == checksum({"b": [0, 1.0], "a": 10**22})


def _scale(parameters):
    parameters["intercept"] += 0.5


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_scale, "the checksum differs"),
        (lambda parameters: parameters.clear(), "the checksum differs"),
        (lambda parameters: parameters.update(columns="__import__('os').system('touch /tmp/ran')"), "the checksum differs"),
    ],
    ids=["one number", "empty", "code"],
)
def test_the_rule_answers_for_a_damaged_model_and_an_alert_says_so(damage, words, trained, now):
    version = live_model(trained)
    damage(version.parameters)
    version.save(update_fields=["parameters"])
    at_work._WHOLE.clear()

    services.score_all(as_of=now, now=now, actor=ACTOR)

    assert set(AccountRisk.objects.exclude(source="").values_list("source", flat=True)) == {"rule v1"}
    assert words in Event.objects.get(type="model.broken").payload["problem"]
    events.sweep(now=now)
    alert = Alert.objects.get(kind="broken_model")
    assert alert.account is None
    assert alert.title == f"The churn model {version} is broken; the weighted rule scores in its place"


def test_a_model_of_another_shape_with_a_right_checksum_does_not_speak_either(trained, now):
    version = live_model(trained)
    foreign = {"weights": [1, 2], "names": []}
    ModelVersion.objects.filter(pk=version.pk).update(parameters=foreign, checksum=checksum(foreign))
    at_work._WHOLE.clear()
    assert str(at_work.answering(trained, now=now, actor=ACTOR)) == "rule v1"
    assert Event.objects.get(type="model.broken").payload["problem"] == "It cannot be read (KeyError)."


def test_a_model_that_scores_known_rows_otherwise_does_not_speak(trained, now):
    version = live_model(trained)
    version.parameters["intercept"] += 0.5
    ModelVersion.objects.filter(pk=version.pk).update(parameters=version.parameters, checksum=checksum(version.parameters))
    at_work._WHOLE.clear()
    assert str(at_work.answering(trained, now=now, actor=ACTOR)) == "rule v1"
    assert "gives known rows other scores" in Event.objects.get(type="model.broken").payload["problem"]


def test_the_broken_model_is_told_once_and_settled_by_another(trained, now):
    version = live_model(trained)
    ModelVersion.objects.filter(pk=version.pk).update(parameters={})
    at_work._WHOLE.clear()
    for _ in range(3):
        at_work.answering(trained, now=now, actor=ACTOR)
    assert Event.objects.filter(type="model.broken").count() == 1
    events.sweep(now=now)
    services.put_to_work(ModelVersion.objects.get(definition=trained, number=1), actor=ACTOR, now=now)
    events.sweep(now=now)
    assert Alert.objects.get(kind="broken_model").state == "resolved"


def test_the_parameters_of_a_known_version_are_read_once(trained, now, django_assert_num_queries):
    at_work.answering(trained, now=now, actor=ACTOR)
    with django_assert_num_queries(1):
        at_work.answering(trained, now=now, actor=ACTOR)


def test_what_if_is_answered_by_the_rule_too_where_the_model_is_broken(trained, now):
    ModelVersion.objects.filter(pk=live_model(trained).pk).update(parameters={})
    at_work._WHOLE.clear()
    model, said = supposed.of_rows(trained, [{"leaving_28": 1.0}])
    assert (str(model), len(said)) == ("rule v1", 1)
    assert not Event.objects.filter(type="model.broken").exists()
