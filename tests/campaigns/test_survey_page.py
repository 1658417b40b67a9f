"""The page of a survey: looking changes nothing, the button answers, in the reader's language."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from apps.accounts.models import SurveyResponse
from apps.campaigns.models import Invitation
from apps.campaigns.surveys import tokens
from apps.core import clock
from apps.events.models import Event
from apps.messaging import services as messaging
from apps.messaging.models import Consent
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def invitation():
    now = clock.now()
    messaging.ensure_templates(now)
    person = make.contact(make.account(name="Riverside Dental"), name="Ana Silva", email="ana@riverside.test")
    return make.asked(person, now=now, loop={"scores_at_most": 6})


@pytest.fixture
def address(invitation):
    return reverse("survey", args=[tokens.token_of(invitation)])


def written() -> list[str]:
    """Statements since it was asked for that changed something."""
    return [one["sql"] for one in connection.queries if one["sql"].split()[0].upper() in ("INSERT", "UPDATE", "DELETE")]


def test_a_link_with_a_score_only_chooses_it(client, address, settings):
    settings.DEBUG = True
    before = Invitation.objects.values().get()
    connection.queries_log.clear()
    for method in (client.get, client.head):
        for query in ("", "?score=9", "?score=0&comment=x", "?sent=1", "?score=99", "?score=9%00"):
            response = method(address + query)
            assert response.status_code == 200
            assert not response.cookies
    assert written() == []
    assert Invitation.objects.values().get() == before
    assert not SurveyResponse.objects.exists()
    page = client.get(f"{address}?score=9").content.decode()
    assert 'value="9" required checked' in page
    assert page.count("checked") == 1
    assert "checked" not in client.get(f"{address}?score=11").content.decode()


def test_the_page_brings_nothing_from_elsewhere_and_runs_nothing(client, address):
    response = client.get(address)
    policy = set(response["Content-Security-Policy"].split("; "))
    nothing = {"base-uri 'none'", "default-src 'none'", "frame-ancestors 'none'"}
    assert policy == nothing | {"form-action 'self'", "img-src 'self'", "style-src 'self'"}
    assert response["Referrer-Policy"] == "no-referrer"
    page = response.content.decode()
    assert "<script" not in page
    assert "style=" not in page
    assert "csrf" not in page


def test_the_button_answers_and_the_page_of_thanks_can_be_loaded_again(client, address, invitation):
    response = client.post(address, {"score": "3", "comment": "<b>Slow</b>"})
    assert (response.status_code, response["Location"]) == (303, f"{address}?sent=1")
    for _ in range(2):
        page = client.get(f"{address}?sent=1").content.decode()
        assert "Your answer is 3 of 10. It has arrived. Somebody from your team will read it and get back to you." in page
    assert Event.objects.filter(type="survey.answered").count() == 1
    assert SurveyResponse.objects.get().comment == "<b>Slow</b>"
    again = client.get(address).content.decode()
    assert "You answered 3 of 10." in again
    assert "&lt;b&gt;Slow&lt;/b&gt;</textarea>" in again
    assert "Change my answer" in again


def test_without_a_number_nothing_is_sent_and_the_words_stay(client, address):
    response = client.post(address, {"comment": "Half written"})
    assert response.status_code == 400
    page = response.content.decode()
    assert "Please choose a number first. Nothing was sent." in page
    assert "Half written</textarea>" in page
    assert client.post(address, {"score": "11"}).status_code == 400
    assert not SurveyResponse.objects.exists()


def test_after_a_day_the_page_only_tells(client, address, invitation):
    client.post(address, {"score": "9"})
    Invitation.objects.update(answered_at=clock.now() - timedelta(hours=25))
    response = client.post(address, {"score": "1"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "Your answer of 9 stands since" in page
    assert "<form" not in page
    assert SurveyResponse.objects.get().score == 9


def test_a_survey_that_is_over_says_so(client, address):
    Invitation.objects.update(expires_at=clock.now() - timedelta(hours=1))
    page = client.get(address).content.decode()
    assert "This survey is closed" in page
    assert "<form" not in page
    assert client.post(address, {"score": "9"}).status_code == 409


@pytest.mark.parametrize(
    ("language", "question", "button"),
    [
        ("de-AT,de;q=0.9", "Wie wahrscheinlich ist es, dass Sie uns einer Kollegin oder einem Kollegen weiterempfehlen?", "Antwort senden"),
        ("fr", "Quelle est la probabilité que vous nous recommandiez à un ou une collègue ?", "Envoyer ma réponse"),
        ("sv", "How likely are you to recommend us to a colleague?", "Send my answer"),
    ],
)
def test_it_speaks_the_readers_language(client, address, language, question, button):
    response = client.get(address, headers={"accept-language": language})
    page = response.content.decode()
    assert question in page
    assert button in page
    assert f'<html lang="{response["Content-Language"]}">' in page


def test_a_link_that_was_tampered_with_is_no_link(client, address, invitation):
    assert client.get(address[:-1] + ("A" if address[-1] != "A" else "B")).status_code == 404
    assert client.post(reverse("survey", args=["nothing"]), {"score": "9"}).status_code == 404
    invitation.contact.delete()
    assert client.get(address).status_code == 404


def test_the_foot_leads_to_no_more_surveys_and_a_no_stops_the_reminder(client, address, invitation):
    page = client.get(address).content.decode()
    preferences = page.split('class="foot"><a href="')[1].split('"')[0]
    assert "Surveys" in client.get(preferences).content.decode()
    client.post(preferences, {"want": [f"{channel}:success" for channel in ("email", "in_app", "push")]})
    assert set(Consent.objects.filter(topic="surveys").values_list("channel", "allowed")) == {("email", False), ("in_app", False), ("push", False)}
