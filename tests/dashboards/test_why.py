"""Why? on the account's page: the reasons of the score, apart by who can act on them, how they moved, and the rows behind each."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.churn import services
from apps.churn.models import AccountRisk, Prediction
from apps.core.actor import Actor
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ACTOR = Actor.job("test")


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def quiet(csm, now):
    """A customer of the own book that fell silent, scored by the rule 8 days ago and now."""
    account = make.account(owner=csm, name="Quiet Dental", started_on=now.date() - 60 * DAY)
    make.weeks_of_use(account, until=now - 22 * DAY, weeks=5, per_week=5)
    services.ensure_default(now=now)
    services.score_all(as_of=now - 8 * DAY, now=now - 8 * DAY, actor=ACTOR)
    services.score_all(as_of=now, now=now, actor=ACTOR)
    return account


def asked(staff, account, **params):
    return staff.get(reverse("account", args=[account.pk]), {"part": "tab", "tab": "risk", **params}, HTTP_HX_REQUEST="true")


def test_the_reasons_stand_apart_by_whether_somebody_can_act_on_them(staff, quiet):
    answer = asked(staff, quiet)
    why = answer.context["why"]
    assert [reason.feature for reason in why.given] == ["tenure"]
    assert {"since", "trend_28"} <= {reason.feature for reason in why.acted_on}
    told = text(answer)
    assert "not a probability" in told
    acted_on, given = told.split("What you can act on")[1].split("What stays as it is")
    assert ("No activity for" in acted_on, "Customer for" in acted_on, "Customer for" in given) == (True, False, True)
    assert reverse("churn_model", args=[why.prediction.model_id]) in told


def test_the_move_since_a_week_ago_is_told_with_the_reasons_that_moved(staff, quiet):
    answer = asked(staff, quiet)
    week, risk = answer.context["why"].week, AccountRisk.objects.get(account=quiet)
    assert week.change == round(100 * risk.probability) - round(100 * risk.before) > 0
    assert any(shift.words.startswith("No activity for") and shift.raises for shift in week.shifts)
    assert f"Up {week.change} points since" in text(answer)


def test_what_another_version_said_is_not_compared_reason_by_reason(staff, quiet, now):
    old = Prediction.objects.order_by("as_of").first()
    Prediction.objects.filter(pk=old.pk).update(model=make.model_version(old.model.definition, now=now, kind="rule"))
    week = asked(staff, quiet).context["why"].week
    assert (week.shifts, week.told_by) == ((), "rule v2")
    assert "told by rule v2" in text(asked(staff, quiet))


def test_a_learned_model_speaks_of_odds_and_of_its_interval(staff, csm, now):
    model = make.model_version(now=now, is_live=True)
    account = make.account(owner=csm)
    reasons = [
        {"feature": "n_28", "words": "Only 3 actions in 28 days", "value": 3, "contribution": 0.6931},
        {"feature": "arr", "words": "ARR 12,000", "value": 12000, "contribution": -0.5},
    ]
    told = Prediction.objects.create(
        account=account, model=model, as_of=now, probability=0.4, low=0.31, high=0.52, band="high", reasons=reasons, created_at=now
    )
    AccountRisk.objects.create(account=account, prediction=told, probability=0.4, low=0.31, high=0.52, band="high", source="logistic v1", as_of=now)
    page = text(asked(staff, account))
    assert "about 40 leave within 90 days; the true share lies between 31 and 52 for four accounts in five" in page
    assert "odds × 2.00" in page
    assert "odds × 0.61" in page
    assert "associated with leaving" in page
    Prediction.objects.update(low=None, high=None)
    assert "This version tells no interval" in text(asked(staff, account))


def test_an_earlier_day_shows_the_reasons_of_then(staff, quiet, now):
    day = (now - 8 * DAY).date()
    then = asked(staff, quiet, as_of=day.isoformat()).context["why"]
    first = Prediction.objects.order_by("as_of").first()
    assert then.prediction == first
    assert [reason.words for reason in (*then.acted_on, *then.given)] == [reason["words"] for reason in first.reasons]
    assert "No score was known" in text(asked(staff, quiet, as_of=(day - 3 * DAY).isoformat()))


def test_the_history_names_the_reason_that_moved(staff, quiet):
    newest, first = asked(staff, quiet).context["why"].steps
    assert (first.change, first.words) == (None, "The first score of these weeks")
    assert newest.change > 0
    assert newest.words.startswith("No activity for") or "pattern" in newest.words


def test_a_reason_leads_down_to_its_events_and_to_their_records(staff, csm, quiet):
    csm.is_superuser = True
    csm.save()
    told = Prediction.objects.latest("as_of")
    answer = staff.get(reverse("risk_behind", args=[quiet.pk, told.pk]), {"feature": "since"}, HTTP_HX_REQUEST="true")
    event = quiet.activity.order_by("-at").first()
    assert answer.context["found"].facts[0].fact.key == event.pk
    assert staff.get(answer.context["found"].facts[0].url).status_code == 200
    assert f"?kind=activity&amp;day={told.as_of.date().isoformat()}" in text(answer)
    assert "<html" not in answer.content.decode()
    older = staff.get(
        reverse("risk_behind", args=[quiet.pk, told.pk]), {"feature": "since", "before": answer.context["found"].behind.older}, HTTP_HX_REQUEST="true"
    )
    shown = [row.fact.key for row in (*answer.context["found"].facts, *older.context["found"].facts)]
    assert shown == list(quiet.activity.order_by("-at", "-id").values_list("pk", flat=True)[:24])


def test_without_scripts_the_rows_are_a_page(staff, quiet):
    told = Prediction.objects.latest("as_of")
    page = staff.get(reverse("risk_behind", args=[quiet.pk, told.pk]), {"feature": "since"})
    assert "<html" in page.content.decode()
    assert "Raises the risk" in text(page)


def test_nobody_looks_behind_scores_of_another_book(staff, quiet, now):
    told = Prediction.objects.latest("as_of")
    theirs = make.account(owner=make.user())
    foreign = make.risk(theirs, now=now).prediction
    for account, prediction, feature in [
        (theirs, foreign, "recency"),
        (quiet, foreign, "recency"),
        (quiet, told, "luck"),
        (quiet, told, ""),
    ]:
        assert staff.get(reverse("risk_behind", args=[account.pk, prediction.pk]), {"feature": feature}).status_code == 404
    assert asked(staff, theirs).status_code == 404


def test_an_account_without_a_score_says_so(staff, csm):
    assert "Not scored yet" in text(asked(staff, make.account(owner=csm)))
    assert "This customer left" in text(asked(staff, make.account(owner=csm, stage="churned")))


def test_the_rows_cost_few_statements(staff, quiet):
    told = Prediction.objects.latest("as_of")
    with CaptureQueriesContext(connection) as queries:
        staff.get(reverse("risk_behind", args=[quiet.pk, told.pk]), {"feature": "since"}, HTTP_HX_REQUEST="true")
    assert len(queries) <= 6


def test_what_customers_send_is_never_markup_here_either(staff, csm, now):
    evil = "<script>alert(1)</script>"
    account = make.account(owner=csm, name=evil)
    make.activity(account, now - DAY, name=evil)
    reasons = [{"feature": f"name:{evil}", "words": evil, "value": 1, "contribution": 0.5}]
    told = make.risk(account, now=now).prediction
    Prediction.objects.filter(pk=told.pk).update(reasons=reasons)
    assert "<script>alert" not in text(asked(staff, account))
    rows = staff.get(reverse("risk_behind", args=[account.pk, told.pk]), {"feature": f"name:{evil}"}, HTTP_HX_REQUEST="true")
    assert [row.fact.title for row in rows.context["found"].facts] == [evil]
    assert "<script>alert" not in text(rows)
