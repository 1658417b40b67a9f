"""Composing: templates, idempotency, and what a template may not do."""

from decimal import Decimal

import pytest

from apps.accounts.models import User
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging import rendering, services
from apps.messaging.models import Message, Template
from tests import make

pytestmark = pytest.mark.django_db


def write(now, contact=None, **given) -> Message:
    fields = {"channel": "email", "template_key": "hello", "lane": "save", "idem_key": "k1", "context": {}, "due_at": now, "expires_at": now}
    who = contact or make.contact(make.account(name="Acme", owner=dana()), name="Sam Lee")
    return services.compose(contact=who, actor=Actor.job("test"), now=now, **{**fields, **given})


def dana() -> User:
    person = make.user()
    person.full_name = "Dana Ray"
    person.save()
    return person


def template(body="Hi {{ contact.first_name }}", subject="For {{ account.name }}", version=1, **fields) -> Template:
    return Template.objects.create(**{"key": "hello", "channel": "email", "version": version, "subject": subject, "body": body, **fields})


def test_the_newest_version_is_written_with_the_contacts_the_accounts_and_the_csms_names(now):
    template("old")
    newest = template("Hi {{ contact.first_name }} of {{ account.name }}, {{ play.name }}. {{ csm.name }}", version=2, topic="success")

    message = write(now, context={"play": {"name": "Save"}, "csm": {"name": "Team"}})

    assert (message.subject, message.body) == ("For Acme", "Hi Sam of Acme, Save. Team")
    assert (message.template, message.topic, message.state, message.lane_rank) == (newest, "success", "queued", 1)
    assert message.address == message.contact.email
    assert len(message.reply_token) == 32


@pytest.mark.parametrize(("lane", "rank"), [("transactional", 0), ("save", 1), ("nurture", 2)])
def test_the_lane_gives_the_rank(now, lane, rank):
    template()
    assert write(now, lane=lane).lane_rank == rank


def test_the_same_key_gives_the_first_message_again_whatever_else_is_asked(now):
    template()
    first = write(now)
    second = write(now, template_key="missing", context={"x": "other"})
    assert second.pk == first.pk
    assert Message.objects.get().body == "Hi Sam"


def test_a_missing_template_and_a_misspelt_name_are_refused_by_name_and_nothing_is_queued(now):
    with pytest.raises(Refused) as missing:
        write(now)
    template("Hi {{ contact.frist_name }}")
    with pytest.raises(Refused) as misspelt:
        write(now)
    assert (missing.value.code, misspelt.value.code) == ("no_template", "unknown_variable")
    assert missing.value.message == "There is no email template 'hello'. Create it first."
    assert "contact.frist_name is undefined" in misspelt.value.message
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{{ contact.__class__ }}", "unknown_variable"),
        ("{{ contact._meta.app_config }}", "unknown_variable"),
        ("{{ settings.SECRET_KEY }}", "unknown_variable"),
        ("{% include 'messages/email.html' %}", "template_error"),
        ("{% render '/etc/passwd' %}", "template_error"),
        ("{% for a in (1..100000000) %}x{% endfor %}", "template_limit"),
        ("{% for a in (1..999) %}{% for b in (1..999) %}x{% endfor %}{% endfor %}", "template_limit"),
        ("{% for a in (1..900) %}{{ long }}{% endfor %}", "template_limit"),
        ("{{ contact.name", "template_error"),
        ("{% nonsense %}", "template_error"),
        ("{{ contact.name | no_such_filter }}", "template_error"),
    ],
)
def test_a_template_reaches_nothing_behind_its_values_and_cannot_run_away(now, body, code):
    template(body)
    with pytest.raises(Refused) as refusal:
        write(now, context={"long": "x" * 900})
    assert refusal.value.code == code
    assert not Message.objects.exists()


def test_an_object_never_gets_into_a_template(now):
    template("{{ account.owner }}")
    with pytest.raises(Refused) as refusal:
        write(now, context={"account": {"owner": make.user()}})
    assert (refusal.value.code, refusal.value.message.split(",")[1]) == ("bad_context", " not a User. Pass the value's words instead.")


def test_plain_values_stay_and_money_and_dates_become_words(now):
    assert rendering.plain({"a": [1, 2.5, True, None, "x"], "m": Decimal("1.50"), "d": now.date()}) == {
        "a": [1, 2.5, True, None, "x"],
        "m": "1.50",
        "d": "2026-03-11",
    }


def test_a_line_break_in_a_name_stays_in_the_subject_of_a_mail_which_then_fails_and_nowhere_else(now):
    for channel in ("email", "in_app"):
        template("Hi {{ contact.name }}", subject="For {{ contact.name }}", channel=channel)
    odd = make.contact(make.account(), name="x\r\nBcc: evil@x.test\x1b{{ 1 }}\n")
    mail, note = write(now, odd), write(now, odd, channel="in_app", idem_key="k2")
    assert (mail.subject, note.subject) == ("For x\nBcc: evil@x.test {{ 1 }}", "For x Bcc: evil@x.test {{ 1 }}")
    assert mail.body == note.body == "Hi x Bcc: evil@x.test {{ 1 }}"


def test_a_person_without_a_name_is_greeted_all_the_same(now):
    template()
    assert write(now, make.contact(make.account(), name="")).body == "Hi there"


def test_the_shipped_play_has_its_words_for_both_channels_and_they_are_made_once(now):
    made = services.ensure_templates(now)
    assert {"save-fading email", "save-fading in_app"} <= set(made)
    assert len(made) == len(set(made)) == Template.objects.count()
    assert services.ensure_templates(now) == []
    email = write(now, template_key="save-fading")
    assert email.subject == "Is Acme still getting what you need?"
    assert email.body.startswith("Hi Sam,\n\nI look after Acme on our side. Your team uses us much less than it did.\n")
    assert email.body.endswith("Best,\nDana Ray")
    told = write(now, template_key="save-fading", idem_key="k2", context={"what_changed": "Logins fell from 40 to 9 a week"})
    assert "Logins fell from 40 to 9 a week." in told.body
    note = write(now, template_key="save-fading", idem_key="k3", channel="in_app")
    assert (note.address, note.body.splitlines()[-1]) == ("", "Dana Ray")


def test_staffs_newer_version_stays_and_is_used(now):
    services.ensure_templates(now)
    mine = services.write_template(key="save-fading", channel="email", subject="Hello", body="Ours", actor=Actor.job("test"), now=now)
    services.ensure_templates(now)
    assert mine.version == 2
    assert write(now, template_key="save-fading").body == "Ours"


def test_unreadable_words_are_refused_when_they_are_saved(now):
    with pytest.raises(Refused) as refusal:
        services.write_template(key="a", channel="email", subject="x", body="{% if %}", actor=Actor.job("test"), now=now)
    assert refusal.value.code == "template_error"
    assert not Template.objects.exists()
