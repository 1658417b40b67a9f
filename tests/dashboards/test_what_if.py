"""What if on the account's page: dials and buttons, answered without storing anything, also without scripts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.churn import services
from apps.churn.models import ChurnDefinition, ModelVersion, Prediction
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def faded(csm, now):
    account = make.account(owner=csm, name="Faded Dental", started_on=now.date() - 400 * DAY)
    make.meanings(**{"ticket.opened": "support"})
    make.weeks_of_use(account, until=now - 40 * DAY, weeks=20, per_week=8)
    make.weeks_of_use(account, until=now - 4 * DAY, weeks=4, per_week=2)
    make.activity(account, now - 3 * DAY, now - 2 * DAY, name="ticket.opened")
    services.ensure_default(now=now)
    return account


def ask(staff, account, *, page=False, **params):
    headers = {} if page else {"HTTP_HX_REQUEST": "true"}
    return staff.get(reverse("risk_what_if", args=[account.pk]), params, **headers)


def test_dials_stand_where_things_are_and_name_what_each_trouble_costs(staff, faded):
    answer = ask(staff, faded)
    use, support = (next(turn for turn in answer.context["turns"] if turn.key == key) for key in ("use", "support"))
    assert 0 < use.now < 60
    assert (support.now, support.calm) == (2, 0)
    assert use.gain > support.gain > 0
    assert answer.context["turns"][0] == use
    assert [turn.gain for turn in answer.context["turns"] if turn.key in ("payment", "leaving")] == [None, None]
    assert "nothing is stored" in text(answer)


def test_a_turned_dial_answers_with_before_after_and_what_changed(staff, faded):
    stored = Prediction.objects.count()
    told = ask(staff, faded, part="answer", use="100", support="0")
    answer = told.context["answer"]
    assert answer.after.points - answer.before.points == answer.change < 0
    assert ("2 support problems in 28 days", "No support problems in 28 days") in answer.changed
    assert "<form" not in told.content.decode()
    assert f"−{-answer.change} points" in text(told)
    assert Prediction.objects.count() == stored


def test_the_button_beside_a_dial_gives_what_it_promises(staff, faded):
    answer = ask(staff, faded, page=True, calm="use", use="12")
    (use,) = [turn for turn in answer.context["turns"] if turn.key == "use"]
    assert use.value == 100
    assert -answer.context["answer"].change == pytest.approx(use.gain, abs=1)


def test_without_scripts_the_form_is_a_page_that_keeps_what_was_turned(staff, faded):
    page = ask(staff, faded, page=True, use="80", support="1")
    assert "<html" in page.content.decode()
    assert 'name="use" min="0" max="150" step="1" value="80"' in text(page)


@pytest.mark.parametrize("word", ["", "nan", "inf", "-1e400", "many", "1" * 400])
def test_what_is_no_number_is_as_if_it_was_not_turned(staff, faded, word):
    answer = ask(staff, faded, use=word).context["answer"]
    assert answer.after == answer.before


def test_of_another_book_nothing_is_supposed(staff, faded):
    theirs = make.account(owner=make.user())
    assert ask(staff, theirs).status_code == 404
    assert ask(staff, theirs, page=True, use="100").status_code == 404


def test_who_cannot_be_spoken_of_is_told_why(staff, csm, faded):
    gone = make.account(owner=csm, stage="churned")
    assert "does not speak of this account" in text(ask(staff, gone))
    ModelVersion.objects.update(is_live=False)
    assert "Nothing scores" in text(ask(staff, faded))
    ModelVersion.objects.all().delete()
    ChurnDefinition.objects.all().delete()
    assert "does not speak of this account" in text(ask(staff, faded))


def test_the_answer_shows_the_interval_of_a_model_that_has_one(staff, faded, now):
    version = make.model_version(ChurnDefinition.objects.get(), now=now)
    parameters = version.parameters | {"interval": {"at": [-4.0, 4.0], "below": [0.5, 0.5], "above": [0.5, 0.5]}}
    ModelVersion.objects.update(is_live=False)
    made = make.model_version(version.definition, now=now, parameters=parameters, is_live=True)
    answer = ask(staff, faded, use="100").context["answer"]
    assert (answer.source, answer.is_rule) == (str(made), False)
    assert answer.before.low < answer.before.points < answer.before.high
    assert answer.after.high < answer.before.high


def test_the_answer_costs_few_statements(staff, faded):
    ask(staff, faded)
    with CaptureQueriesContext(connection) as queries:
        ask(staff, faded, part="answer", use="90")
    assert len(queries) <= 8


def test_the_past_is_not_supposed_otherwise(staff, faded, now):
    own = reverse("account", args=[faded.pk])
    services.score_all(as_of=now, now=now, actor=make.ACTOR)
    assert 'id="what-if"' in text(staff.get(own, {"tab": "risk"}))
    assert 'id="what-if"' not in text(staff.get(own, {"tab": "risk", "as_of": (now - DAY).date().isoformat()}))
