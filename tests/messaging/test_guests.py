"""What goes to somebody who is no contact: by the sender's hours, under the stranger's own caps and no, and without keeping their address."""

from datetime import timedelta

import pytest

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging import dispatch, guests, selectors, services
from apps.messaging.models import Decision, Message, MessageAttempt, Suppression
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
WORDS = {"title": "Harbourlight", "text": "Invoices for practices.", "link": "https://success.test/c/r/x"}


def invite(sender, address="noor@stranger.test", *, now, key="1", locale="en", **fields) -> Message:
    services.ensure_templates(now)
    times = {"due_at": now, "expires_at": now + timedelta(days=3), **fields}
    return services.compose_to_guest(
        sender=sender, address=address, template_key="invitation", locale=locale, idem_key=key, context=WORDS, actor=ACTOR, now=now, **times
    )


def send(now) -> None:
    dispatch.one_round("email", owner="w1", clock=lambda: now)


@pytest.fixture
def sender(db):
    return make.contact(make.account(name="Riverside", owner=make.user()), name="Ann Lee", time_zone="Europe/Berlin")


def test_an_address_is_known_by_a_key_whatever_is_added_to_the_name():
    assert guests.key_of("Noor.K+x@GMAIL.com") == guests.key_of("noork@googlemail.com")
    assert guests.key_of("noor.k@firm.test") != guests.key_of("noork@firm.test")
    assert "noor" not in guests.key_of("noor@firm.test")


def test_the_key_of_an_earlier_secret_is_still_known(settings):
    before = guests.key_of("noor@firm.test")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert guests.key_of("noor@firm.test") != before
    assert guests.knows(before, "noor@firm.test")


def test_the_mail_is_in_the_senders_name_and_its_only_way_out_is_never_again(now, peer, settings, sender):
    settings.BASE_URL = "https://success.test"
    message = invite(sender, now=now)
    send(now)

    [mail] = peer.mails
    assert (mail["To"], mail["Subject"]) == ("noor@stranger.test", "Ann Lee recommends Harbourlight")
    assert "success@cs.localhost" in mail["From"]
    assert mail["Reply-To"] is None
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "Never invite me again: https://success.test/c/never/" in text
    assert "preferences" not in text
    assert str(mail["List-Unsubscribe"]).strip().startswith("<https://success.test/c/never/")
    message.refresh_from_db()
    assert (message.state, message.address) == ("sent", "")


def test_no_word_of_the_stranger_stays_once_it_is_over(now, peer, sender):
    invite(sender, "noor+550@stranger.test", now=now)
    send(now)

    message = Message.objects.get()
    assert (message.state, message.address) == ("failed", "")
    kept = [*MessageAttempt.objects.values_list("detail", flat=True), *Decision.objects.values_list("reason", flat=True)]
    assert not [words for words in [*kept, message.body, message.subject, message.reason] if "noor" in words.lower()]
    assert Suppression.objects.get().address == guests.key_of("noor@stranger.test")
    with pytest.raises(Refused, match="forgotten"):
        services.requeue(message=message, actor=ACTOR, now=now)


def test_it_waits_for_the_morning_of_the_sender(now, sender):
    # 18:30 UTC is half past seven in the evening in Berlin, 19:30 is half past eight.
    invite(sender, now=now, key="early")
    invite(sender, "lou@stranger.test", now=now, key="late")
    evening = now.replace(hour=19, minute=30)
    claim = dispatch.claim("email", owner="w1", now=evening)
    assert claim.sending == []
    assert Message.objects.filter(state="held", due_at=(evening + timedelta(days=1)).replace(hour=7, minute=0)).count() == 2


def test_it_counts_against_the_strangers_caps_and_not_the_senders(now, sender):
    other = make.contact(make.account(), name="Bo")
    for number, person in enumerate((sender, other, sender)):
        invite(person, now=now, key=str(number))
    assert [message.idem_key for message in dispatch.claim("email", owner="w1", now=now).sending] == ["0", "1"]
    assert Message.objects.get(idem_key="2").state == "held"
    mine = make.message(sender, now=now)
    assert [message.pk for message in dispatch.claim("email", owner="w1", now=now).sending] == [mine.pk]


def test_looking_at_the_link_changes_nothing_and_the_button_ends_it_for_everybody(now, client, sender):
    other = make.contact(make.account(), name="Bo")
    first = invite(sender, now=now)
    later = invite(other, now=now, key="2", due_at=now + timedelta(hours=2))
    link = f"/c/never/{guests.never_token(first.guest)}"

    assert client.get(link).status_code == 200
    assert Suppression.objects.count() == 0
    german = client.get(link, headers={"Accept-Language": "de"})
    assert "Nie wieder einladen" in german.content.decode()

    answer = client.post(link, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.cookies) == (200, {})
    assert set(Message.objects.values_list("state", "address")) == {("cancelled", "")}
    assert later.state == "queued"
    client.post(link)
    assert Suppression.objects.get().address == first.guest
    with pytest.raises(Refused, match="must not be written to"):
        invite(other, "NOOR+again@stranger.test", now=now, key="3")
    with pytest.raises(Refused, match="asked never"):
        services.lift(suppression=Suppression.objects.get(), reason="x", actor=ACTOR, now=now)
    assert client.get("/c/never/tampered").status_code == 404


def test_a_no_between_writing_and_sending_is_seen_by_the_claim_also_under_a_new_secret(now, settings, sender):
    key = guests.key_of("noor@stranger.test")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    message = invite(sender, now=now)
    Suppression.objects.create(channel="email", address=key, reason="They want no invitations.", at=now)
    assert dispatch.claim("email", owner="w1", now=now).sending == []
    message.refresh_from_db()
    assert (message.state, message.reason) == ("suppressed", "The person invited must not be written to: They want no invitations.")


def test_an_answer_of_a_stranger_is_no_answer_of_the_sender(now, sender):
    message = invite(sender, now=now)
    with pytest.raises(Refused, match="belongs to no message"):
        services.record_reply(token=message.reply_token, text="Who are you?", now=now)


def test_an_address_in_doubt_is_forgotten_after_a_week(now, sender):
    message = invite(sender, now=now)
    Message.objects.filter(pk=message.pk).update(state="unknown", claimed_at=now)
    assert services.forget_guests(now=now + timedelta(days=6)) == 0
    assert services.forget_guests(now=now + timedelta(days=8)) == 1
    with pytest.raises(Refused, match="only be settled as sent"):
        services.settle_unknown(message=message, was_sent=False, actor=ACTOR, now=now)


def test_the_sender_leaves_and_nothing_goes_out_in_their_name(now, sender):
    message = invite(sender, now=now)
    sender.departed_on = now.date()
    sender.save()
    dispatch.claim("email", owner="w1", now=now)
    message.refresh_from_db()
    assert (message.state, message.address) == ("suppressed", "")
    assert selectors.inbox(sender).count() == 0
