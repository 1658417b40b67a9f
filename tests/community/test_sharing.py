"""What a person takes part in: asked at the moment of use, changed by a pressed button only, kept as evidence, erased with the person."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.community import selectors, services
from apps.community.models import NamedConsent, SharingChoice
from apps.community.types import Surface
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.messaging import selectors as messaging
from apps.messaging import services as messages
from apps.messaging.models import Consent
from apps.milestones import services as milestones
from apps.milestones.models import RecognitionChoice
from cs_platform.privacy import erase
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam():
    return make.contact(make.account(), name="Sam Doe")


def page(contact) -> str:
    return f"/c/sharing/{messaging.preferences_token(contact.pk)}"


def press(contact, **form):
    return Client(enforce_csrf_checks=True).post(page(contact), form)


def test_who_said_nothing_may_be_asked_and_counted_but_never_ranked_or_named(sam):
    assert {surface.value for surface in Surface if sam.pk in selectors.may([sam.pk], surface)} == {"referral", "advocacy", "proof"}


def test_many_people_are_asked_for_in_one_statement_and_the_newest_word_counts(sam, now):
    others = [make.contact(sam.account) for _ in range(3)]
    services.choose(others[0], {"referral": False}, source="csm", actor=make.ACTOR, now=now)
    for allowed in (False, True):
        services.choose(others[1], {"referral": allowed}, source="csm", actor=make.ACTOR, now=now)
    others[2].departed_on = now.date()
    others[2].save()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert selectors.may([sam.pk, *(one.pk for one in others)], "referral") == {sam.pk, others[1].pk}
    assert len(asked) == 1
    assert selectors.may([], "referral") == set()


def test_looking_changes_nothing_sets_no_cookie_and_shows_what_counts_now(client, sam):
    for answer in (client.get(page(sam)), client.head(page(sam))):
        assert (answer.status_code, answer.cookies, answer["Content-Language"]) == (200, {}, "en")
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "script" not in answer["Content-Security-Policy"]
    shown = client.get(page(sam)).content.decode()
    assert "<script" not in shown
    assert 'value="referral" checked>' in shown
    assert 'value="boards">' in shown
    assert page(sam) in client.get(f"/c/preferences/{messaging.preferences_token(sam.pk)}").content.decode()
    # A query is no word, whatever it says.
    client.get(f"{page(sam)}?want=boards&item=x&answer=yes")
    assert not SharingChoice.objects.exists()


def test_it_speaks_german(client, sam):
    shown = client.get(page(sam), headers={"Accept-Language": "de-AT"}).content.decode()
    assert '<html lang="de">' in shown
    assert "Woran Sie teilnehmen" in shown


def test_saving_is_evidence_by_them_and_a_repeat_changes_nothing(sam):
    for _ in range(2):
        assert "Saved." in press(sam, want=["proof", "boards"]).content.decode()
    rows = {row.surface: row for row in SharingChoice.objects.all()}
    assert SharingChoice.objects.count() == 5
    assert {name for name, row in rows.items() if row.allowed} == {"proof", "boards"}
    assert {(row.source, row.actor) for row in rows.values()} == {("sharing page", f"contact:{sam.pk}")}
    told = Event.objects.get(type="community.sharing_chosen")
    assert told.payload["surfaces"] == ["proof", "boards"]


def test_a_no_takes_back_what_waits_and_the_governor_keeps_it(sam, now):
    waiting = make.message(sam, now=now, topic="referral")
    other = make.message(sam, now=now, topic="success")
    services.choose(sam, {"referral": False}, source="csm", actor=make.ACTOR, now=now)
    for message in (waiting, other):
        message.refresh_from_db()
    assert (waiting.state, other.state) == ("cancelled", "queued")
    late = make.message(sam, now=now, topic="referral")
    assert not messaging.histories([late], channel="email", now=now)[late.pk].allowed


def test_a_yes_takes_back_only_the_no_that_was_said_here(sam, now):
    messages.record_consent(contact=sam, channel="email", topic="advocacy", allowed=False, source="one-click", now=now)
    for allowed in (False, True):
        services.choose(sam, {"advocacy": allowed}, source="csm", actor=make.ACTOR, now=now)
    newest = Consent.objects.filter(topic="advocacy").order_by("channel", "-at", "-id").distinct("channel")
    assert {row.channel for row in newest if not row.allowed} == {"email"}
    assert len(newest) == 6


def test_a_no_to_boards_takes_them_off_every_board(sam, now):
    milestones.choose_recognition(contact=sam, level="public", actor=make.ACTOR, now=now)
    services.choose(sam, {"boards": False}, source="csm", actor=make.ACTOR, now=now)
    assert RecognitionChoice.objects.get().level == "none"


def test_an_unknown_surface_is_refused_and_nothing_is_written(sam, now):
    with pytest.raises(Refused, match="no fame to take part in"):
        services.choose(sam, {"fame": True, "proof": False}, source="csm", actor=make.ACTOR, now=now)
    assert not SharingChoice.objects.exists()


def test_nothing_names_anybody_without_a_yes_to_its_very_words(client, sam, now):
    with pytest.raises(Refused, match="does not want to be named"):
        services.ask_to_name(contact=sam, item="case:1", words="Sam Doe says: great", actor=make.ACTOR, now=now)
    services.choose(sam, {"named": True}, source="csm", actor=make.ACTOR, now=now)
    services.ask_to_name(contact=sam, item="case:1", words="Sam Doe says: great", actor=make.ACTOR, now=now)
    assert selectors.may_name([sam.pk], "case:1") == set()
    assert "Sam Doe says: great" in client.get(page(sam)).content.decode()
    assert "noted" in press(sam, item="case:1", answer="yes").content.decode()
    assert selectors.may_name([sam.pk], "case:1") == {sam.pk}
    assert selectors.may_name([sam.pk], "case:2") == set()
    # Other words are another question.
    services.ask_to_name(contact=sam, item="case:1", words="Sam Doe says: the best", actor=make.ACTOR, now=now)
    assert selectors.may_name([sam.pk], "case:1") == set()
    press(sam, item="case:1", answer="yes")
    services.choose(sam, {"named": False}, source="csm", actor=make.ACTOR, now=now)
    assert selectors.may_name([sam.pk], "case:1") == set()


def test_a_yes_can_be_taken_back_and_nobody_answers_what_was_not_asked(sam, now):
    services.choose(sam, {"named": True}, source="csm", actor=make.ACTOR, now=now)
    services.ask_to_name(contact=sam, item="case:1", words="Sam Doe", actor=make.ACTOR, now=now)
    press(sam, item="case:1", answer="yes")
    press(sam, item="case:1", answer="no")
    assert NamedConsent.objects.get().allowed is False
    assert press(sam, item="case:2", answer="yes").status_code == 404
    assert press(sam, item="case:1", answer="maybe").status_code == 404
    assert Event.objects.filter(type="community.naming_answered").count() == 2


@pytest.mark.parametrize("token", ["1:abc", "abc"])
def test_a_link_that_is_not_ours_opens_nothing(client, sam, token):
    assert client.get(f"/c/sharing/{token}").status_code == 404
    assert client.post(f"{page(sam)}x", {"want": []}).status_code == 404
    assert not SharingChoice.objects.exists()


def test_who_is_erased_takes_part_in_nothing_and_their_words_are_gone(sam, now):
    services.choose(sam, dict.fromkeys(Surface.values, True), source="their own words", actor=Actor.contact(sam.pk), now=now)
    services.ask_to_name(contact=sam, item="case:1", words="Sam Doe", actor=make.ACTOR, now=now)
    erase.erase_person(sam, actor=make.ACTOR, now=now)
    assert [surface for surface in Surface if selectors.may([sam.pk], surface)] == []
    assert set(SharingChoice.objects.values_list("source", "actor")) == {("erased", str(make.ACTOR))}
    assert not NamedConsent.objects.exists()


def test_a_no_said_under_another_id_is_theirs_still_and_a_yes_is_not_carried_over(sam, now):
    gone = make.contact(sam.account)
    services.choose(gone, {"proof": False, "boards": True, "named": True}, source="csm", actor=make.ACTOR, now=now - timedelta(days=2))
    services.choose(sam, {"advocacy": False}, source="csm", actor=make.ACTOR, now=now - timedelta(days=1))
    assert services.carry_over(kept=sam, gone=gone, actor=make.ACTOR, now=now) == 1
    assert {surface.value for surface in Surface if sam.pk in selectors.may([sam.pk], surface)} == {"referral"}
    # What they said themselves later stands.
    services.choose(sam, {"proof": True}, source="csm", actor=make.ACTOR, now=now)
    assert services.carry_over(kept=sam, gone=gone, actor=make.ACTOR, now=now) == 0
