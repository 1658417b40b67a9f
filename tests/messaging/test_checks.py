"""A provider that is named wrongly or half configured stops the start with one line that says what to set."""

import pytest

from apps.messaging.checks import providers_are_set_up


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"sms": ["pigeon"]}, "PROVIDERS_SMS names 'pigeon', which is no provider; use some of: smtp, anymail, inbox, twilio, webpush, console."),
        ({"email": ["twilio"]}, "PROVIDERS_EMAIL names 'twilio', which carries only: sms, whatsapp, voice."),
        ({"sms": ["twilio"]}, "twilio carries sms but is half configured: set TWILIO_AUTH_TOKEN and TWILIO_SMS_FROM."),
        ({"push": ["webpush"]}, "webpush carries push but is half configured: set VAPID_PRIVATE_KEY and VAPID_CONTACT."),
    ],
)
def test_what_is_wrong_is_said_in_one_line(settings, named, words):
    settings.TWILIO_ACCOUNT_SID = "AC" + "a" * 32
    settings.MESSAGE_PROVIDERS = named
    assert [error.msg for error in providers_are_set_up()] == [words]


def test_what_is_shipped_is_set_up():
    assert providers_are_set_up() == []
